using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Hosting;

/// <summary>
/// Refuses what would lose pieces or segments when another coordinator takes over: artifacts, sources and outputs must be
/// where all coordinators reach them, whoever of them is dead. What other nodes are set to is not known here, so every
/// coordinator with a shared journal counts as one of several.
/// </summary>
public static class StoreCheck
{
    /// <returns>Everything that is wrong, with the key to change; nothing where the coordinator may start.</returns>
    public static IReadOnlyList<string> Refusals(FarmSettings farm, string name) =>
        [
            .. Place(farm.Cluster, name),
            .. Roots(farm.SourceRoots, "sources", farm.Cluster),
            .. Roots(farm.OutputRoots, "outputs", farm.Cluster),
        ];

    private static IEnumerable<string> Place(ClusterSettings cluster, string name)
    {
        if (cluster.Store is { } place)
        {
            if (!IsShared(place, cluster))
            {
                yield return $"The coordinators {name}, any other coordinator can't all reach the artifacts in {place}, a directory of one machine. Put them on a mount that all nodes have and name it in roots.shared, or choose a bucket or a store node with cluster.store.";
            }
        }
        else if (cluster.Roles.HasFlag(NodeRoles.Store))
        {
            yield return $"The store node {name} is one of the coordinators, so its death would take the artifacts with it. Give that role (node.roles) to a node that is no coordinator.";
        }
    }

    private static IEnumerable<string> Roots(
        IReadOnlyList<string> roots,
        string what,
        ClusterSettings cluster
    )
    {
        if (roots.Count == 0)
        {
            yield return $"With several coordinators roots.{what} must name the directories of the {what}, each on a mount that all coordinators have and marked as shared; it is empty.";
        }
        foreach (var root in roots.Where(root => !IsShared(root, cluster)))
        {
            yield return $"{root} in roots.{what} is not marked as shared: a coordinator that takes over could not go on with its {what}. Mount it on all coordinators and mark it, or leave it out.";
        }
    }

    /// <summary>A directory that is a shared one, or lies below one; or a bucket.</summary>
    private static bool IsShared(string directory, ClusterSettings cluster) =>
        S3Address.Is(directory)
        || Jobs.Roots.Contain(cluster.SharedRoots, Path.Combine(directory, "."))
        || cluster.SharedRoots.Contains(Path.TrimEndingDirectorySeparator(directory));
}
