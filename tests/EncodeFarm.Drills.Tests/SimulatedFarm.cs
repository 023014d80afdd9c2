using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Farm;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Drills.Tests;

/// <summary>
/// A coordinator and many workers in this process, over a real broker: everything is as in a farm but the attempts,
/// which only wait.
/// </summary>
sealed class SimulatedFarm : IAsyncDisposable
{
    const int JoiningAtOnce = 20;
    static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    readonly TestDirectory _directory = new("encodefarm-simulated");
    readonly MemoryStore _store = new();
    readonly List<IAsyncDisposable> _parts = [];
    readonly RabbitMqOptions _options;
    CoordinatorTerm? _term;
    long _unreachable;
    long _lost;
    long _encoded;

    SimulatedFarm(RabbitMqOptions broker, TimeSpan attempt) =>
        (_options, Media) = (broker, new WaitingMedia(attempt));

    public WaitingMedia Media { get; }

    /// <summary>How often the failure detector took a node that lives for a dead one.</summary>
    public long Unreachable => Interlocked.Read(ref _unreachable);

    public long Lost => Interlocked.Read(ref _lost);

    public long Encoded => Interlocked.Read(ref _encoded);

    public int Members => _term!.Members.Members.Count(member => member.Status == MemberStatus.Up);

    /// <param name="attempt">How long each attempt waits.</param>
    public static async Task<SimulatedFarm> StartAsync(
        RabbitMqOptions broker,
        int workers,
        TimeSpan attempt
    )
    {
        var farm = new SimulatedFarm(broker with { Farm = $"s{Guid.NewGuid():n}"[..12] }, attempt);
        await farm.StartCoordinatorAsync();
        var numbers = Enumerable.Range(0, workers);
        foreach (var some in numbers.Chunk(JoiningAtOnce))
        {
            await Task.WhenAll(some.Select(farm.StartWorkerAsync));
        }
        return farm;
    }

    public async Task SubmitAsync(string id)
    {
        var spec = Samples.Job(bestEffort: false) with
        {
            Id = id,
            Destinations = [$"/out/{id}.mkv"],
        };
        (await _term!.SubmitAsync(spec, default)).Refusal.ShouldBeNull();
    }

    async Task StartCoordinatorAsync()
    {
        var (node, transport) = await ConnectAsync("c", "coordinator");
        var seat = await SqliteSeat.OpenAsync(
            _directory.File("journal"),
            TimeProvider.System,
            default
        );
        _parts.Add(seat);
        var mandates = new TaskCompletionSource<Mandate>();
        seat.Apply(mandate => mandates.TrySetResult(mandate), _ => { });
        var mandate = await mandates.Task;
        var options = new TermOptions(
            mandate.Epoch,
            _directory.File("jobs"),
            Samples.Fingerprint,
            1,
            RetryPolicy.Default,
            new JoinCheck("", JoinCheck.CurrentProtocol),
            new FailureLimits(),
            node.Members,
            mandate.MayDecide,
            TimeProvider.System,
            _ => { },
            (_, happened) => Count(happened)
        );
        _term = await CoordinatorTerm.BeginAsync(
            options,
            transport,
            mandate.Journal,
            mandate.Index,
            _store,
            Media,
            default
        );
        _parts.Add(_term);
        node.Term = () => _term;
        node.MembersChanged += events =>
            Interlocked.Add(
                ref _unreachable,
                events.Count(e => e is MemberReachability { Unreachable: true })
            );
        node.Join("", isWorker: false, Beat, () => Machine);
    }

    void Count(VideoEvent happened)
    {
        switch (happened)
        {
            case SegmentEncoded:
                Interlocked.Increment(ref _encoded);
                break;
            case AttemptLost or AttemptFailed:
                Interlocked.Increment(ref _lost);
                break;
        }
    }

    /// <summary>As long on the wire as a real one.</summary>
    static readonly NodeResources Machine = new(16, 33_554_432_000, 29_876_543_210, 987_654_321_000)
    {
        ForeignLoad = 12,
        AttemptLimit = 26_843_545_600,
        AttemptRoom = 26_843_545_600,
    };

