namespace EncodeFarm.Media.Tools;

/// <summary>One external command that has ended, for the job's log and for the sums of CPU time.</summary>
/// <param name="ProcessId">Null when it was not started.</param>
/// <param name="ExitCode">Null when a signal ended it or it was not started.</param>
/// <param name="Failure">Null when it succeeded or was cancelled.</param>
/// <param name="ErrorTail">The end of standard error, at most 32 kB.</param>
public sealed record CommandRecord(
    ToolCommand Command,
    DateTimeOffset Started,
    TimeSpan Wall,
    int? ProcessId,
    int? ExitCode,
    ToolFailureKind? Failure,
    bool Cancelled,
    double? CpuSeconds,
    long? PeakMemoryBytes,
    string ErrorTail
);
