using System.Collections.Immutable;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>Where a farm keeps its artifacts.</summary>
public abstract record StorePlace
{
    /// <param name="Path">On the node with the role store.</param>
    /// <param name="Shared">All nodes see the same directory at that path.</param>
    public sealed record InDirectory(string Path, bool Shared) : StorePlace;

    /// <summary>The endpoint of a node.</summary>
    /// <param name="Node">Its name; null for the coordinator.</param>
    public sealed record AtNode(string? Node) : StorePlace;

    public sealed record InBucket(string Name) : StorePlace;
}

/// <param name="Shared">All coordinators see the same directory at that path.</param>
public sealed record FarmRoot(string Path, bool Shared);

/// <param name="Coordinators">Names of all nodes that may take the lead.</param>
/// <param name="Place">Of the artifacts.</param>
/// <param name="Sources">Empty where every path is allowed.</param>
/// <param name="Outputs">Empty where every path is allowed.</param>
public sealed record StoreSetup(
    ImmutableArray<string> Coordinators,
    StorePlace Place,
    ImmutableArray<FarmRoot> Sources,
    ImmutableArray<FarmRoot> Outputs
);

/// <summary>The keys of the configuration that the refusals name.</summary>
public sealed record StoreKeys(
    string Store,
    string Directory,
    string Node,
    string Sources,
    string Outputs
)
{
    public static StoreKeys Usual { get; } =
        new("store.kind", "store.shared", "store.node", "roots.sources", "roots.outputs");
}

/// <summary>Why a configuration can't be used.</summary>
/// <param name="Key">The setting to change.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record StoreRefusal(string Key, string Message);

/// <summary>
/// Refuses what could lose pieces or segments when another coordinator takes over: with several of them, artifacts, sources and
/// outputs must be where all of them reach them, whoever of them is dead. One coordinator may keep them wherever it likes.
/// </summary>
public static class StoreCheck
{
    /// <returns>Everything that is wrong; nothing where the farm may start.</returns>
    public static ImmutableArray<StoreRefusal> Judge(StoreSetup setup, StoreKeys keys) =>
        setup.Coordinators.Distinct().Count() <= 1
            ? []
            :
            [
                .. JudgePlace(setup, keys),
                .. JudgeRoots(setup.Sources, "sources", keys.Sources),
                .. JudgeRoots(setup.Outputs, "outputs", keys.Outputs),
            ];

    static IEnumerable<StoreRefusal> JudgePlace(StoreSetup setup, StoreKeys keys)
    {
        var several = $"The coordinators {string.Join(", ", setup.Coordinators.Distinct())}";
        switch (setup.Place)
        {
            case StorePlace.InDirectory { Shared: false } directory:
                yield return new(
                    keys.Directory,
                    $"{several} can't all reach the artifacts in {directory.Path}, a directory of one machine. Put them on a mount that all nodes have and name it in {keys.Directory}, or choose a bucket or a store node with {keys.Store}."
                );
                break;
            case StorePlace.AtNode { Node: null }:
                yield return new(
                    keys.Node,
                    $"{several} would each keep artifacts of their own, lost to the next when one dies. Start a store ({keys.Node}) that is none of them, or choose a shared directory or a bucket with {keys.Store}."
                );
                break;
            case StorePlace.AtNode { Node: { } node } when setup.Coordinators.Contains(node):
                yield return new(
                    keys.Node,
                    $"The store node {node} is one of the coordinators, so its death would take the artifacts with it. Give that role ({keys.Node}) to a node that is no coordinator."
                );
                break;
        }
    }

    static IEnumerable<StoreRefusal> JudgeRoots(
        ImmutableArray<FarmRoot> roots,
        string what,
        string key
    )
    {
        if (roots.IsEmpty)
        {
            yield return new(
                key,
                $"With several coordinators {key} must name the directories of the {what}, each on a mount that all coordinators have and marked as shared; it is empty."
            );
        }
        foreach (var root in roots.Where(root => !root.Shared))
        {
            yield return new(
                key,
                $"{root.Path} in {key} is not marked as shared: a coordinator that takes over could not go on with its {what}. Mount it on all coordinators and mark it, or leave it out."
            );
        }
    }
}
