using System.Collections.Immutable;
using EncodeFarm.Actors;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

/// <param name="Epoch">Of this coordinator; part of every attempt's id and of every command.</param>
/// <param name="TaskNode">Node whose slots the coordinator's own tasks take (the embedded farm); null where they have a limit of their own.</param>
/// <param name="TaskLimit">That limit.</param>
/// <param name="Silence">A node that is not heard of for so long is unreachable: its leases are lost.</param>
public sealed record DispatcherOptions(
    long Epoch,
    string? TaskNode,
    int TaskLimit,
    TimeSpan Silence
)
{
    /// <summary>An assigned attempt that no heartbeat has listed by then is lost.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A started attempt that so many heartbeats in a row do not list is lost.</summary>
    public int MissedBeats { get; init; } = 3;
}

/// <summary>What the dispatcher does to the world.</summary>
/// <param name="Send">A command to a node; false where it can't be delivered.</param>
/// <param name="Lost">Tells a video that the lease of an attempt is lost.</param>
/// <param name="Started">Called at every start: everybody who waits for the dispatcher has to ask again.</param>
public sealed record DispatcherEffects(
    Func<string, WireMessage, Task<bool>> Send,
    Action<string, AttemptGone> Lost,
    Action<DispatchSnapshot> Publish,
    Action Started
);

