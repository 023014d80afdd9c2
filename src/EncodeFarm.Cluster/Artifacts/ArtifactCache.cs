namespace EncodeFarm.Cluster.Artifacts;

/// <summary>An artifact on this machine, which stays as long as somebody holds this.</summary>
/// <param name="release">Called once, by the first <see cref="Dispose"/>.</param>
public sealed class LocalArtifact(string path, Action? release = null) : IDisposable
{
    int _released;

    public string Path => path;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            release?.Invoke();
        }
    }
}

/// <summary>
/// Copies of artifacts in a worker's directory: several attempts at one piece fetch it once, also across restarts. A copy is
/// called by its hash and checked against it whenever it is opened; a damaged one is fetched again.
/// </summary>
public sealed class ArtifactCache
{
    readonly IArtifactStore _store;
    readonly string _directory;
    readonly long _limit;
    readonly TimeProvider _time;
    readonly Lock _lock = new();
    readonly Dictionary<string, Entry> _held = [];

    /// <summary>A copy that somebody holds or waits for.</summary>
    sealed class Entry
    {
        public required SemaphoreSlim Gate { get; init; }
        public int Holders { get; set; }
    }

    /// <param name="directory">Exists or is made; nothing else lies there.</param>
    /// <param name="limit">Bytes. What is in use stays, even above it.</param>
    public ArtifactCache(IArtifactStore store, string directory, long limit, TimeProvider time)
    {
        (_store, _directory, _limit, _time) = (store, Path.GetFullPath(directory), limit, time);
        Trim();
    }

    /// <summary>The artifact's place here; the store's own where that is a directory.</summary>
    /// <exception cref="ArtifactException">See <see cref="IArtifactStore.FetchAsync"/>.</exception>
    public async Task<LocalArtifact> OpenAsync(
        StoredArtifact artifact,
        CancellationToken cancellation
    )
    {
        var copy = Path.Combine(_directory, FileNameOf(artifact));
        var entry = Hold(copy);
        try
        {
            // One fetches, the others find what it has fetched.
            await entry.Gate.WaitAsync(cancellation);
            try
            {
                Trim(File.Exists(copy) ? 0 : artifact.Length);
                var path = await _store.FetchAsync(artifact, copy, cancellation);
                if (path == copy)
                {
                    // The order of eviction, which a restart finds again.
                    File.SetLastWriteTimeUtc(copy, _time.GetUtcNow().UtcDateTime);
                }
                return new LocalArtifact(path, () => Release(copy));
            }
            finally
            {
                entry.Gate.Release();
            }
        }
        catch
        {
            Release(copy);
            throw;
        }
    }

    /// <summary>Tools look at the extension.</summary>
    static string FileNameOf(StoredArtifact artifact) =>
        ContentHash.IsHash(artifact.Sha256)
            ? $"{artifact.Sha256}{Path.GetExtension(ArtifactName.Require(artifact.Name))}"
            : throw new ArtifactException($"The artifact '{artifact.Name}' has no SHA-256.");

    Entry Hold(string copy)
    {
        lock (_lock)
        {
            if (!_held.TryGetValue(copy, out var entry))
            {
                _held[copy] = entry = new Entry { Gate = new SemaphoreSlim(1) };
            }
            entry.Holders++;
            return entry;
        }
    }

    void Release(string copy)
    {
        lock (_lock)
        {
            var entry = _held[copy];
            entry.Holders--;
            if (entry.Holders > 0)
            {
                return;
            }
            _held.Remove(copy);
        }
        Trim();
    }

    /// <summary>Deletes the longest unused copies until the rest fits. Unfinished ones count, and go go like all others.</summary>
    /// <param name="room">Bytes that are about to come.</param>
    void Trim(long room = 0)
    {
        lock (_lock)
        {
            // Whoever makes room on a machine may remove it all, also while we run.
            var files = Directory.CreateDirectory(_directory).EnumerateFiles().ToList();
            var sum = files.Sum(file => file.Length);
            foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc))
            {
                if (sum + room <= _limit)
                {
                    return;
                }
                if (!IsHeld(file.FullName))
                {
                    sum -= file.Length;
                    file.Delete();
                }
            }
        }
    }

    bool IsHeld(string path) =>
        _held.ContainsKey(
            path.EndsWith(ArtifactName.Unfinished, StringComparison.Ordinal)
                ? path[..^ArtifactName.Unfinished.Length]
                : path
        );
}
