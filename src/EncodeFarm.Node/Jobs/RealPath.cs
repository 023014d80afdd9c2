namespace EncodeFarm.Node.Jobs;

/// <summary>Follows symbolic links, so that a path can be compared with another.</summary>
public static class RealPath
{
    /// <summary>As many links as Linux follows before it gives up.</summary>
    private const int MostLinks = 40;

    /// <summary>The path without links; parts that do not exist are taken as they stand.</summary>
    /// <param name="path">Absolute.</param>
    public static string Of(string path)
    {
        var links = 0;
        return Of(path, ref links);
    }

    private static string Of(string path, ref int links)
    {
        var real = Path.GetPathRoot(path) ?? "/";
        foreach (
            var part in path[real.Length..]
                .Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
        )
        {
            var next = Path.Combine(real, part);
            real =
                new FileInfo(next).LinkTarget is { } target && ++links <= MostLinks
                    ? Of(Path.GetFullPath(target, real), ref links)
                    : next;
        }
        return real;
    }
}
