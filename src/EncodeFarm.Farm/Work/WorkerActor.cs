using EncodeFarm.Actors;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Work;

/// <param name="Root">Directory with a folder for each video: scratch space and kept results.</param>
/// <param name="Videos">Whose kept results this worker takes over at start; null for all below the root.</param>
/// <param name="Closed">Why this machine takes no new attempts now (disk, load); null where it does.</param>
public sealed record WorkerOptions(
    int Slots,
    string Fingerprint,
    string Root,
    IReadOnlyList<string>? Videos,
    Func<string?> Closed
)
{
    /// <summary>Time between two heartbeats.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(1);

    public LabelBoard Labels { get; init; } = new(Dispatch.Labels.None);

    /// <summary>Null where nothing keeps the machine for others.</summary>
    public GuardBoard? Guard { get; init; }

    /// <summary>Of this machine now; null where nobody looks.</summary>
    public Func<NodeResources?> Resources { get; init; } = () => null;
}

/// <summary>One machine's hands: takes assignments while it has slots, says each second what it does, keeps results until they are recorded.</summary>
public sealed class WorkerActor(
    WorkerOptions options,
    IFarmTransport transport,
    IArtifactStore store,
    FetchPiece fetch,
    IMediaWork media
) : Actor<WorkerMessage>
{
    readonly KeptResults _kept = new(options.Root);
    readonly Dictionary<string, Kept> _results = [];
    readonly Dictionary<string, Running> _running = [];
    readonly SlotShare _share = new();
    int _slots = options.Slots;
    long _epoch;
    FinishWork? _finishing;

    sealed record Running(AssignSegment Assignment, IActorRef Actor, ProgressCell Progress);

    sealed record Kept(AttemptResult Result, IActorRef<CourierMessage> Courier);

    protected override ValueTask StartedAsync()
    {
        foreach (var result in _kept.Load(options.Videos))
        {
            Send(result);
        }
        Context.StartPeriodicTimer("beat", options.Beat, new BeatTick());
        return BeatAsync();
    }

    protected override ValueTask ReceiveAsync(WorkerMessage message)
    {
        var handled = HandleAsync(message);
        _share.Divide(_slots, _running.Count, options.Resources()?.AttemptRoom);
        return handled;
    }

    ValueTask HandleAsync(WorkerMessage message)
    {
        switch (message)
        {
            case Commanded { Command: AssignSegment assignment }:
                Begin(assignment);
                break;
            case Commanded { Command: StopAttempt stop } when stop.Epoch >= _epoch:
                Hear(stop.Epoch);
                Withdraw(stop.Attempt);
                break;
            case Commanded { Command: ResultRecorded recorded } when recorded.Epoch >= _epoch:
                Forget(recorded.Attempt);
                Hear(recorded.Epoch);
                break;
            case Commanded { Command: SetSlots set } when set.Epoch >= _epoch:
                _slots = set.Slots;
                return BeatAsync();
            case Commanded { Command: SetLabels set } when set.Epoch >= _epoch:
                options.Labels.Change(set.Change);
                return BeatAsync();
            case Commanded { Command: SetGuard set } when set.Epoch >= _epoch:
                options.Guard?.Change(set.High, set.Low);
                return BeatAsync();
            case EpochHeard heard:
                Hear(heard.Epoch);
                break;
            case ChangeSlots change:
                _slots = change.Slots;
                return BeatAsync();
            case AttemptEnded ended:
                Finish(ended);
                break;
            case AttemptStopped stopped when _running.ContainsKey(stopped.Attempt):
                Finish(
                    new AttemptEnded(
                        _running[stopped.Attempt].Assignment,
                        new AttemptOutcome.Failed(
                            FailureKind.Tool,
                            "The attempt ended without a result."
                        )
                    )
                );
                break;
            case ResultGone gone:
                Context.Log(
                    ActorLogLevel.Warning,
                    $"The encoded file of attempt {gone.Attempt} is gone or damaged: its segment runs again."
                );
                Forget(gone.Attempt);
                break;
            case FinishWork finish:
                _finishing = finish;
                TellWhenFinished();
                return BeatAsync();
            case HandBack back:
                _running.Keys.ToList().ForEach(Withdraw);
                back.Done.TrySetResult();
                return BeatAsync();
            case BeatTick:
                return BeatAsync();
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>What lies with a former coordinator, which may be lost, goes to the new one at once.</summary>
    void Hear(long epoch)
    {
        if (epoch <= _epoch)
        {
            return;
        }
        _epoch = epoch;
        foreach (var kept in _results.Values)
        {
            kept.Courier.Tell(new CourierMessage.Again());
        }
    }

    void Begin(AssignSegment assignment)
    {
        var known =
            _running.ContainsKey(assignment.Attempt) || _results.ContainsKey(assignment.Attempt);
        var refused = _finishing is not null || _running.Count >= _slots;
        if (assignment.Epoch < _epoch || known || refused)
        {
            return;
        }
        Hear(assignment.Epoch);
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
        var scratch = WorkerScratch.Of(options.Root, assignment.Video, assignment.Attempt);
        // Each further thread takes further memory, which is what it may have failed for.
        var share = assignment.Alone ? SlotShare.OneThread : _share;
        var actor = Context.Spawn(
            $"attempt-{assignment.Attempt}",
            () =>
                new SegmentAttemptActor(
                    assignment,
                    scratch,
                    fetch,
                    _kept,
                    media,
                    share,
                    progress,
                    Context.Self
                ),
            Supervision.Stopping
        );
        _running[assignment.Attempt] = new Running(assignment, actor, progress);
        Context.Watch(actor, new AttemptStopped(assignment.Attempt));
    }

    void Withdraw(string attempt)
    {
        if (_running.Remove(attempt, out var running))
        {
            Context.Stop(running.Actor);
        }
    }

    void Finish(AttemptEnded ended)
    {
        var assignment = ended.Assignment;
        if (!_running.Remove(assignment.Attempt))
        {
            Discard(assignment.Video, assignment.Attempt);
            return;
        }
        var result = new AttemptResult(
            assignment.Attempt,
            assignment.Video,
            assignment.PlanHash,
            assignment.Segment,
            assignment.Tier,
            transport.Self.Name,
            ended.Outcome
        );
        Keep(result);
        Send(result);
        TellWhenFinished();
    }

    void Send(AttemptResult result) =>
        _results[result.Attempt] = new Kept(
            result,
            Context.Spawn(
                $"courier-{result.Attempt}",
                () => new CourierActor(result, _kept, transport, store, Context.Self)
            )
        );

    void Forget(string attempt)
    {
        if (_results.Remove(attempt, out var kept))
        {
            Context.Stop(kept.Courier);
            Discard(kept.Result.Video, attempt);
            TellWhenFinished();
        }
    }

    /// <summary>Where not even this fits on the disk, the result is kept in memory: it is lost only with the process, and then its segment runs again.</summary>
    void Keep(AttemptResult result) =>
        OnDisk(() => _kept.Keep(result), "A result can't be kept on disk.");

    /// <summary>What can't be removed is offered again by the next process, and nobody wants it.</summary>
    void Discard(string video, string attempt) =>
        OnDisk(() => _kept.Forget(video, attempt), "A recorded result can't be removed.");

    /// <summary>A directory that may not be written is no reason to end the attempts that run.</summary>
    void OnDisk(Action work, string trouble)
    {
        try
        {
            work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Context.Log(ActorLogLevel.Warning, trouble, error);
        }
    }

    void TellWhenFinished()
    {
        if (_running.Count == 0 && _results.Count == 0)
        {
            _finishing?.Done.TrySetResult();
        }
    }

    static KeptReport Report(AttemptResult result) =>
        new(result.Attempt, result.Video, result.Segment);

    ValueTask BeatAsync() =>
        new(
            transport.SignalAsync(
                FarmCodecs.Wire.Seal(
                    new Heartbeat(
                        transport.Self.Name,
                        transport.Self.Incarnation,
                        _slots,
                        options.Fingerprint,
                        _finishing?.Reason ?? options.Closed(),
                        [.. _running.Values.Select(running => running.Progress.Latest)],
                        [.. _results.Keys]
                    )
                    {
                        Kept = [.. _results.Values.Select(kept => Report(kept.Result))],
                        Labels = options.Labels.Now,
                        Guard = options.Guard?.Now,
                        Resources = options.Resources(),
                    }
                ),
                Context.Stopping
            )
        );
}
