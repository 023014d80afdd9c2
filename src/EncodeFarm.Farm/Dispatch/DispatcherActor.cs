using System.Collections.Immutable;
using EncodeFarm.Actors;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>
/// Alone owns the leases: which attempt runs where. They live in memory and in the heartbeats; what is journaled is
/// only what came of them.
/// </summary>
public sealed class DispatcherActor(DispatcherOptions options, DispatcherEffects effects)
    : Actor<DispatchMessage>
{
    static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    readonly Dictionary<string, VideoOffers> _videos = [];
    readonly NodeRecords _nodes = new();
    readonly Dictionary<string, Lease> _leases = [];

    /// <summary>Attempts that were taken back: a heartbeat may list one that is about to end.</summary>
    readonly HashSet<string> _withdrawn = [];

    /// <summary>Attempts whose results are recorded, and their nodes, which may list them still.</summary>
    readonly Dictionary<string, string> _settled = [];
    readonly List<TakeSlot> _waiting = options.Slots.Waiting;
    readonly HashSet<string> _tasks = options.Slots.Running;
    WarmUp? _warmUp;

    protected override ValueTask StartedAsync()
    {
        _warmUp = options.Awaited is { } nodes
            ? new WarmUp(nodes, (int)Math.Ceiling(options.WarmUpLimit / TickPeriod))
            : null;
        Context.StartPeriodicTimer("tick", TickPeriod, new DispatchTick());
        effects.Started();
        return ValueTask.CompletedTask;
    }

    protected override ValueTask ReceiveAsync(DispatchMessage message)
    {
        Handle(message);
        GrantTasks();
        if (WarmedUp())
        {
            Assign();
        }
        Publish();
        return ValueTask.CompletedTask;
    }

    void Handle(DispatchMessage message)
    {
        switch (message)
        {
            case OfferVideo offer:
                _videos[offer.Offers.Video] = offer.Offers;
                break;
            case WithdrawVideo withdraw:
                Withdraw(withdraw);
                break;
            case NodeBeat beat:
                Hear(beat);
                break;
            case DispatchTick:
                _warmUp?.Tick();
                break;
            case NodeClosed closed:
                _nodes.Close(closed.Node, closed.Reason);
                break;
            case NodeGone gone:
                Lose(gone);
                break;
            case VideosReady ready:
                _warmUp?.VideosReady = true;
                _warmUp?.NothingRuns = ready.NothingRuns;
                break;
            case AssignmentSent { Delivered: false } sent:
                Unassign(sent);
                break;
            case AttemptArrived arrived when _leases.TryGetValue(arrived.Attempt, out var lease):
                _leases[arrived.Attempt] = lease with { Finished = true };
                Judge(lease, arrived.Verdict);
                break;
            case AttemptSettled settled:
                _leases.Remove(settled.Attempt);
                _settled[settled.Attempt] = settled.Node;
                break;
            case TakeSlot take:
                _waiting.RemoveAll(other => other.Task == take.Task);
                _waiting.Add(take);
                break;
            case ReturnSlot returned:
                _tasks.Remove(returned.Task);
                _waiting.RemoveAll(other => other.Task == returned.Task);
                break;
        }
    }

    /// <summary>After a takeover: what runs is known before anything is assigned, so that nothing is encoded twice.</summary>
    bool WarmedUp()
    {
        if (_warmUp is null)
        {
            return true;
        }
        if (!_warmUp.IsOver)
        {
            return false;
        }
        var beats = _warmUp.Beats.Values.ToList();
        _warmUp = null;
        beats.ForEach(AdoptOrStop);
        return true;
    }

    /// <summary>The coordinator's tasks come before segments: much else waits for them.</summary>
    void GrantTasks()
    {
        while (NextTask() is { } next)
        {
            _waiting.Remove(next);
            _tasks.Add(next.Task);
            next.Taker.Tell(new SlotGranted());
        }
    }

    /// <summary>One whose slot is not returned yet has it again.</summary>
    TakeSlot? NextTask() =>
        TaskSlotFree()
            ? _waiting.Where(take => !IsPaused(take.Video)).MinBy(RankOf)
            : _waiting.Find(take => _tasks.Contains(take.Task));

    bool IsPaused(string video) => _videos.GetValueOrDefault(video) is { Paused: true };

    /// <summary>
    /// Jobs are finished in their order, instead of all analyses being made before the first audio track. A video that
    /// offers nothing any more is only to be cleaned up, which gives room to the others.
    /// </summary>
    (bool Offers, int Urgency, long Order) RankOf(TakeSlot take) =>
        _videos.TryGetValue(take.Video, out var video)
            ? (true, -video.Priority, video.Order)
            : default;

    bool TaskSlotFree()
    {
        if (options.TaskNode is not { } name)
        {
            return _tasks.Count < options.TaskLimit;
        }
        var running = _leases.Values.Count(lease => lease.Node == name && !lease.Finished);
        return _nodes.Find(name) is { } node && running + _tasks.Count < node.Slots;
    }

    void Assign()
    {
        while (Placement.Next(Input()) is { } placed)
        {
            var attempt = options.Ids.Next();
            var (video, offer, node) = placed;
            _leases[attempt] = new Lease(
                attempt,
                video.Video,
                offer.Segment,
                offer.Tier,
                node.Name,
                Context.Time.GetUtcNow(),
                offer.Alone,
                false,
                false,
                0,
                null
            )
            {
                Memory = offer.Memory,
            };
            var assignment = new AssignSegment(
                options.Ids.Epoch,
                attempt,
                video.Video,
                video.PlanHash,
                offer.Segment,
                offer.Tier,
                offer.Task,
                ArtifactNames.Segment(video.Video, offer, attempt),
                offer.Piece
            )
            {
                Alone = offer.Alone,
            };
            Context.Pipe(
                effects.Send(node.Name, assignment),
                delivered => new AssignmentSent(attempt, node.Name, delivered),
                _ => new AssignmentSent(attempt, node.Name, false)
            );
        }
    }

    /// <summary>Nobody listens there: it never started, so it is not a loss that counts. The node's next heartbeat brings it back.</summary>
    void Unassign(AssignmentSent sent)
    {
        if (_leases.TryGetValue(sent.Attempt, out var lease) && !lease.Started)
        {
            _leases.Remove(sent.Attempt);
            _nodes.Forget(sent.Node);
        }
    }

    void Withdraw(WithdrawVideo withdraw)
    {
        _videos.Remove(withdraw.Video);
        if (!withdraw.Stop)
        {
            return;
        }
        foreach (var lease in _leases.Values.Where(l => l.Video == withdraw.Video).ToList())
        {
            Stop(lease.Node, lease.Attempt);
            _leases.Remove(lease.Attempt);
            _withdrawn.Add(lease.Attempt);
        }
    }

    /// <summary>Where the command gets lost, the attempt is listed again by the next heartbeat and stopped then.</summary>
    void Stop(string node, string attempt) =>
        _ = effects.Send(node, new StopAttempt(options.Ids.Epoch, attempt));

    void Hear(NodeBeat heard)
    {
        var beat = heard.Beat;
        _nodes.Hear(
            new NodeState(
                beat.Node,
                beat.Slots,
                beat.Fingerprint,
                heard.Closed ?? beat.Closed,
                Context.Time.GetUtcNow()
            )
            {
                Labels = beat.Labels ?? Labels.None,
                Guard = beat.Guard,
                Resources = beat.Resources,
            }
        );
        var running = beat.Running.ToDictionary(report => report.Attempt);
        foreach (var lease in _leases.Values.Where(l => l.Node == beat.Node).ToList())
        {
            if (running.TryGetValue(lease.Attempt, out var report))
            {
                _leases[lease.Attempt] = lease with
                {
                    Started = true,
                    Missed = 0,
                    Progress = report,
                };
            }
            else if (beat.Finished.Contains(lease.Attempt))
            {
                _leases[lease.Attempt] = lease with { Started = true, Finished = true, Missed = 0 };
            }
            else
            {
                Miss(lease);
            }
        }
        var told = _settled.Where(settled =>
            settled.Value == beat.Node
            && !beat.Finished.Contains(settled.Key)
            // It is older than the result.
            && !running.ContainsKey(settled.Key)
        );
        foreach (var (attempt, _) in told.ToList())
        {
            _settled.Remove(attempt);
        }
        if (_warmUp is not null)
        {
            _warmUp.Beats[beat.Node] = beat;
        }
        else
        {
            AdoptOrStop(beat);
        }
    }

    /// <summary>
    /// An attempt of an earlier coordinator, or of a node that was given up, counts where its segment is still wanted and
    /// nobody else works on it: a running one goes on, and of a finished one the result is on its way.
    /// </summary>
    void AdoptOrStop(Heartbeat beat)
    {
        foreach (var kept in (beat.Kept ?? []).Where(k => !_leases.ContainsKey(k.Attempt)))
        {
            if (
                !_settled.ContainsKey(kept.Attempt) && Wanted(kept.Video, kept.Segment) is { } offer
            )
            {
                Adopt(beat.Node, kept, offer, null);
            }
        }
        foreach (var report in beat.Running.Where(r => !_leases.ContainsKey(r.Attempt)))
        {
            var known = _withdrawn.Contains(report.Attempt) || _settled.ContainsKey(report.Attempt);
            var kept = new KeptReport(report.Attempt, report.Video, report.Segment);
            if (!known && Wanted(report.Video, report.Segment) is { } offer)
            {
                Adopt(beat.Node, kept, offer, report);
            }
            else if (!known && options.IsClosed(report.Video))
            {
                // Its slot is taken, and nobody else begins it where the video opens later.
                Adopt(beat.Node, kept, null, report);
            }
            else
            {
                Stop(beat.Node, report.Attempt);
            }
        }
    }

    /// <summary>The offer of a segment on which nobody works.</summary>
    SegmentOffer? Wanted(string video, SegmentId segment) =>
        _leases.Values.Any(lease => lease.Video == video && lease.Segment == segment)
            ? null
            : _videos
                .GetValueOrDefault(video)
                ?.Offers.FirstOrDefault(offer => offer.Segment == segment);

    /// <param name="offer">Null where its video is not open.</param>
    /// <param name="running">Null of one that has finished.</param>
    void Adopt(string node, KeptReport attempt, SegmentOffer? offer, AttemptReport? running) =>
        _leases[attempt.Attempt] = new Lease(
            attempt.Attempt,
            attempt.Video,
            attempt.Segment,
            offer?.Tier ?? 0,
            node,
            Context.Time.GetUtcNow(),
            offer?.Alone ?? false,
            true,
            running is null,
            0,
            running
        )
        {
            Memory = offer?.Memory ?? 0,
        };

    void Miss(Lease lease)
    {
        var missed = lease with { Missed = lease.Missed + 1 };
        var age = Context.Time.GetUtcNow() - lease.Since;
        // One heartbeat alone may be the first word of a node that stood still, and knows no more than before.
        var gone = lease.Started
            ? missed.Missed >= options.MissedBeats
            : missed.Missed > 1 && age >= options.StartLimit;
        if (gone)
        {
            Lose(lease, lease.Started ? "its node no longer has it" : "its node did not start it");
        }
        else
        {
            _leases[lease.Attempt] = missed;
        }
    }

    void Lose(NodeGone gone)
    {
        _nodes.Forget(gone.Node);
        _warmUp?.Forget(gone.Node);
        foreach (var lease in _leases.Values.Where(l => l.Node == gone.Node).ToList())
        {
            Lose(lease, gone.Reason, gone.Returned);
        }
    }

    void Lose(Lease lease, string reason, bool returned = false)
    {
        _leases.Remove(lease.Attempt);
        effects.Tell(
            lease.Video,
            new AttemptGone(lease.Segment, lease.Attempt, lease.Node, reason, returned)
        );
    }

    void Judge(Lease lease, AttemptVerdict verdict)
    {
        var now = Context.Time.GetUtcNow();
        var video = _videos.GetValueOrDefault(lease.Video);
        var offer = video?.Offers.FirstOrDefault(offer => offer.Segment == lease.Segment);
        var elsewhere = offer?.Avoid.Any(node => node != lease.Node) ?? false;
        var others = _nodes.At(now).Where(node => node.Name != lease.Node && node.Closed is null);
        var only = !others.Any(node => video is null || node.Fits(video));
        foreach (var failure in _nodes.Judge(lease, verdict, elsewhere, only, now))
        {
            effects.Tell(
                failure.Video,
                new FailureForgiven(failure.Segment, failure.Attempt, lease.Node)
            );
        }
        // An adopted attempt began before this coordinator knew of it.
        var own = lease.Attempt.StartsWith($"{options.Ids.Epoch}-", StringComparison.Ordinal);
        if (verdict == AttemptVerdict.Works && offer is not null && own)
        {
            var settings = offer.Task.Settings;
            var pixels = (double)offer.Task.Source.Frames * settings.Width * settings.Height;
            _nodes.Measure(lease.Node, pixels, now - lease.Since);
        }
    }

    PlacementInput Input() =>
        new(
            _videos.Values,
            [.. _nodes.At(Context.Time.GetUtcNow())],
            _leases.Values,
            options.TaskNode is { } node
                ? new Dictionary<string, int> { [node] = _tasks.Count }
                : []
        );

    void Publish()
    {
        var input = Input();
        var waiting = _videos
            .Values.Select(video =>
                (
                    video.Video,
                    Reason: _warmUp is null
                        ? Placement.WaitingFor(video, input)
                        : "a new coordinator looks what is running"
                )
            )
            .Where(pair => pair.Reason is not null)
            .ToImmutableDictionary(pair => pair.Video, pair => pair.Reason!);
        effects.Publish(
            new DispatchSnapshot([.. input.Nodes], [.. _leases.Values], [.. _tasks], waiting)
            {
                WaitingForTask = [.. _waiting.Select(take => take.Video)],
            }
        );
    }
}
