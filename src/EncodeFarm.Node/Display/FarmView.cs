namespace EncodeFarm.Node.Display;

/// <summary>What people see of a farm at work. Null means not known (yet), never zero.</summary>
/// <param name="Slots">Of this machine.</param>
public sealed record FarmView(IReadOnlyList<JobView> Jobs, IReadOnlyList<SlotView> Slots)
{
    /// <summary>Of a cluster.</summary>
    public IReadOnlyList<NodeView> Nodes { get; init; } = [];
}

/// <param name="Slots">Null of one that is not heard of.</param>
/// <param name="Closed">Why it takes no new work; null where it does.</param>
/// <param name="Busy">Its slots in use.</param>
public sealed record NodeView(
    string Name,
    int Running,
    int? Slots,
    double? Fps,
    string? Closed,
    IReadOnlyList<SlotView> Busy
);

/// <param name="Name">The source's file name.</param>
/// <param name="Phase">"analyzing", "encoding", …</param>
/// <param name="Fraction">0..1 of the whole job.</param>
/// <param name="Fps">Source frames a second over all slots.</param>
/// <param name="Eta">Time that is left.</param>
/// <param name="SegmentsDone">Over all renditions.</param>
/// <param name="RenditionsDelivered">Files that are in their place.</param>
/// <param name="Waiting">Why nothing happens, as a phrase; null where something does.</param>
public sealed record JobView(
    string Name,
    string Phase,
    double? Fraction,
    double? Fps,
    TimeSpan? Eta,
    int? SegmentsDone,
    int? SegmentsTotal,
    int RenditionsDelivered,
    int RenditionsTotal,
    string? Waiting
);

/// <param name="Number">From 1.</param>
/// <param name="Work">What it works on: "segment 3 of 720p"; null while it is idle.</param>
/// <param name="Phase">"probe 2, CRF 34", "encode", "measure".</param>
/// <param name="Fraction">0..1 of the attempt.</param>
public sealed record SlotView(
    int Number,
    string? Work,
    string? Phase,
    double? Fraction,
    double? Fps
);
