using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Jobs;

/// <summary>Keeps sources and outputs below the directories that the configuration allows.</summary>
public static class Roots
{
    /// <exception cref="FarmException">The source lies elsewhere.</exception>
    public static void RequireSource(string path, IReadOnlyList<string> roots) =>
        Require(path, roots, FarmError.BadInput, "roots.sources");

    /// <exception cref="FarmException">The destination lies elsewhere.</exception>
    public static void RequireOutput(string path, IReadOnlyList<string> roots) =>
        Require(path, roots, FarmError.BadOutput, "roots.outputs");

    private static void Require(
        string path,
        IReadOnlyList<string> roots,
        FarmError error,
        string key
    )
    {
        if (roots.Count == 0)
        {
            return;
        }
        if (!Contain(roots, path))
        {
            throw new FarmException(
                error,
                $"'{path}' lies outside the directories that {key} allows.",
                $"They are {string.Join(", ", roots)}."
            );
        }
    }

    /// <summary>Whether the path, its links followed, lies below one of the directories.</summary>
    public static bool Contain(IReadOnlyList<string> roots, string path)
    {
        if (S3Address.Is(path))
        {
            return roots.Where(S3Address.Is).Any(root => IsBelow(path, root.TrimEnd('/')));
        }
        var real = RealPath.Of(path);
        return roots
            .Where(root => !S3Address.Is(root))
            .Any(root => IsBelow(real, RealPath.Of(root)));
    }

    private static bool IsBelow(string path, string root) =>
        path.StartsWith(
            Path.TrimEndingDirectorySeparator(root) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        )
        || root == Path.DirectorySeparatorChar.ToString();
}
