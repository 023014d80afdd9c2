using System.Collections.Immutable;
using EncodeFarm.Actors;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

public abstract record DispatchMessage;

/// <summary>What a video offers from now on.</summary>
public sealed record OfferVideo(VideoOffers Offers) : DispatchMessage;

/// <summary>The video offers nothing any more.</summary>
/// <param name="Stop">Also stop its running attempts.</param>
public sealed record WithdrawVideo(string Video, bool Stop) : DispatchMessage;

/// <summary>A member's heartbeat has arrived.</summary>
/// <param name="Closed">Why the cluster gives it no new work (draining, leaving); null where it may.</param>
public sealed record NodeBeat(Heartbeat Beat, string? Closed = null) : DispatchMessage;

/// <summary>The cluster gives a node no new work from now on, or again.</summary>
public sealed record NodeClosed(string Node, string? Reason) : DispatchMessage;

/// <summary>A node is unreachable, down or has left: its leases are lost.</summary>
/// <param name="Returned">It has handed its work back in order: nothing of it counts as a loss.</param>
public sealed record NodeGone(string Node, string Reason, bool Returned) : DispatchMessage;

/// <summary>All unfinished videos are open and have offered: what nobody wants may be stopped from now on.</summary>
/// <param name="NothingRuns">None of them has got as far as its segments.</param>
public sealed record VideosReady(bool NothingRuns = false) : DispatchMessage;

/// <summary>The result of an attempt is here: its slot is free, its segment still taken.</summary>
public sealed record AttemptArrived(string Attempt, AttemptVerdict Verdict) : DispatchMessage;

/// <summary>The result is journaled, and the video has offered anew.</summary>
/// <param name="Node">It may list the attempt until it has heard of it.</param>
public sealed record AttemptSettled(string Attempt, string Node) : DispatchMessage;

/// <summary>A task of the coordinator wants to run for a video; it is told <see cref="SlotGranted"/> when it may.</summary>
public sealed record TakeSlot(string Task, string Video, IActorRef<SlotGranted> Taker)
    : DispatchMessage;

/// <summary>The task has ended, or does not want its slot any more.</summary>
public sealed record ReturnSlot(string Task) : DispatchMessage;

public sealed record SlotGranted;

/// <summary>Time to look whether the warm-up is over or a breaker closes.</summary>
public sealed record DispatchTick : DispatchMessage;

/// <summary>What became of the sending of an assignment.</summary>
sealed record AssignmentSent(string Attempt, string Node, bool Delivered) : DispatchMessage;

/// <summary>All that the dispatcher knows, for people.</summary>
/// <param name="Tasks">Tasks of the coordinator that hold a slot.</param>
/// <param name="Waiting">By video: why it gets no slot.</param>
public sealed record DispatchSnapshot(
    ImmutableArray<NodeState> Nodes,
    ImmutableArray<Lease> Leases,
    ImmutableArray<string> Tasks,
    ImmutableDictionary<string, string> Waiting
)
{
    /// <summary>Videos with a task that has no slot yet.</summary>
    public ImmutableHashSet<string> WaitingForTask { get; init; } = [];

    public static readonly DispatchSnapshot Empty = new(
        [],
        [],
        [],
        ImmutableDictionary<string, string>.Empty
    );
}
