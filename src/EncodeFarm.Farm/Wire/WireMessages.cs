using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Wire;

/// <summary>What travels between nodes.</summary>
public abstract record WireMessage;

/// <summary>
/// Sent by every worker each second. The leases live in it: an attempt that it does not list is lost.
/// </summary>
/// <param name="Finished">Attempts whose results are kept until they are recorded.</param>
/// <param name="Closed">Why the node takes no new attempts; null where it does.</param>
public sealed record Heartbeat(
    string Node,
    string Incarnation,
    int Slots,
    string Fingerprint,
    string? Closed,
    IReadOnlyList<AttemptReport> Running,
    IReadOnlyList<string> Finished
) : WireMessage
{
    /// <summary>Of what the finished attempts are results; null of a worker that does not tell.</summary>
    public IReadOnlyList<KeptReport>? Kept { get; init; }

    /// <summary>Null of a worker that knows of none.</summary>
    public Labels? Labels { get; init; }

    /// <summary>Null of a worker that has none, or does not tell.</summary>
    public GuardState? Guard { get; init; }

    /// <summary>Of the worker's machine; null of a worker that does not tell.</summary>
    public NodeResources? Resources { get; init; }
}

/// <param name="Epoch">Of the coordinator that decided; a worker ignores lower ones than it has seen.</param>
/// <param name="ArtifactName">Where the finished segment goes; it carries the attempt.</param>
/// <param name="Piece">To be fetched first; null where the worker opens the source.</param>
public sealed record AssignSegment(
    long Epoch,
    string Attempt,
    string Video,
    string PlanHash,
    SegmentId Segment,
    int Tier,
    SegmentTask Task,
    string ArtifactName,
    StoredArtifact? Piece
) : WireMessage
{
    /// <summary>It failed for lack of memory, or was lost with its nodes: nothing else runs beside it, and it takes no more memory than it must.</summary>
    public bool Alone { get; init; }
}

public sealed record StopAttempt(long Epoch, string Attempt) : WireMessage;

/// <summary>The result is in the journal (or not wanted any more): the worker may forget it.</summary>
public sealed record ResultRecorded(long Epoch, string Attempt) : WireMessage;

/// <summary>Another number of slots from now on.</summary>
public sealed record SetSlots(long Epoch, int Slots) : WireMessage;

/// <summary>Other labels from now on.</summary>
public sealed record SetLabels(long Epoch, LabelChange Change) : WireMessage;

/// <summary>Other limits of the load that is not the farm's, from now on.</summary>
public sealed record SetGuard(long Epoch, int High, int Low) : WireMessage;

/// <summary>The result of an attempt, on its way to the journal.</summary>
public sealed record ResultMessage(AttemptResult Result) : WireMessage;
