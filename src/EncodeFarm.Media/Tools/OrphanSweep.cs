using System.Text;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>
/// Ends what a killed farm has left behind. A child dies with its farm, except in the instant between its start and its
/// asking for that; and where setpriv is missing.
/// </summary>
public static class OrphanSweep
{
    /// <summary>
    /// Kills every process of this user that was started for the job and is no descendant of this one. Call it only with
    /// the job's lock in hand: whoever else works on the job is then a leftover.
    /// </summary>
    /// <returns>Ids of the processes that were killed; always empty where there is no /proc.</returns>
    public static IReadOnlyList<int> Kill(string jobMarker)
    {
        var wanted = Encoding.UTF8.GetBytes($"{ToolRunner.JobVariable}={jobMarker}");
        var strays = ProcFile.ProcessIds().Where(pid => HasVariable(pid, wanted) && !IsOurs(pid));
        return [.. strays.Where(pid => Libc.Kill(pid, Libc.SignalKill) == 0)];
    }

    private static bool HasVariable(int pid, ReadOnlySpan<byte> wanted)
    {
        var environment = ProcFile.Read(pid, "environ").AsSpan();
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].SequenceEqual(wanted))
                return true;
        }
        return false;
    }

    private static bool IsOurs(int pid)
    {
        for (var ancestor = pid; ancestor > 1; ancestor = ProcFile.Parent(ancestor))
        {
            if (ancestor == Environment.ProcessId)
                return true;
        }
        return false;
    }
}
