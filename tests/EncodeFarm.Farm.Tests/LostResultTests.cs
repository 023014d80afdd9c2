using System.Security.Cryptography;
using EncodeFarm.Actors;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm.Tests;

/// <summary>A worker keeps a result whose encoded file is no longer what it was.</summary>
public sealed class LostResultTests : IDisposable
{
    const string Attempt = "1-1";
    static readonly byte[] Content = [1, 2, 3, 4];

    readonly TestDirectory _directory = new();
    readonly ManualTimeProvider _time = new();
    readonly TestProbe<Heartbeat> _beats = new();
    readonly TestProbe<AttemptResult> _results = new();
    readonly TestProbe<ActorLog> _logs = new();

    public void Dispose() => _directory.Dispose();

    string Root => _directory.File("worker");

    /// <summary>What a worker that was ended has left, and what has become of the file meanwhile.</summary>
    void Leave(byte[]? content)
    {
        var kept = new KeptResults(Root);
        var sample = Samples.Encoded(new SegmentId(0, 0), Attempt);
        var artifact = sample.Artifact with
        {
            Length = Content.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Content)),
        };
        kept.Keep(
            new AttemptResult(
                Attempt,
                "job",
                "plan",
                new SegmentId(0, 0),
                1,
                "w",
                sample with
                {
                    Artifact = artifact,
                }
            )
        );
        if (content is not null)
        {
            File.WriteAllBytes(kept.FileOf("job", Attempt), content);
        }
    }

    async Task<(ActorSystem System, IActorRef<WorkerMessage> Worker)> WorkAsync()
    {
        var network = new InProcessNetwork(_time, error => throw error);
        var coordinator = network.Join(NodeAddress.New("c"));
        await coordinator.ListenToSignalsAsync(
            message =>
            {
                _beats.Tell((Heartbeat)FarmCodecs.Wire.Open(message)!);
                return Task.CompletedTask;
            },
            default
        );
        await coordinator.ConsumeResultsAsync(
            message =>
            {
                _results.Tell(((ResultMessage)FarmCodecs.Wire.Open(message)!).Result);
                return Task.CompletedTask;
            },
            1,
            default
        );
        var system = new ActorSystem(
            "test",
            new ActorSystemOptions { Time = _time, Log = _logs.Tell }
        );
        var worker = system.Spawn(
            "worker",
            () =>
                new WorkerActor(
                    new WorkerOptions(1, Samples.Fingerprint, Root, null, () => null),
                    network.Join(NodeAddress.New("w")),
                    new DirectoryStore(_directory.File("store")),
                    (_, _) => throw new InvalidOperationException("Nothing is fetched."),
                    null!
                )
        );
        return (system, worker);
    }

    [Fact]
    public async Task One_that_is_whole_is_handed_over()
    {
        Leave(Content);
        var (system, _) = await WorkAsync();
        await using var running = system;

        (await _results.ReceiveAsync()).Attempt.ShouldBe(Attempt);
        var beat = await _beats.ReceiveAsync();
        beat.Finished.ShouldBe([Attempt]);
        beat.Kept.ShouldBe([new KeptReport(Attempt, "job", new SegmentId(0, 0))]);
    }

    /// <summary>The coordinator that has it may be lost before it has recorded it.</summary>
    [Fact]
    public async Task It_is_published_again_as_soon_as_there_is_a_new_coordinator()
    {
        Leave(Content);
        var (system, worker) = await WorkAsync();
        await using var running = system;
        (await _results.ReceiveAsync()).Attempt.ShouldBe(Attempt);

        worker.Tell(new EpochHeard(2));
        (await _results.ReceiveAsync()).Attempt.ShouldBe(Attempt);

        worker.Tell(new EpochHeard(2));
        await system.IdleAsync();
        _results.Count.ShouldBe(0);
    }

    /// <summary>Otherwise the coordinator would wait for it as long as the worker lives.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 1, 2, 3, 5 })]
    public async Task One_that_is_gone_or_damaged_is_given_up(byte[]? content)
    {
        Leave(content);
        var (system, _) = await WorkAsync();
        await using var running = system;

        (await _beats.ReceiveAsync()).Finished.ShouldBe([Attempt]);
        // The file is looked at outside of the actors: nobody is busy while that lasts.
        (await _logs.ReceiveAsync()).Text.ShouldContain("gone or damaged");
        await system.IdleAsync();
        _time.Advance(TimeSpan.FromSeconds(1));

        (await _beats.ReceiveAsync()).Finished.ShouldBeEmpty();
        _results.Count.ShouldBe(0);
        Directory.GetFiles(Path.Combine(Root, "job", "results")).ShouldBeEmpty();
    }
}
