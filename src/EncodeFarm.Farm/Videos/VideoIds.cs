using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Videos;

/// <summary>One segment of one rendition of a video.</summary>
public readonly record struct SegmentId(int Rendition, int Index)
{
    public override string ToString() => $"{Rendition}/{Index}";
}

/// <summary>The figures of an accepted segment, for the report.</summary>
/// <param name="HardwareFailure">Why its source was decoded in software on a node with a hardware decoder; null where it was not.</param>
public sealed record SegmentFigures(
    int Frames,
    double? Crf,
    int? Tier,
    bool BelowTarget,
    QualityScores? Scores,
    int Probes,
    AttemptCpu Cpu,
    double EncodeSeconds,
    string? HardwareFailure = null
);

/// <summary>CPU seconds of the mux and of the validation.</summary>
public sealed record TaskCpu(double? Mux, double? Validate);

/// <summary>CPU seconds of the coordinator's tasks that ended without a result; null where none was told.</summary>
/// <param name="Cut">With the analysis.</param>
public sealed record SpentCpu(double? Cut, double? Audio, double? Mux, double? Validate)
{
    public static readonly SpentCpu None = new(null, null, null, null);

    public static SpentCpu operator +(SpentCpu a, SpentCpu b) =>
        new(
            Sum(a.Cut, b.Cut),
            Sum(a.Audio, b.Audio),
            Sum(a.Mux, b.Mux),
            Sum(a.Validate, b.Validate)
        );

    static double? Sum(double? a, double? b) => a is null ? b : a + (b ?? 0);
}

public enum TaskKind
{
    Plan,
    Pieces,
    Audio,
    Mux,
    Deliver,
    Clean,
}

/// <summary>A long thing that the coordinator does itself for a video.</summary>
/// <param name="A">Rendition (Mux, Deliver) or audio variant.</param>
/// <param name="B">Audio track.</param>
public readonly record struct TaskId(TaskKind Kind, int A = 0, int B = 0)
{
    /// <summary>Also the name of the child actor.</summary>
    public override string ToString() =>
        Kind switch
        {
            TaskKind.Plan or TaskKind.Pieces => $"segmenter-{Kind.ToString().ToLowerInvariant()}",
            TaskKind.Audio => $"audio-{A}-{B}",
            TaskKind.Mux => $"muxer-{A}",
            TaskKind.Deliver => $"delivery-{A}",
            _ => "cleaner",
        };
}

/// <summary>Why an attempt or a task failed; supervision decides by it.</summary>
public enum FailureKind
{
    /// <summary>Exit code, signal, unusable output: the environment, tried again.</summary>
    Tool,
    Stalled,
    TimeLimit,

    /// <summary>Tried again alone on a node.</summary>
    OutOfMemory,

    /// <summary>Work waits for room; it does not count as a failure.</summary>
    DiskFull,

    /// <summary>The store is away, or cut or altered a transfer again and again. Work waits; it does not count as a failure.</summary>
    Transfer,

    /// <summary>A required tool is missing on the node.</summary>
    ToolMissing,

    /// <summary>The source is unusable or has changed: no try will help.</summary>
    BadInput,

    /// <summary>The destination is unusable: no try will help until somebody acts.</summary>
    BadOutput,

    /// <summary>The result differs from the plan.</summary>
    Invalid,
}

public static class FailureKinds
{
    /// <summary>Passes by itself or by a person's hand, and is the fault of no segment and no node.</summary>
    public static bool IsWaitedFor(this FailureKind kind) =>
        kind is FailureKind.DiskFull or FailureKind.Transfer;
}

/// <summary>A failure as a person reads it.</summary>
public sealed record Failure(FailureKind Kind, string Message);
