using System.Globalization;

namespace EncodeFarm.Media.Tools;

/// <summary>The memory that the programs of this process may use, in bytes.</summary>
/// <param name="Total">Of the machine, or of the narrowest control group around this process (a container's limit).</param>
/// <param name="Free">What could be taken now without taking it from others; caches that the system gives up count as free. Null where not known.</param>
public sealed record MachineMemory(long Total, long? Free)
{
    private const string SystemFile = "/proc/meminfo";
    private const string GroupsFile = "/proc/self/cgroup";
    private const string Groups = "/sys/fs/cgroup";

    /// <summary>Null where the system does not say.</summary>
    public static MachineMemory? Read() =>
        From(Text)
        ?? (
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes is > 0 and var total
                ? new MachineMemory(total, Free: null)
                : null
        );

    /// <param name="read">The text of a file; null where it can't be read.</param>
    /// <returns>Null where these are not the files of Linux.</returns>
    public static MachineMemory? From(Func<string, string?> read)
    {
        var system = read(SystemFile);
        if (Number(system, "MemTotal:") is not { } total)
        {
            return null;
        }
        // "MemTotal:   16315180 kB"
        var machine = new MachineMemory(total * 1024, Number(system, "MemAvailable:") * 1024);
        return (read(GroupsFile) ?? "")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(line => GroupsOf(line, read))
            .Aggregate(machine, (narrowest, group) => narrowest.Within(group));
    }

    private MachineMemory Within(MachineMemory group) =>
        new(
            Math.Min(Total, group.Total),
            Free is { } free && group.Free is { } left ? Math.Min(free, left) : Free ?? group.Free
        );

    /// <summary>
    /// "0::/user.slice/farm" names the group in version 2, "7:memory:/docker/1f" in version 1; the limits of all groups
    /// above count too. In a container the path may be that of the host, and only the topmost directory is there.
    /// </summary>
    private static IEnumerable<MachineMemory> GroupsOf(string line, Func<string, string?> read)
    {
        var fields = line.Split(':', 3);
        var second = fields is ["0", "", _];
        if (!second && (fields.Length < 3 || !fields[1].Split(',').Contains("memory")))
        {
            yield break;
        }
        var root = second ? Groups : $"{Groups}/memory";
        for (var path = fields[2].TrimEnd('/'); ; path = path[..Math.Max(0, path.LastIndexOf('/'))])
        {
            var group = second
                ? Group(root + path, "memory.max", "memory.current", "", read)
                : Group(
                    root + path,
                    "memory.limit_in_bytes",
                    "memory.usage_in_bytes",
                    "total_",
                    read
                );
            if (group is not null)
            {
                yield return group;
            }
            if (path.Length == 0)
            {
                yield break;
            }
        }
    }

    /// <param name="sums">How the lines of memory.stat begin that count the groups below too.</param>
    private static MachineMemory? Group(
        string directory,
        string limitFile,
        string usageFile,
        string sums,
        Func<string, string?> read
    )
    {
        // "max" where there is none; version 1 has a very large number instead.
        if (Number(read($"{directory}/{limitFile}")) is not { } limit)
        {
            return null;
        }
        var statistics = read($"{directory}/memory.stat");
        var caches =
            (Number(statistics, $"{sums}inactive_file ") ?? 0)
            + (Number(statistics, $"{sums}active_file ") ?? 0);
        return new MachineMemory(
            limit,
            Number(read($"{directory}/{usageFile}")) is { } usage
                ? Math.Clamp(limit - usage + caches, 0, limit)
                : null
        );
    }

    private static long? Number(string? text, string line = "")
    {
        var found = text
            ?.Split('\n')
            .FirstOrDefault(candidate => candidate.StartsWith(line, StringComparison.Ordinal));
        return
            found is not null
            && long.TryParse(
                found[line.Length..].Replace("kB", "").Trim(),
                NumberStyles.None,
                null,
                out var number
            )
            ? number
            : null;
    }

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
