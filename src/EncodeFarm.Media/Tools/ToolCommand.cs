namespace EncodeFarm.Media.Tools;

/// <summary>What CPU time is booked under; the keys of the report's cpuSeconds.</summary>
public enum WorkKind
{
    Analyze,
    Cut,
    Search,
    Encode,
    Measure,
    Audio,
    Mux,
    Validate,
}

/// <summary>One run of an external program: an argument list, never a command line for a shell.</summary>
/// <param name="Program">Absolute path of the executable.</param>
public sealed record ToolCommand(string Program, IReadOnlyList<string> Arguments, WorkKind Kind)
{
    /// <summary>Working directory; null keeps the farm's own.</summary>
    public string? Directory { get; init; }

    /// <summary>Receives each line of standard output; null keeps the output in <see cref="ToolResult.Output"/>.</summary>
    public Action<string>? OnOutputLine { get; init; }

    /// <summary>Receives each line of standard error as well, of which <see cref="ToolResult.ErrorTail"/> keeps the end only.</summary>
    public Action<string>? OnErrorLine { get; init; }

    /// <summary>
    /// Called with each block of ffmpeg's <c>-progress pipe:1</c>. Setting it makes the runner add
    /// <c>-nostats -progress pipe:1 -stats_period 0.5</c> in front of the arguments and watch for stalls.
    /// </summary>
    public Action<FfmpegProgress>? OnProgress { get; init; }

    /// <summary>
    /// No progress for this long kills the process with <see cref="ToolFailureKind.Stalled"/>; null means no watch.
    /// Progress is an advance of ffmpeg's frame, time or size where <see cref="OnProgress"/> is set, any output otherwise.
    /// </summary>
    public TimeSpan? StallLimit { get; init; }

    /// <summary>
    /// Neither output nor processor time from one look to the next, which are this far apart, kills the process with
    /// <see cref="ToolFailureKind.Stalled"/>: what hangs in a read, as on a network mount that is gone, would hold its
    /// task for ever. On Linux only; null means no watch.
    /// </summary>
    public TimeSpan? SilenceLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The whole run may take this long; null means no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>
    /// A larger resident set ends the run with <see cref="ToolFailureKind.OutOfMemory"/>. It is looked at with each block
    /// of progress, on Linux only; null means no limit.
    /// </summary>
    public long? MemoryLimitBytes { get; init; }

    /// <summary>Run at nice 10, so that heartbeats and the machine's owner come first.</summary>
    public bool Nice { get; init; } = true;

    /// <summary>Added to the farm's own environment.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>Exit codes that count as success; mkvmerge ends with 1 when it has warnings.</summary>
    public IReadOnlyList<int> GoodExitCodes { get; init; } = [0];

    /// <summary>
    /// On cancellation the program has this long to close its files after SIGTERM, then it is killed; zero kills at
    /// once. ffmpeg needs 0.7-0.8 s.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);
}

/// <param name="Frame">Frames sent to the encoder so far.</param>
/// <param name="OutTime">Timestamp of the last packet written; null while unknown.</param>
public sealed record FfmpegProgress(
    long Frame,
    double Fps,
    TimeSpan? OutTime,
    double? Speed,
    bool Ended
);

/// <summary>A run that ended with exit code 0, or another of <see cref="ToolCommand.GoodExitCodes"/>.</summary>
/// <param name="Output">Standard output, where no receiver was set.</param>
/// <param name="ErrorTail">The last 32 kB of standard error.</param>
/// <param name="CpuSeconds">User plus system time of the process and the children it waited for; null where not known.</param>
/// <param name="PeakMemoryBytes">
/// Largest resident set; null where not known, which on Linux includes every program that reports no progress and stays
/// below the farm's own peak.
/// </param>
public sealed record ToolResult(
    string Output,
    string ErrorTail,
    double? CpuSeconds,
    long? PeakMemoryBytes,
    TimeSpan Wall
)
{
    public int ExitCode { get; init; }
}

/// <summary>How a run failed; supervision decides by it.</summary>
public enum ToolFailureKind
{
    ExitCode,
    Signal,
    Stalled,
    TimeLimit,
    OutOfMemory,
    DiskFull,
    NotStarted,
}

/// <summary>A run that failed: the tool, the exit code, the whole command and the end of its standard error.</summary>
public sealed class ToolFailedException(
    ToolCommand command,
    ToolFailureKind kind,
    int? exitCode,
    string message,
    string errorTail,
    double? cpuSeconds
) : Exception(message)
{
    public ToolCommand Command { get; } = command;
    public ToolFailureKind Kind { get; } = kind;
    public int? ExitCode { get; } = exitCode;
    public string ErrorTail { get; } = errorTail;
    public double? CpuSeconds { get; } = cpuSeconds;

    /// <summary>The signal that ended the program; null when it ended by itself.</summary>
    public int? Signal { get; init; }

    /// <summary>How the other side of a pipeline failed, where both failed by themselves.</summary>
    public Exception? Other { get; internal set; }
}

/// <summary>A run that was cancelled after its start; what it has cost counts all the same.</summary>
/// <param name="cpuSeconds">Null where not known.</param>
public sealed class ToolCancelledException(double? cpuSeconds, CancellationToken cancellation)
    : OperationCanceledException(cancellation)
{
    public double? CpuSeconds { get; } = cpuSeconds;
}

/// <summary>
/// The one door to external programs. Implementations kill the process when the token is cancelled (first gracefully,
/// then by force), and the operating system kills it when the farm's own process dies.
/// </summary>
public interface IToolRunner
{
    /// <exception cref="ToolFailedException">The program could not be started or did not end with exit code 0.</exception>
    /// <exception cref="OperationCanceledException">
    /// Cancelled; the process is gone by then. A <see cref="ToolCancelledException"/> where it had been started.
    /// </exception>
    Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation);
}
