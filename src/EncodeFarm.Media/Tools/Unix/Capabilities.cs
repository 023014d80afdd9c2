using System.Globalization;
using System.Text;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>What Linux lets this process do, from the line <c>CapEff</c> of its status: hexadecimal, a bit for each capability.</summary>
[Flags]
internal enum Capabilities : ulong
{
    None = 0,

    /// <summary>CAP_SETPCAP: give capabilities up for good.</summary>
    GiveUp = 1ul << 8,

    /// <summary>CAP_SYS_NICE: run in real time, before everything else.</summary>
    RealTime = 1ul << 23,
}

internal static class CapabilityReader
{
    private const string Line = "CapEff:";

    internal static Capabilities Own() =>
        Parse(Encoding.UTF8.GetString(ProcFile.Read(Environment.ProcessId, "status")));

    /// <param name="status">Text of <c>/proc/…/status</c>.</param>
    /// <returns>None where the line is not there.</returns>
    internal static Capabilities Parse(string status)
    {
        var line = status
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        return
            line is not null
            && ulong.TryParse(
                line.AsSpan(Line.Length).Trim(),
                NumberStyles.AllowHexSpecifier,
                null,
                out var bits
            )
            ? (Capabilities)bits
            : Capabilities.None;
    }
}
