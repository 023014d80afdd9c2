using System.Collections.Immutable;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>A segment that may be encoded now.</summary>
/// <param name="Task">All that an attempt needs to know.</param>
/// <param name="Piece">What the worker fetches first; null where it opens the source.</param>
/// <param name="Alone">Only on a node that runs nothing else meanwhile, and sparing with its memory.</param>
/// <param name="Avoid">Nodes to leave out while another could take it.</param>
/// <param name="Again">Failed or lost before: in front of the queue.</param>
public sealed record SegmentOffer(
    SegmentId Segment,
    int Tier,
    SegmentTask Task,
    StoredArtifact? Piece,
    bool Alone,
    ImmutableArray<string> Avoid,
    bool Again
)
{
    /// <summary>Bytes that an attempt is likely to take at most (see <see cref="AttemptMemory"/>); 0 where not known.</summary>
    public long Memory { get; init; }
}

/// <summary>All offers of one video; a later one replaces it.</summary>
/// <param name="Order">Submission order among videos of equal priority.</param>
public sealed record VideoOffers(
    string Video,
    int Priority,
    long Order,
    string Fingerprint,
    string PlanHash,
    ImmutableArray<SegmentOffer> Offers
)
{
    /// <summary>Labels that a node must have.</summary>
    public Labels Needs { get; init; } = Labels.None;

    /// <summary>Nothing of it is begun, also no task that waits for its slot; what runs goes on, also under a new coordinator.</summary>
    public bool Paused { get; init; }
}

/// <summary>What runs, or has finished but is not settled, under the dispatcher's word.</summary>
/// <param name="Finished">The attempt has ended on its node and holds no slot; its segment is still taken.</param>
/// <param name="Missed">Heartbeats in a row that did not list it.</param>
public sealed record Lease(
    string Attempt,
    string Video,
    SegmentId Segment,
    int Tier,
    string Node,
    DateTimeOffset Since,
    bool Alone,
    bool Started,
    bool Finished,
    int Missed,
    AttemptReport? Progress
)
{
    /// <summary>Bytes that the attempt may come to take.</summary>
    public long Memory { get; init; }
}

/// <summary>One line of a heartbeat: how far an attempt is.</summary>
public sealed record AttemptReport(
    string Attempt,
    string Video,
    SegmentId Segment,
    string Phase,
    double Fraction,
    double? Fps
);

/// <summary>One line of a heartbeat: an attempt whose result is kept until it is recorded.</summary>
public sealed record KeptReport(string Attempt, string Video, SegmentId Segment);

/// <summary>A node as the dispatcher knows it from its heartbeats.</summary>
/// <param name="Closed">Why it takes no new attempts; null where it does.</param>
public sealed record NodeState(
    string Name,
    int Slots,
    string Fingerprint,
    string? Closed,
    DateTimeOffset LastSeen
)
{
    public Labels Labels { get; init; } = Labels.None;

    /// <summary>Null where it has none, or does not tell.</summary>
    public GuardState? Guard { get; init; }

    /// <summary>Of one of its slots (see <see cref="NodeSpeed"/>); null where nothing was measured yet.</summary>
    public double? Speed { get; init; }

    /// <summary>Of its machine; null where it does not tell, which limits nothing.</summary>
    public NodeResources? Resources { get; init; }

    /// <summary>Whether it has the memory for such an attempt when nothing else runs.</summary>
    public bool Holds(long memory) => !(memory > Resources?.AttemptLimit);

    /// <summary>Whether it has the memory for such an attempt now.</summary>
    /// <param name="taken">Bytes that its attempts may come to take.</param>
    public bool HasRoom(long memory, long taken) => !(taken + memory > Resources?.AttemptRoom);

    /// <summary>Whether its tools and labels are those that the video needs.</summary>
    public bool Fits(VideoOffers video) => Fits(video.Fingerprint, video.Needs);

    public bool Fits(string fingerprint, Labels needs) =>
        Fingerprint == fingerprint && Labels.Have(needs);
}
