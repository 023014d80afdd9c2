namespace EncodeFarm.Media.Model;

/// <summary>What sort of thing went wrong, as far as a caller or a script must tell it apart.</summary>
public enum FarmError
{
    /// <summary>The source can't be used: missing, unreadable, damaged, not a video (exit code 3).</summary>
    BadInput,

    /// <summary>The destination can't be used: no such directory, not writable, exists already (exit code 3).</summary>
    BadOutput,

    /// <summary>A setting, profile or flag is wrong (exit code 2).</summary>
    BadConfiguration,

    /// <summary>A tool, encoder, model or server is missing or unfit (exit code 4).</summary>
    ToolMissing,

    /// <summary>There is no room on a disk; work pauses and goes on when there is.</summary>
    DiskFull,

    /// <summary>An external process failed, stalled, ran out of time or memory, or produced something unusable.</summary>
    ToolFailed,

    /// <summary>The output differs from what was planned; it was not delivered.</summary>
    Invalid,

    /// <summary>The same job is worked on by another process.</summary>
    Busy,
}

/// <summary>
/// An error that a person can act on: what failed, on which input, and what to do next.
/// The message is one or two whole sentences and is shown as it stands.
/// </summary>
public sealed class FarmException(
    FarmError error,
    string message,
    string? advice = null,
    Exception? inner = null
) : Exception(advice is null ? message : $"{message} {advice}", inner)
{
    public FarmError Error { get; } = error;
}