    async Task StartWorkerAsync(int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"w{number:000}");
        var (node, transport) = await ConnectAsync(name, "worker");
        var options = new WorkerOptions(
            1,
            Samples.Fingerprint,
            _directory.File(name),
            null,
            () => null
        )
        {
            Beat = Beat,
            Resources = () => Machine,
        };
        node.StartWorker(
            () =>
                new WorkerActor(
                    options,
                    transport,
                    _store,
                    (_, _) => throw new InvalidOperationException("There are no pieces."),
                    Media
                ),
            options
        );
        node.Join("", isWorker: true, Beat, () => Machine);
    }

    async Task<(ClusterNode Node, RabbitMqTransport Transport)> ConnectAsync(
        string name,
        string role
    )
    {
        var transport = await RabbitMqTransport.ConnectAsync(
            NodeAddress.New(name),
            _options,
            TimeProvider.System,
            _ => { },
            default
        );
        var node = new ClusterNode(
            transport,
            self => new NodeCard(self, name, [role], "1", null),
            TimeProvider.System,
            _ => { }
        );
        lock (_parts)
        {
            _parts.Add(transport);
            _parts.Add(node);
        }
        await node.ListenAsync(default);
        return (node, transport);
    }

    public async ValueTask DisposeAsync()
    {
        // Who was started last ends first, many at a time.
        foreach (var some in Enumerable.Reverse(_parts).Chunk(2 * JoiningAtOnce))
        {
            await Task.WhenAll(some.Select(part => part.DisposeAsync().AsTask()));
        }
        _directory.Dispose();
    }
}

/// <summary>Plans jobs of 200 segments; an attempt waits, and makes a file of four bytes.</summary>
sealed class WaitingMedia(TimeSpan attempt) : IMediaWork
{
    public const int Segments = 200;
    static readonly byte[] Result = [1, 2, 3, 4];
    static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData(Result));

    /// <summary>When each attempt began.</summary>
    public ConcurrentQueue<long> Starts { get; } = [];

    public Task<PlanMade> PlanAsync(
        JobSpec spec,
        string directory,
        CancellationToken cancellation
    ) => Task.FromResult(Samples.Plan(spec, Segments, audio: 0));

    public async Task<SegmentOutcome> EncodeAsync(
        string video,
        SegmentTask task,
        string scratch,
        SlotShare share,
        IProgress<AttemptProgress> progress,
        CancellationToken cancellation
    )
    {
        Starts.Enqueue(TimeProvider.System.GetTimestamp());
        await Task.Delay(attempt, cancellation);
        var path = Path.Combine(scratch, "result");
        await File.WriteAllBytesAsync(path, Result, cancellation);
        var figures = Samples.Encoded(default, "").Figures;
        return new SegmentOutcome.Encoded(
            path,
            Result.Length,
            Hash,
            task.Source.Frames,
            figures.Crf,
            figures.Tier,
            false,
            figures.Scores,
            1,
            [],
            figures.Cpu,
            figures.EncodeSeconds
        );
    }

    /// <summary>Never ends: what comes after the segments is not looked at.</summary>
    public async Task<Delivering> MuxAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> segments,
        string directory,
        CancellationToken cancellation
    )
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        throw new InvalidOperationException();
    }

    public Task<CutPiece> CutAsync(
        VideoState state,
        int segment,
        string path,
        string directory,
        CancellationToken cancellation
    ) => throw new InvalidOperationException("There are no pieces.");

    public Task<CopiedFile> CopyWholeAsync(
        VideoState state,
        string path,
        CancellationToken cancellation
    ) => throw new InvalidOperationException("There are no pieces.");

    public Task<EncodedAudio> EncodeAudioAsync(
        VideoState state,
        int variant,
        int track,
        string directory,
        CancellationToken cancellation
    ) => throw new InvalidOperationException("There is no sound.");

    public Task DeliverAsync(JobSpec spec, Delivering file, CancellationToken cancellation) =>
        throw new InvalidOperationException("Nothing is muxed.");
}

/// <summary>Remembers what it was given, as far as anybody asks.</summary>
sealed class MemoryStore : IArtifactStore
{
    readonly ConcurrentDictionary<string, long> _lengths = new();

    public Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation)
    {
        _lengths[artifact.Name] = artifact.Length;
        return Task.CompletedTask;
    }

    public Task<long?> FindAsync(string name, CancellationToken cancellation) =>
        Task.FromResult<long?>(_lengths.TryGetValue(name, out var length) ? length : null);

    public Task<string> FetchAsync(
        StoredArtifact artifact,
        string copy,
        CancellationToken cancellation
    ) => Task.FromResult(copy);

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        _lengths.TryRemove(name, out _);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<string>>([
            .. _lengths
                .Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ]);
}
