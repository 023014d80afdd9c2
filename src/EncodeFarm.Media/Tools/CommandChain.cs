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

    // "/usr/bin/nice: '/opt/tool': No such file or directory"
    private static readonly string[] Complaints = ["setpriv: ", "nice: "];

    internal static IReadOnlyList<string> Build(ToolCommand command) =>
        [
            .. SetPriv is null ? Array.Empty<string>() : [SetPriv, "--pdeathsig", "KILL"],
            .. Nice is null || !command.Nice ? Array.Empty<string>() : [Nice, "-n", "10"],
            command.Program,
            .. command.OnProgress is null
                ? Array.Empty<string>()
                : ["-nostats", "-progress", "pipe:1", "-stats_period", "0.5"],
            .. command.Arguments,
        ];

    /// <summary>True when one of the small programs says that it could not start the tool.</summary>
    internal static bool HasComplained(string words) =>
        Complaints.Any(words.Split('\n')[0].Contains);

    private static string? Find(string program) =>
        SearchPath.Find(program) is { } path && !IsBusyBox(path) ? path : null;

    private static bool IsBusyBox(string path) =>
        File.ResolveLinkTarget(path, returnFinalTarget: true)?.Name == BusyBox;
}
