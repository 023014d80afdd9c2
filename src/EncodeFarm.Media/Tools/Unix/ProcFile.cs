using System.Text;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>Linux's files about processes. They end while we look, and others' belong to others: then nothing is known.</summary>
internal static class ProcFile
{
    private const string Root = "/proc";
    private const string PeakLine = "VmHWM:";

    internal static IEnumerable<int> ProcessIds() =>
        !Directory.Exists(Root)
            ? []
            : Directory
                .EnumerateDirectories(Root)
                .Select(path => Path.GetFileName(path))
                .Where(name => name.All(char.IsAsciiDigit))
                .Select(int.Parse);

    internal static byte[] Read(int pid, string file)
    {
        try
        {
            return File.ReadAllBytes($"{Root}/{pid}/{file}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>0 when not known.</summary>
    internal static int Parent(int pid) =>
        Stat(pid) is { Length: > 1 } fields ? int.Parse(fields[1]) : 0;

    /// <summary>User and system time of all its threads, and of the children it waited for, in clock ticks; null when not known.</summary>
    internal static long? CpuTicks(int pid) =>
        Stat(pid) is { Length: > 14 } fields ? fields[11..15].Sum(long.Parse) : null;

    /// <summary>The fields from the state on. The line is "pid (name) state parent …", where the name may hold spaces and brackets.</summary>
    private static string[] Stat(int pid)
    {
        var text = Encoding.UTF8.GetString(Read(pid, "stat"));
        return text[(text.LastIndexOf(')') + 1)..]
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>In bytes, without what it shares with others (libraries); 0 when not known. The fields of statm are pages: size, resident, shared, …</summary>
    internal static long OwnMemory(int pid)
    {
        var fields = Encoding.UTF8.GetString(Read(pid, "statm")).Split(' ');
        return fields.Length > 2
            ? Environment.SystemPageSize * (long.Parse(fields[1]) - long.Parse(fields[2]))
            : 0;
    }

    /// <summary>In bytes; the line is "VmHWM:   1234 kB".</summary>
    internal static long? PeakMemory(int pid)
    {
        var text = Encoding.UTF8.GetString(Read(pid, "status"));
        var start = text.IndexOf(PeakLine, StringComparison.Ordinal);
        if (start < 0)
            return null;
        var words = text[(start + PeakLine.Length)..]
            .Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(words[0]) * 1024;
    }
}
