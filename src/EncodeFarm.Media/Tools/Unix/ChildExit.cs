namespace EncodeFarm.Media.Tools.Unix;

/// <summary>How a child ended.</summary>
/// <param name="ExitCode">Null when a signal ended it.</param>
/// <param name="Signal">Null when it ended by itself.</param>
/// <param name="PeakMemoryBytes">
/// Null when not known: Linux carries the resident set of the parent into the figure of a new process, so it says
/// something about the child only where it is above the farm's own peak.
/// </param>
internal sealed record ChildExit(
    int? ExitCode,
    int? Signal,
    double? CpuSeconds,
    long? PeakMemoryBytes
)
{
    internal static readonly ChildExit Unknown = new(null, null, null, null);

    internal static ChildExit From(Libc.Usage usage, long ownPeakBytes)
    {
        var signal = usage.Status & 0x7f;
        return new ChildExit(
            signal == 0 ? (usage.Status >> 8) & 0xff : null,
            signal == 0 ? null : signal,
            usage.CpuSeconds,
            usage.PeakMemoryBytes > ownPeakBytes ? usage.PeakMemoryBytes : null
        );
    }
}
