using System.Globalization;
using System.Text;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>
/// Ends what a killed farm has left behind. A child dies with its farm, except in the instant between its start and its
/// asking for that; and where setpriv is missing.
/// </summary>
public static class OrphanSweep
{
    private const string ProcessTable = "/proc";

    /// <summary>
    /// Kills every process of this user that was started for the job and is no descendant of this one. Call it only with
    /// the job's lock in hand: whoever else works on the job is then a leftover.
    /// </summary>
    /// <returns>Ids of the processes that were killed; always empty where there is no /proc.</returns>
    public static IReadOnlyList<int> Kill(string jobMarker)
    {
        if (!Directory.Exists(ProcessTable))
            return [];
        var wanted = Encoding.UTF8.GetBytes($"{ToolRunner.JobVariable}={jobMarker}");
        var strays = ProcessIds().Where(pid => HasVariable(pid, wanted) && !IsOurs(pid));
        return [.. strays.Where(pid => Libc.Kill(pid, Libc.SignalKill) == 0)];
    }

    private static IEnumerable<int> ProcessIds() =>
        Directory
            .EnumerateDirectories(ProcessTable)
            .Select(path => Path.GetFileName(path))
            .Where(name => name.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture));

    private static bool HasVariable(int pid, ReadOnlySpan<byte> wanted)
    {
        var environment = Read(pid, "environ").AsSpan();
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].SequenceEqual(wanted))
                return true;
        }
        return false;
    }

    private static bool IsOurs(int pid)
    {
        for (var ancestor = pid; ancestor > 1; ancestor = Parent(ancestor))
        {
            if (ancestor == Environment.ProcessId)
                return true;
        }
        return false;
    }

    // /proc/pid/stat: "pid (name) state parent …", where the name may hold spaces and brackets.
    private static int Parent(int pid)
    {
        var text = Encoding.UTF8.GetString(Read(pid, "stat"));
        var fields = text[(text.LastIndexOf(')') + 1)..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 1 ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;
    }

    // Processes end while we look, and others' belong to others.
    private static byte[] Read(int pid, string file)
    {
        try
        {
            return File.ReadAllBytes(
                string.Create(CultureInfo.InvariantCulture, $"{ProcessTable}/{pid}/{file}")
            );
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
