using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>Decides how a run failed from its exit status and its last words.</summary>
internal static class FailureClassifier
{
    /// <summary>A shell's, and so a wrapper's, way of saying that a signal ended the program.</summary>
    private const int SignalExitBase = 128;

    private const int NotExecutable = 126;
    private const int NotFound = 127;

    private static readonly string[] DiskFullTexts =
    [
        "No space left on device",
        "Disk quota exceeded",
    ];

    private static readonly string[] OutOfMemoryTexts =
    [
        "Cannot allocate memory",
        "std::bad_alloc",
        "Out of memory",
    ];

    /// <param name="words">The end of standard error, or of standard output where that is empty.</param>
    internal static ToolFailureKind Classify(ChildExit exit, string words)
    {
        if (DiskFullTexts.Any(words.Contains))
            return ToolFailureKind.DiskFull;
        // Nobody but the kernel's out-of-memory killer has a reason to send SIGKILL, which is not ours here.
        if (
            exit.Signal == Libc.SignalKill
            || exit.ExitCode == SignalExitBase + Libc.SignalKill
            || OutOfMemoryTexts.Any(words.Contains)
        )
            return ToolFailureKind.OutOfMemory;
        if (exit.Signal is not null)
            return ToolFailureKind.Signal;
        return exit.ExitCode is NotExecutable or NotFound && CommandChain.HasComplained(words)
            ? ToolFailureKind.NotStarted
            : ToolFailureKind.ExitCode;
    }

    /// <summary>One sentence: the tool, what happened, and the last thing it said.</summary>
    internal static string Describe(
        ToolCommand command,
        ToolFailureKind kind,
        ChildExit exit,
        string words
    )
    {
        var name = Path.GetFileName(command.Program);
        var status =
            exit.ExitCode is { } code ? $"exit code {code}"
            : exit.Signal is { } signal ? $"signal {signal}"
            : "unknown exit status";
        var what = kind switch
        {
            ToolFailureKind.Stalled =>
                $"{name} made no progress for {(command.StallLimit ?? command.SilenceLimit)?.TotalSeconds:0.#} s and was stopped",
            ToolFailureKind.TimeLimit =>
                $"{name} took longer than {command.TimeLimit?.TotalSeconds:0.#} s and was stopped",
            ToolFailureKind.OutOfMemory => command.MemoryLimitBytes is { } limit
                ? $"{name} ran out of memory ({status}; it may have {limit >> 20} MiB, memory.limit)"
                : $"{name} ran out of memory ({status})",
            ToolFailureKind.DiskFull => $"{name} found no space left on the disk ({status})",
            _ => $"{name} failed ({status})",
        };
        var lastLine = words.TrimEnd().Split('\n')[^1].Trim();
        return lastLine.Length == 0 ? $"{what}." : $"{what}: {lastLine}";
    }
}
