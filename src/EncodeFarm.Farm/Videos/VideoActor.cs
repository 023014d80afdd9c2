using EncodeFarm.Actors;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Videos;

/// <param name="Directory">The job's own directory on the coordinator.</param>
/// <param name="Order">Submission order, for placement.</param>
/// <param name="Publish">Called with every new state.</param>
/// <param name="Log">One line for people about what happened.</param>
public sealed record VideoOptions(
    string Id,
    string Directory,
    long Order,
    RetryPolicy Policy,
    Random Random,
    IJournal Journal,
    IArtifactStore Store,
    IMediaWork Media,
    IActorRef<DispatchMessage> Dispatcher,
    Action<VideoState> Publish,
    Action<string, VideoEvent> Log
)
{
    /// <summary>Called with what has ended the video, until it is started again or for good.</summary>
    public Action<Exception> Failed { get; init; } = _ => { };

    /// <summary>How long after a job is over its actor stays in memory; null for ever.</summary>
    public TimeSpan? RestAfter { get; init; }
}

/// <summary>
/// One job's life. It only persists and makes what runs equal to what is wanted; every decision is one of three pure
/// functions (<see cref="VideoDecider"/>, <see cref="VideoFold"/>, <see cref="VideoWants"/>).
/// </summary>
/// <param name="videos">The parent, which passivates a video that is over.</param>
public sealed class VideoActor(VideoOptions options, IActorRef<VideosMessage> videos)
    : PersistentActor<VideoMessage, VideoState, VideoEvent>(
        options.Id,
        options.Journal,
        FarmCodecs.Events,
        new VideoStateCodec(),
        VideoState.Empty
    )
{
    readonly Dictionary<TaskId, IActorRef> _running = [];

    protected override VideoState Apply(VideoState state, VideoEvent happened) =>
        VideoFold.Apply(state, happened);

    protected override async ValueTask RecoveredAsync()
    {
        await DecideAsync(new Open());
        Reconcile();
    }

    protected override async ValueTask ReceiveAsync(VideoMessage message)
    {
        switch (message)
        {
            case Handle handle:
                await HandleAsync(handle);
                break;
            case Describe describe:
                describe.ReplyTo.Tell(new VideoAnswer(State));
                break;
            case TaskStopped stopped:
                _running.Remove(stopped.Task);
                break;
            case Idle:
                videos.Tell(new Passivate(options.Id));
                break;
            case Rest when State.Over && _running.Count == 0:
                Context.StopSelf();
                return;
            case Rest:
                videos.Tell(new StayedAwake(options.Id));
                break;
        }
        Reconcile();
    }

    protected override ValueTask StoppedAsync(Exception? cause)
    {
        if (cause is not null)
        {
            options.Failed(cause);
        }
        return ValueTask.CompletedTask;
    }

    async Task HandleAsync(Handle handle)
    {
        try
        {
            var refusal = await DecideAsync(handle.Input);
            // What runs is made right before the answer, so that whoever is answered finds the new offers in place.
            Reconcile();
            handle.ReplyTo?.Tell(new VideoAnswer(State, refusal));
        }
        catch (Exception error)
        {
            handle.ReplyTo?.Tell(new VideoAnswer(State, null, error.Message));
            throw;
        }
    }

    async Task<string?> DecideAsync(VideoInput input)
    {
        var context = new DecideContext(Context.Time.GetUtcNow(), options.Policy, options.Random);
        var decision = VideoDecider.Decide(State, input, context);
        await PersistAsync(decision.Events);
        foreach (var happened in decision.Events)
        {
            options.Log(options.Id, happened);
        }
        return decision.Refusal;
    }

    /// <summary>Makes what runs equal to what is wanted.</summary>
    void Reconcile()
    {
        var now = Context.Time.GetUtcNow();
        var wanted = VideoWants.Wanted(State, now);
        foreach (var (id, actor) in _running)
        {
            if (!wanted.Tasks.Contains(id))
            {
                Context.Stop(actor);
            }
        }
        // Before its tasks ask for a slot: the dispatcher asks for the video's place among the others.
        Offer(wanted);
        foreach (var id in wanted.Tasks.Where(id => wanted.StartNew && !_running.ContainsKey(id)))
        {
            var actor = Context.Spawn(id.ToString(), () => Build(id), Supervision.Stopping);
            _running[id] = actor;
            Context.Watch(actor, new TaskStopped(id));
        }
        if (wanted.WakeAt is { } at)
        {
            Context.StartTimer("wake", at - now, new Wake());
        }
        if (State.Over && options.RestAfter is { } after)
        {
            Context.StartTimer("idle", after, new Idle());
        }
        options.Publish(State);
    }

    void Offer(Wanted wanted)
    {
        if (State.Finished || State.PausedNow)
        {
            options.Dispatcher.Tell(new WithdrawVideo(options.Id, Stop: true));
            return;
        }
        options.Dispatcher.Tell(
            new OfferVideo(
                new VideoOffers(
                    options.Id,
                    State.Priority,
                    options.Order,
                    State.Fingerprint,
                    State.Plan?.Hash ?? "",
                    wanted.Offers
                )
                {
                    Needs = Labels.Parse(State.Spec?.Profile.Needs ?? ""),
                    Paused = !wanted.StartNew,
                }
            )
        );
    }

    LongTask Build(TaskId id)
    {
        var self = Context.Self;
        var task = new TaskContext(
            options.Id,
            State,
            options.Directory,
            options.Media,
            options.Store,
            options.Dispatcher,
            input => self.Tell(new Handle(input))
        );
        return id.Kind switch
        {
            TaskKind.Plan => new SegmenterActor(task),
            TaskKind.Pieces => new PieceCutterActor(task, $"{Sequence}"),
            TaskKind.Audio => new AudioActor(task, id),
            TaskKind.Mux => new MuxerActor(task, id),
            TaskKind.Deliver => new DeliveryActor(task, id),
            _ => new CleanerActor(task),
        };
    }
}
