using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>SHA-256 of files, in lower-case hex.</summary>
public static class ContentHash
{
    public const int Letters = 64;

    public static bool IsHash(string? text) =>
        text is { Length: Letters } && text.All(char.IsAsciiHexDigitLower);

    public static async Task<string> OfFileAsync(string path, CancellationToken cancellation)
    {
        await using var file = FileCopy.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }

    /// <summary>Whether the file is there with the artifact's length and content.</summary>
    public static async Task<bool> FitsAsync(
        StoredArtifact artifact,
        string path,
        CancellationToken cancellation
    ) =>
        new FileInfo(path) is { Exists: true } file
        && file.Length == artifact.Length
        && await OfFileAsync(path, cancellation) == artifact.Sha256;
}

/// <summary>Hashes of files that do not change: each is read once, and again when its length or time is another.</summary>
sealed class KnownHashes
{
    /// <summary>About 300 bytes each.</summary>
    const int Limit = 20_000;

    readonly ConcurrentDictionary<string, Entry> _known = new();

    sealed record Entry(long Length, DateTime Written, Lazy<Task<string>> Hash);

    /// <summary>Whoever gives up waiting leaves the reading to those who ask next.</summary>
    public Task<string> OfAsync(FileInfo file, CancellationToken cancellation)
    {
        var entry = new Entry(
            file.Length,
            file.LastWriteTimeUtc,
            new(() => Task.Run(() => ContentHash.OfFileAsync(file.FullName, default)))
        );
        return Keep(file.FullName, entry).Hash.Value.WaitAsync(cancellation);
    }

    Entry Keep(string path, Entry entry)
    {
        if (_known.Count >= Limit)
        {
            _known.Clear();
        }
        return _known.AddOrUpdate(
            path,
            entry,
            (_, known) =>
                known.Length == entry.Length
                && known.Written == entry.Written
                && known.Hash is not { IsValueCreated: true, Value.IsFaulted: true }
                    ? known
                    : entry
        );
    }

    /// <summary>Spares the first reading of a file whose hash was just checked.</summary>
    public void Learn(FileInfo file, string hash)
    {
        if (file.Exists)
        {
            var known = new Lazy<Task<string>>(() => Task.FromResult(hash));
            Keep(file.FullName, new(file.Length, file.LastWriteTimeUtc, known));
        }
    }

    public void Forget(string path) => _known.TryRemove(path, out _);
}
