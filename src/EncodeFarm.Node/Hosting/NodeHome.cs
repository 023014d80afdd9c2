using EncodeFarm.Cluster;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Hosting;

/// <summary>The work directory of a node, which one process at a time holds, and the identity that it gives.</summary>
public sealed class NodeHome : IDisposable
{
    private readonly JobLock _lock;

    private NodeHome(WorkDirectory work, string id, JobLock held) =>
        (Work, Id, _lock) = (work, id, held);

    public WorkDirectory Work { get; }

    /// <summary>Stays the same over restarts in this directory.</summary>
    public string Id { get; }

    /// <summary>Folders of the jobs that this node encodes segments for.</summary>
    public string Encoding => Path.Combine(Work.Path, "worker");

    /// <summary>Artifacts that this node keeps, for itself or for others.</summary>
    public string Artifacts => Path.Combine(Work.Path, "store");

    /// <summary>Artifacts that other nodes are sending.</summary>
    public string Uploads => Path.Combine(Work.Path, "uploads");

    /// <summary>Pieces of sources that this node has fetched.</summary>
    public string Cache => Path.Combine(Work.Path, "cache");

    /// <summary>The journal of a coordinator without PostgreSQL.</summary>
    public string Journal => Path.Combine(Work.Path, "coordinator");

    /// <exception cref="FarmException">It can't be used, or another node uses it.</exception>
    public static NodeHome Open(FarmSettings farm, string currentDirectory)
    {
        var work = WorkDirectory.Open(farm, currentDirectory);
        var directory = Path.Combine(work.Path, "node");
        try
        {
            Directory.CreateDirectory(directory);
            var held = JobLock.Acquire(directory);
            var path = Path.Combine(directory, "id");
            if (!File.Exists(path))
            {
                File.WriteAllText(path, Guid.NewGuid().ToString("n"));
            }
            return new NodeHome(work, File.ReadAllText(path).Trim(), held);
        }
        catch (AlreadyRunningException running)
        {
            throw new FarmException(
                FarmError.Busy,
                $"Another node works in '{work.Path}'{(running.Pid is { } pid ? $", pid {pid}" : "")}.",
                "Give this one a directory of its own with --work.",
                running
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FarmException(
                FarmError.BadOutput,
                $"The work directory '{work.Path}' can't be used: {error.Message}",
                "Choose another one with --work.",
                error
            );
        }
    }

    /// <summary>The configured name, or the machine's as far as it is a name for a node.</summary>
    public static string NameOf(ClusterSettings cluster)
    {
        if (cluster.Name is { } given)
        {
            return given;
        }
        var machine = new string([
            .. Environment.MachineName.Where(letter => NodeAddress.IsName($"{letter}")),
        ]);
        return machine.Length == 0
            ? "node"
            : machine[..Math.Min(machine.Length, NodeAddress.LongestName)];
    }

    public void Dispose() => _lock.Dispose();
}