/// <summary>
/// Alone owns the leases: which attempt runs where. They live in memory and in the heartbeats; what is journaled is
/// only what came of them.
/// </summary>
public sealed class DispatcherActor(DispatcherOptions options, DispatcherEffects effects)
    : Actor<DispatchMessage>
{
    static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    readonly Dictionary<string, VideoOffers> _videos = [];
    readonly Dictionary<string, NodeState> _nodes = [];
    readonly Dictionary<string, Lease> _leases = [];
    readonly List<TakeSlot> _waiting = [];
    readonly HashSet<string> _tasks = [];
    long _attempts;

    protected override ValueTask StartedAsync()
    {
        Context.StartPeriodicTimer("tick", TickPeriod, new DispatchTick());
        effects.Started();
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask ReceiveAsync(DispatchMessage message)
    {
        switch (message)
        {
            case OfferVideo offer:
                _videos[offer.Offers.Video] = offer.Offers;
                break;
            case WithdrawVideo withdraw:
                await WithdrawAsync(withdraw);
                break;
            case NodeBeat beat:
                await HearAsync(beat.Beat);
                break;
            case AttemptArrived arrived:
                Change(arrived.Attempt, lease => lease with { Finished = true });
                break;
            case AttemptSettled settled:
                _leases.Remove(settled.Attempt);
                break;
            case TakeSlot take:
                _waiting.RemoveAll(other => other.Task == take.Task);
                _waiting.Add(take);
                break;
            case ReturnSlot returned:
                _tasks.Remove(returned.Task);
                _waiting.RemoveAll(other => other.Task == returned.Task);
                break;
            case DispatchTick:
                DropSilent();
                break;
        }
        GrantTasks();
        await AssignAsync();
        Publish();
    }

    /// <summary>The coordinator's tasks come before segments: much else waits for them.</summary>
    void GrantTasks()
    {
        while (_waiting.Count > 0 && (_tasks.Contains(_waiting[0].Task) || TaskSlotFree()))
        {
            var next = _waiting[0];
            _waiting.RemoveAt(0);
            _tasks.Add(next.Task);
            next.Taker.Tell(new SlotGranted());
        }
    }

    bool TaskSlotFree()
    {
        if (options.TaskNode is not { } name)
        {
            return _tasks.Count < options.TaskLimit;
        }
        var running = _leases.Values.Count(lease => lease.Node == name && !lease.Finished);
        return _nodes.TryGetValue(name, out var node) && running + _tasks.Count < node.Slots;
    }

    async Task AssignAsync()
    {
        while (Placement.Next(Input()) is { } placed)
        {
            var attempt = $"{options.Epoch}-{++_attempts}";
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
            );
            var assignment = new AssignSegment(
                options.Epoch,
                attempt,
                video.Video,
                video.PlanHash,
                offer.Segment,
                offer.Tier,
                offer.Task,
                ArtifactNames.Segment(video.Video, offer, attempt),
                offer.Piece
            );
            if (!await effects.Send(node.Name, assignment))
            {
                // Nobody listens there any more: it never started, so it is not a loss that counts.
                _leases.Remove(attempt);
                _nodes.Remove(node.Name);
            }
        }
    }

    async Task WithdrawAsync(WithdrawVideo withdraw)
    {
        _videos.Remove(withdraw.Video);
        if (!withdraw.Stop)
        {
            return;
        }
        foreach (var lease in _leases.Values.Where(l => l.Video == withdraw.Video).ToList())
        {
            await effects.Send(lease.Node, new StopAttempt(options.Epoch, lease.Attempt));
            _leases.Remove(lease.Attempt);
        }
    }

    async Task HearAsync(Heartbeat beat)
    {
        _nodes[beat.Node] = new NodeState(
            beat.Node,
            beat.Slots,
            beat.Fingerprint,
            beat.Closed,
            Context.Time.GetUtcNow()
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
        foreach (var report in beat.Running.Where(r => !_leases.ContainsKey(r.Attempt)))
        {
            await AdoptOrStopAsync(beat.Node, report);
        }
    }

    /// <summary>A running attempt of an earlier coordinator goes on where its segment is still wanted and nobody else works on it.</summary>
    async Task AdoptOrStopAsync(string node, AttemptReport report)
    {
        var offer = _videos
            .GetValueOrDefault(report.Video)
            ?.Offers.FirstOrDefault(offer => offer.Segment == report.Segment);
        var taken = _leases.Values.Any(lease =>
            lease.Video == report.Video && lease.Segment == report.Segment
        );
        if (offer is null || taken)
        {
            await effects.Send(node, new StopAttempt(options.Epoch, report.Attempt));
            return;
        }
        _leases[report.Attempt] = new Lease(
            report.Attempt,
            report.Video,
            report.Segment,
            offer.Tier,
            node,
            Context.Time.GetUtcNow(),
            offer.Alone,
            true,
            false,
            0,
            report
        );
    }

    void Miss(Lease lease)
    {
        var missed = lease with { Missed = lease.Missed + 1 };
        var age = Context.Time.GetUtcNow() - lease.Since;
        var gone = lease.Started ? missed.Missed >= options.MissedBeats : age >= options.StartLimit;
        if (gone)
        {
            Lose(lease, lease.Started ? "its node no longer has it" : "its node did not start it");
        }
        else
        {
            _leases[lease.Attempt] = missed;
        }
    }

    void DropSilent()
    {
        var now = Context.Time.GetUtcNow();
        foreach (var node in _nodes.Values.Where(n => now - n.LastSeen > options.Silence).ToList())
        {
            _nodes.Remove(node.Name);
            foreach (var lease in _leases.Values.Where(l => l.Node == node.Name).ToList())
            {
                Lose(lease, "its node is unreachable");
            }
        }
    }

    void Lose(Lease lease, string reason)
    {
        _leases.Remove(lease.Attempt);
        effects.Lost(
            lease.Video,
            new AttemptGone(lease.Segment, lease.Attempt, lease.Node, reason)
        );
    }

    void Change(string attempt, Func<Lease, Lease> change)
    {
        if (_leases.TryGetValue(attempt, out var lease))
        {
            _leases[attempt] = change(lease);
        }
    }

    PlacementInput Input() =>
        new(
            _videos.Values,
            _nodes.Values,
            _leases.Values,
            options.TaskNode is { } node
                ? new Dictionary<string, int> { [node] = _tasks.Count }
                : []
        );

    void Publish()
    {
        var input = Input();
        var waiting = _videos
            .Values.Select(video => (video.Video, Reason: Placement.WaitingFor(video, input)))
            .Where(pair => pair.Reason is not null)
            .ToImmutableDictionary(pair => pair.Video, pair => pair.Reason!);
        effects.Publish(
            new DispatchSnapshot([.. _nodes.Values], [.. _leases.Values], [.. _tasks], waiting)
        );
    }
}
