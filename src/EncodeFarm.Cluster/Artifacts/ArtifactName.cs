using System.Diagnostics.CodeAnalysis;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>
/// Names come over the network and become paths, addresses and keys: relative, parts of letters, digits, dots, dashes
/// and underscores between slashes, none of them beginning with a dot.
/// </summary>
public static class ArtifactName
{
    /// <summary>Below the shortest limit of any house: 1024 bytes for a key in a bucket, less the bucket's prefix.</summary>
    public const int Longest = 512;

    /// <summary>A part becomes a file name: 255 bytes on every usual file system, less what a temporary name adds.</summary>
    public const int LongestPart = 200;

    /// <summary>Ends the names of files on their way; no artifact is called so.</summary>
    public const string Unfinished = ".part";

    public static bool IsName([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= Longest }
        && !name.EndsWith(Unfinished, StringComparison.OrdinalIgnoreCase)
        && name.Split('/').All(IsPart);

    static bool IsPart(string part) =>
        part is { Length: > 0 and <= LongestPart }
        // Also keeps "." and ".." out. Windows drops dots at the end, and two names would be one file.
        && part[0] != '.'
        && part[^1] != '.'
        && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    /// <returns><paramref name="name"/>.</returns>
    /// <exception cref="ArtifactException">It is none.</exception>
    public static string Require(string? name) =>
        IsName(name)
            ? name
            : throw new ArtifactException($"'{name}' is not a name of an artifact.");

    /// <summary>What a list may be asked for: the beginning of a name, or nothing for all of them.</summary>
    public static bool IsPrefix([NotNullWhen(true)] string? prefix) =>
        prefix is not null && (prefix.Length == 0 || IsName($"{prefix}x"));
}
