using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>Finds programs as a shell does.</summary>
internal static class SearchPath
{
    // Service managers start programs with a short PATH, or none.
    private static readonly string[] Usual =
    [
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
        "/opt/homebrew/bin",
    ];

    /// <summary>The absolute directories of PATH, then the usual ones.</summary>
    internal static readonly IReadOnlyList<string> Directories =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Concat(Usual)
            .Distinct(),
    ];

    /// <summary>The absolute path of the program; null when no directory has it.</summary>
    internal static string? Find(string program) => Find(program, Directories);

    internal static string? Find(string program, IEnumerable<string> directories) =>
        directories
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(IsExecutable);

    internal static bool IsExecutable(string path) =>
        File.Exists(path) && Libc.Access(path, Libc.ExecutePermission) == 0;
}
