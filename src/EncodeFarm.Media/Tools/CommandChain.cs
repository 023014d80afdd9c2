using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>The small programs in front of a tool that give it its parent-death signal and its priority.</summary>
internal static class CommandChain
{
    private const string BusyBox = "busybox";

    /// <summary>
    /// Makes the operating system end a child whose farm was killed; null where there is none. BusyBox's can't do it.
    /// </summary>
    internal static readonly string? SetPriv = OperatingSystem.IsLinux() ? Find("setpriv") : null;
    private static readonly string? Nice = Find("nice");

    private static readonly IReadOnlyList<string> Renounced = Renounce(CapabilityReader.Own());

    // "/usr/bin/nice: '/opt/tool': No such file or directory"
    private static readonly string[] Complaints = ["setpriv: ", "nice: "];

    internal static IReadOnlyList<string> Build(ToolCommand command) =>
        [
            .. SetPriv is null ? [] : (string[])[SetPriv, "--pdeathsig", "KILL", .. Renounced],
            .. Nice is null || !command.Nice ? Array.Empty<string>() : [Nice, "-n", "10"],
            command.Program,
            .. command.OnProgress is null
                ? Array.Empty<string>()
                : ["-nostats", "-progress", "pipe:1", "-stats_period", "0.5"],
            .. command.Arguments,
        ];

    /// <summary>
    /// SVT-AV1 puts its threads in front of everything else on the machine (SCHED_FIFO 99) where an administrator runs it:
    /// no heartbeat, no answer, no other program for up to 0.95 s of each second. Without the capability it can't.
    /// </summary>
    internal static IReadOnlyList<string> Renounce(Capabilities own) =>
        own.HasFlag(Capabilities.RealTime | Capabilities.GiveUp)
            ? ["--bounding-set=-sys_nice"]
            : [];

    /// <summary>True when one of the small programs says that it could not start the tool.</summary>
    internal static bool HasComplained(string words) =>
        Complaints.Any(words.Split('\n')[0].Contains);

    private static string? Find(string program) =>
        SearchPath.Find(program) is { } path && !IsBusyBox(path) ? path : null;

    private static bool IsBusyBox(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.Name == BusyBox;
}
