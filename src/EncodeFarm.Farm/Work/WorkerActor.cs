using EncodeFarm.Actors;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm.Work;

/// <param name="Root">Directory with a folder for each video: scratch space and kept results.</param>
/// <param name="Videos">Whose kept results this worker takes over at start; null for all below the root.</param>
/// <param name="MinimumFree">Free bytes below which the node takes no new attempts.</param>
public sealed record WorkerOptions(
    string Node,
    string Incarnation,
    int Slots,
    string Fingerprint,
    string Root,
    IReadOnlyList<string>? Videos,
    long MinimumFree
);

/// <summary>One machine's hands: takes assignments while it has slots, says each second what it does, keeps results until they are recorded.</summary>
public sealed class WorkerActor(
    WorkerOptions options,
    IFarmTransport transport,
    IArtifactStore store,
    IMediaWork media
) : Actor<WorkerMessage>
{
    static readonly TimeSpan BeatPeriod = TimeSpan.FromSeconds(1);
    static readonly TimeSpan RepublishPeriod = TimeSpan.FromSeconds(5);

    readonly KeptResults _kept = new(options.Root);
    readonly Dictionary<string, AttemptResult> _results = [];
    readonly Dictionary<string, Running> _running = [];
    int _slots = options.Slots;
    long _epoch;

    sealed record Running(AssignSegment Assignment, IActorRef Actor, ProgressCell Progress);

    protected override async ValueTask StartedAsync()
    {
        foreach (var result in _kept.Load(options.Videos))
        {
            _results[result.Attempt] = result;
            await PublishAsync(result);
        }
        Context.StartPeriodicTimer("beat", BeatPeriod, new BeatTick());
        Context.StartPeriodicTimer("republish", RepublishPeriod, new RepublishTick());
        await BeatAsync();
    }

    protected override async ValueTask ReceiveAsync(WorkerMessage message)
    {
        switch (message)
        {
            case Commanded { Command: AssignSegment assignment }:
                Begin(assignment);
                break;
            case Commanded { Command: StopAttempt stop } when stop.Epoch >= _epoch:
                _epoch = stop.Epoch;
                if (_running.Remove(stop.Attempt, out var running))
                {
                    Context.Stop(running.Actor);
                }
                break;
            case Commanded { Command: ResultRecorded recorded }:
                if (_results.Remove(recorded.Attempt, out var result))
                {
                    _kept.Forget(result.Video, result.Attempt);
                }
                break;
            case AttemptEnded ended:
                await FinishAsync(ended);
                break;
            case AttemptStopped stopped when _running.ContainsKey(stopped.Attempt):
                await FinishAsync(
                    new AttemptEnded(
                        _running[stopped.Attempt].Assignment,
                        new AttemptOutcome.Failed(
                            FailureKind.Tool,
                            "The attempt ended without a result."
                        )
                    )
                );
                break;
            case BeatTick:
                await BeatAsync();
                break;
            case RepublishTick:
                foreach (var waiting in _results.Values)
                {
                    await PublishAsync(waiting);
                }
                break;
            case ChangeSlots change:
                _slots = change.Slots;
                await BeatAsync();
                break;
        }
    }

    void Begin(AssignSegment assignment)
    {
        var known =
            _running.ContainsKey(assignment.Attempt) || _results.ContainsKey(assignment.Attempt);
        if (assignment.Epoch < _epoch || known || _running.Count >= _slots)
        {
            return;
        }
        _epoch = assignment.Epoch;
        var progress = new ProgressCell(
            new AttemptReport(
                assignment.Attempt,
                assignment.Video,
                assignment.Segment,
                "starting",
                0,
                null
            )
        );
        var scratch = Path.Combine(options.Root, assignment.Video, "attempts", assignment.Attempt);
        var actor = Context.Spawn(
            $"attempt-{assignment.Attempt}",
            () =>
                new SegmentAttemptActor(assignment, scratch, store, media, progress, Context.Self),
            Supervision.Stopping
        );
        _running[assignment.Attempt] = new Running(assignment, actor, progress);
        Context.Watch(actor, new AttemptStopped(assignment.Attempt));
    }

    async Task FinishAsync(AttemptEnded ended)
    {
        var assignment = ended.Assignment;
        if (!_running.Remove(assignment.Attempt))
        {
            return;
        }
        var result = new AttemptResult(
            assignment.Attempt,
            assignment.Video,
            assignment.PlanHash,
            assignment.Segment,
            assignment.Tier,
            options.Node,
            ended.Outcome
        );
        _results[result.Attempt] = result;
        Keep(result);
        await PublishAsync(result);
    }

    /// <summary>Where not even this fits on the disk, the result is kept in memory: it is lost only with the process, and then its segment runs again.</summary>
    void Keep(AttemptResult result)
    {
        try
        {
            _kept.Keep(result);
        }
        catch (IOException error)
        {
            Context.Log(ActorLogLevel.Warning, "A result can't be kept on disk.", error);
        }
    }

    Task PublishAsync(AttemptResult result) =>
        transport.PublishResultAsync(
            FarmCodecs.Wire.Seal(new ResultMessage(result)),
            Context.Stopping
        );

    Task BeatAsync() =>
        transport.SignalAsync(
            FarmCodecs.Wire.Seal(
                new Heartbeat(
                    options.Node,
                    options.Incarnation,
                    _slots,
                    options.Fingerprint,
                    Closed(),
                    [.. _running.Values.Select(running => running.Progress.Latest)],
                    [.. _results.Keys]
                )
            ),
            Context.Stopping
        );

    string? Closed()
    {
        var free = DiskSpace.Free(options.Root);
        return free is { } bytes && bytes < options.MinimumFree
            ? $"disk full: {bytes >> 20} MiB free in {options.Root}, {options.MinimumFree >> 20} MiB needed"
            : null;
    }
}
