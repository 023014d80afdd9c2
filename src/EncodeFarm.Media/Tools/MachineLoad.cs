using System.Text;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>CPU time of the machine since its start, and the part of it that is ours, in ticks of all cores together.</summary>
/// <param name="Total">Busy and idle.</param>
/// <param name="Ours">This process, its descendants, and those of them that have ended.</param>
public readonly record struct LoadSample(long Total, long Busy, long Ours)
{
    /// <summary>Bytes of memory that our tools, the descendants of this process, hold for themselves alone.</summary>
    public long ToolMemory { get; init; }

    /// <summary>Foreign load between two samples, 0..100 percent of all cores; null where no time has passed.</summary>
    public double? ForeignSince(LoadSample earlier)
    {
        var total = Total - earlier.Total;
        if (total <= 0)
        {
            return null;
        }
        var foreign = (double)(Busy - earlier.Busy) - (Ours - earlier.Ours);
        return Math.Clamp(100 * foreign / total, 0, 100);
    }
}

/// <summary>Reads the machine's load from Linux's files.</summary>
public static class MachineLoad
{
    /// <summary>Null on other systems.</summary>
    public static LoadSample? Read()
    {
        const string file = "/proc/stat";
        if (!File.Exists(file))
        {
            return null;
        }
        // "cpu user nice system idle iowait irq softirq steal …": what a hypervisor took away is not idle, nor ours.
        var fields = Fields(File.ReadLines(file).First());
        var idle = fields[3] + fields[4];
        var total = fields.Take(8).Sum();
        var ours = Ours();
        return new LoadSample(total, total - idle, ours.Sum(process => process.Time))
        {
            ToolMemory = ours.Where(process => process.Id != Environment.ProcessId)
                .Sum(process => ProcFile.OwnMemory(process.Id)),
        };
    }

    private static List<(int Id, long Time)> Ours()
    {
        var parents = new Dictionary<int, (int Parent, long Time)>();
        foreach (var pid in ProcFile.ProcessIds())
        {
            var text = Encoding.UTF8.GetString(ProcFile.Read(pid, "stat"));
            var fields = text[(text.LastIndexOf(')') + 1)..]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 14)
            {
                // From the state on: 1 parent, 11 user, 12 system, and the same of children that were waited for.
                parents[pid] = (int.Parse(fields[1]), fields[11..15].Sum(long.Parse));
            }
        }
        return
        [
            .. parents
                .Where(process => IsOurs(process.Key, parents))
                .Select(process => (process.Key, process.Value.Time)),
        ];
    }

    private static bool IsOurs(int pid, Dictionary<int, (int Parent, long Time)> parents)
    {
        for (
            var ancestor = pid;
            ancestor > 1;
            ancestor = parents.GetValueOrDefault(ancestor).Parent
        )
        {
            if (ancestor == Environment.ProcessId)
            {
                return true;
            }
        }
        return false;
    }

    private static long[] Fields(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(long.Parse)];
}
