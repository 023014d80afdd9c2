using System.Runtime.InteropServices;

namespace EncodeFarm.Media.Tools.Locate;

/// <summary>Where one tool is.</summary>
/// <param name="Path">Null when it was not found.</param>
/// <param name="Problem">Why it was not found, or can't be used: a whole sentence.</param>
/// <param name="Chosen">A person has named it.</param>
internal sealed record ToolPlace(string Name, string? Path, string? Problem, bool Chosen = false)
{
    internal bool Usable => Path is not null && Problem is null;
}

/// <summary>Where the tools are, without running any: an environment variable decides, then PATH, then the repository.</summary>
internal sealed record ToolPlaces(
    ToolPlace Ffmpeg,
    ToolPlace Ffprobe,
    ToolPlace Mkvmerge,
    ToolPlace MediaInfo,
    ToolPlace Vmaf
)
{
    /// <summary>Names of the variables that say where a tool is.</summary>
    private const string VariablePrefix = "ENCODEFARM_";

    private const string ToolsVariable = "ENCODEFARM_TOOLS";
    private const string Package = "@ffprobe-installer";

    internal IReadOnlyList<ToolPlace> All => [Ffmpeg, Ffprobe, Mkvmerge, MediaInfo, Vmaf];

    internal static ToolPlaces Find(ToolLocatorOptions options) =>
        new(
            Find("ffmpeg", options, Searched("ffmpeg", options)),
            Find("ffprobe", options, Searched("ffprobe", options)),
            Find("mkvmerge", options, Searched("mkvmerge", options)),
            Find("mediainfo", options, Searched("mediainfo", options)),
            Find(ToolFinding.Vmaf, options, Packaged(options))
        );

    private static ToolPlace Find(string name, ToolLocatorOptions options, ToolPlace otherwise)
    {
        var variable = VariablePrefix + name.ToUpperInvariant();
        if (options.Variable(variable) is not { Length: > 0 } value)
            return otherwise;
        var path = Path.GetFullPath(value);
        var problem = SearchPath.IsExecutable(path)
            ? null
            : $"{variable} names {value}, which is not a program that can be run.";
        return new ToolPlace(name, path, problem, Chosen: true);
    }

    private static ToolPlace Searched(string name, ToolLocatorOptions options) =>
        SearchPath.Find(name, options.SearchDirectories) is { } path
            ? new ToolPlace(name, path, Problem: null)
            : new ToolPlace(name, Path: null, $"{name} was not found.");

    private static ToolPlace Packaged(ToolLocatorOptions options)
    {
        var path = ToolsDirectory(options) is { } tools
            ? Path.Combine(tools, "node_modules", Package, PlatformName(), "ffprobe")
            : null;
        if (path is null || !File.Exists(path))
            return new ToolPlace(
                ToolFinding.Vmaf,
                Path: null,
                "The VMAF tool of the repository is not installed."
            );
        var problem = SearchPath.IsExecutable(path) ? null : $"{path} may not be executed.";
        return new ToolPlace(ToolFinding.Vmaf, path, problem);
    }

    private static string? ToolsDirectory(ToolLocatorOptions options)
    {
        if (options.Variable(ToolsVariable) is { Length: > 0 } named)
            return Path.GetFullPath(named);
        for (
            var directory = new DirectoryInfo(options.ApplicationDirectory);
            directory is not null;
            directory = directory.Parent
        )
        {
            var tools = Path.Combine(directory.FullName, "tools");
            if (File.Exists(Path.Combine(tools, "package.json")))
                return tools;
        }
        return null;
    }

    // As npm names platforms: linux-x64, darwin-arm64, …
    internal static string PlatformName() =>
        (OperatingSystem.IsMacOS() ? "darwin-" : "linux-")
        + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
}
