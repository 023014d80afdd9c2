using EncodeFarm.Actors;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm;

/// <summary>One job of the embedded farm, with the journal in its own directory.</summary>
/// <param name="Epoch">Of this process in that journal; higher than that of every process before.</param>
public sealed record EmbeddedJob(JobSpec Spec, IJournal Journal, long Epoch)
{
    /// <summary>Among the jobs of one command.</summary>
    internal long Order { get; init; }
}

/// <param name="JobsRoot">Directory with a folder for each job, named by its id.</param>
/// <param name="Fingerprint">Of this machine's tools.</param>
/// <param name="MinimumFree">Free bytes below <paramref name="JobsRoot"/> under which no new attempt begins.</param>
public sealed record EmbeddedFarmOptions(
    string JobsRoot,
    int Slots,
    string Fingerprint,
    long MinimumFree,
    RetryPolicy Policy,
    TimeProvider Time,
    Random Random,
    Action<ActorLog> Log,
    Action<string, VideoEvent> Happened
);

/// <summary>
/// The whole farm in one process: the same actors and messages as in a cluster, over the in-process transport, with
/// one worker on this machine.
/// </summary>
public sealed class EmbeddedFarm : IAsyncDisposable
{
    /// <summary>Actors end as soon as their tools have: the runner gives those 2 s before it kills them.</summary>
    static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);
    const string Node = "local";

    readonly EmbeddedFarmOptions _options;
    readonly IMediaWork _media;
    readonly IReadOnlyDictionary<string, EmbeddedJob> _jobs;
    readonly long _epoch;
    readonly ActorSystem _system;
    readonly InProcessTransport _transport;
    readonly DirectoryStore _store;

    public EmbeddedFarm(
        EmbeddedFarmOptions options,
        IMediaWork media,
        IReadOnlyList<EmbeddedJob> jobs
    )
    {
        _options = options;
        _media = media;
        _jobs = jobs.Select((job, order) => job with { Order = order })
            .ToDictionary(job => job.Spec.Id);
        _epoch = jobs.Max(job => job.Epoch);
        _store = new DirectoryStore(options.JobsRoot);
        _system = new ActorSystem(
            "encodefarm",
            new ActorSystemOptions
            {
                Time = options.Time,
                Random = options.Random,
                Log = options.Log,
            }
        );
        _transport = new InProcessNetwork(
            options.Time,
            error =>
                options.Log(new ActorLog(ActorLogLevel.Error, "/transport", error.Message, error))
        ).Join(NodeAddress.New(Node));
    }

    public FarmMonitor Monitor { get; } = new();

    /// <summary>
    /// Runs all jobs until each is delivered, failed or cancelled, and cleaned up. What can't be removed is left to a later
    /// run of the same job: nobody waits a minute for what he does not see.
    /// </summary>
    /// <returns>The final state of each job, in the order in which they were given.</returns>
    public async Task<IReadOnlyList<VideoState>> RunAsync(CancellationToken cancellation)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check()
        {
            var videos = Monitor.Videos;
            if (_jobs.Keys.All(id => videos.TryGetValue(id, out var state) && IsOver(state)))
            {
                done.TrySetResult();
            }
        }
        var videos = await StartAsync(cancellation);
        foreach (var job in _jobs.Values)
        {
            await AskAsync(videos, job.Spec.Id, new Submit(job.Spec, _options.Fingerprint));
        }
        // Not before: a job that had failed is over until its submission has begun it again.
        Monitor.Changed += Check;
        Check();
        StartWorker();
        await done.Task.WaitAsync(cancellation);
        return [.. _jobs.Keys.Select(id => Monitor.Videos[id])];
    }

    bool IsOver(VideoState state) =>
        state.Over || (state.Finished && state.CleanTries?.NotBefore > _options.Time.GetUtcNow());

    async Task<IActorRef<VideosMessage>> StartAsync(CancellationToken cancellation)
    {
        IActorRef<VideosMessage>? videos = null;
        var effects = new DispatcherEffects(
            (_, message) => SendAsync(message),
            (video, input) => videos?.Tell(new ToVideo(video, new Handle(input))),
            Monitor.Update,
            () => videos?.Tell(new ToAllVideos(new OfferAgain()))
        );
        var dispatcherOptions = new DispatcherOptions(new AttemptIds(_epoch), Node, 1);
        var dispatcher = _system.Spawn(
            "dispatcher",
            () => new DispatcherActor(dispatcherOptions, effects)
        );
        videos = _system.Spawn(
            "videos",
            () => new VideosActor(id => OptionsOf(id, dispatcher), _ => { })
        );
        await _transport.ListenToSignalsAsync(
            envelope =>
            {
                if (FarmCodecs.Wire.Open(envelope) is Heartbeat beat)
                {
                    dispatcher.Tell(new NodeBeat(beat));
                }
                return Task.CompletedTask;
            },
            cancellation
        );
        await _transport.ConsumeResultsAsync(
            envelope => RecordAsync(envelope, videos, dispatcher),
            _epoch,
            cancellation
        );
        return videos;
    }

    VideoOptions OptionsOf(string id, IActorRef<DispatchMessage> dispatcher) =>
        new(
            id,
            Path.Combine(_options.JobsRoot, id),
            _jobs[id].Order,
            _options.Policy,
            _options.Random,
            _jobs[id].Journal,
            _store,
            _media,
            dispatcher,
            state => Monitor.Update(id, state),
            _options.Happened
        );

    /// <summary>The worker comes last: what it has kept from an earlier run is for videos that are there by then.</summary>
    void StartWorker()
    {
        var options = new WorkerOptions(
            _options.Slots,
            _options.Fingerprint,
            _options.JobsRoot,
            [.. _jobs.Keys],
            () => DiskGuard.Closed(_options.JobsRoot, _options.MinimumFree)
        );
        var worker = _system.Spawn(
            "worker",
            () =>
                new WorkerActor(
                    options,
                    _transport,
                    _store,
                    // The store is a directory here: the piece lies there already.
                    async (piece, stop) => new(await _store.FetchAsync(piece, "", stop)),
                    _media
                )
        );
        _transport.ListenAsync(
            envelope =>
            {
                worker.Tell(new Commanded(FarmCodecs.Wire.Open(envelope)));
                return Task.CompletedTask;
            },
            CancellationToken.None
        );
    }

    /// <summary>A result is acknowledged to its worker after the journal write, or when nobody wants it.</summary>
    async Task RecordAsync(
        Envelope envelope,
        IActorRef<VideosMessage> videos,
        IActorRef<DispatchMessage> dispatcher
    )
    {
        if (FarmCodecs.Wire.Open(envelope) is not ResultMessage { Result: var result })
        {
            return;
        }
        dispatcher.Tell(new AttemptArrived(result.Attempt, Failures.VerdictOf(result.Outcome)));
        if (_jobs.ContainsKey(result.Video))
        {
            await AskAsync(videos, result.Video, result);
        }
        dispatcher.Tell(new AttemptSettled(result.Attempt, result.Node));
        await SendAsync(new ResultRecorded(_epoch, result.Attempt));
    }

    /// <summary>There is one node, and it is this one.</summary>
    Task<bool> SendAsync(WireMessage message) =>
        _transport.SendAsync(
            _transport.Self,
            FarmCodecs.Wire.Seal(message),
            CancellationToken.None
        );

    static async Task<VideoAnswer> AskAsync(
        IActorRef<VideosMessage> videos,
        string id,
        VideoInput input
    )
    {
        var answer = await videos.AskAsync<VideosMessage, VideoAnswer>(
            reply => new ToVideo(id, new Handle(input, reply)),
            AnswerLimit
        );
        return answer.Error is null ? answer : throw new IOException(answer.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await _system.ShutdownAsync(ShutdownLimit);
        await _transport.DisposeAsync();
    }
}
