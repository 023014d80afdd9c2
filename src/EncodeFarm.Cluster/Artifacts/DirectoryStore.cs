namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A directory, local or shared by all nodes.</summary>
/// <param name="root">Exists or is made.</param>
public sealed class DirectoryStore(string root) : IArtifactStore
{
    readonly string _root = Path.GetFullPath(root);
    readonly KnownHashes _hashes = new();

    public async Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation)
    {
        var destination = PathOf(artifact.Name);
        if (await IsThereAsync(artifact, cancellation))
        {
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
        var temporary = $"{destination}.{Guid.NewGuid():N}{ArtifactName.Unfinished}";
        try
        {
            // A rename within one file system; across file systems this copies.
            await Task.Run(() => File.Move(path, temporary), cancellation);
            await RequireContentAsync(artifact, temporary, cancellation);
            await Task.Run(() => DurableFile.Publish(temporary, destination), cancellation);
        }
        catch (ArtifactException)
        {
            File.Delete(temporary);
            throw;
        }
        catch when (File.Exists(temporary))
        {
            GiveBack(temporary, path);
            // Another may have published the name meanwhile: the same artifact, or one that must not be replaced.
            if (!await IsThereAsync(artifact, cancellation))
            {
                throw;
            }
        }
        _hashes.Learn(new FileInfo(destination), artifact.Sha256);
    }

    /// <summary>It may be the only copy of what took hours to make: whoever could not store it shall be able to try again.</summary>
    static void GiveBack(string temporary, string path)
    {
        if (File.Exists(path))
        {
            File.Delete(temporary);
        }
        else
        {
            File.Move(temporary, path);
        }
    }

    /// <exception cref="ArtifactException">There is one of that name with other content.</exception>
    async Task<bool> IsThereAsync(StoredArtifact artifact, CancellationToken cancellation) =>
        await DescribeAsync(artifact.Name, cancellation) is { } there
        && (
            there.Artifact == artifact
                ? true
                : throw new ArtifactException(
                    $"The artifact '{artifact.Name}' exists already, with other content."
                )
        );

    static async Task RequireContentAsync(
        StoredArtifact artifact,
        string path,
        CancellationToken cancellation
    )
    {
        var length = new FileInfo(path).Length;
        if (length != artifact.Length)
        {
            throw new ArtifactException(
                $"The artifact '{artifact.Name}' arrived with {length} bytes instead of {artifact.Length}."
            );
        }
        if (await ContentHash.OfFileAsync(path, cancellation) != artifact.Sha256)
        {
            throw new ArtifactException(
                $"The artifact '{artifact.Name}' arrived with other content than its SHA-256 says."
            );
        }
    }

    public Task<long?> FindAsync(string name, CancellationToken cancellation)
    {
        var file = new FileInfo(PathOf(name));
        return Task.FromResult(file.Exists ? file.Length : (long?)null);
    }

    /// <summary>What lies under the name, and where; null where there is nothing.</summary>
    public async Task<(StoredArtifact Artifact, string Path)?> DescribeAsync(
        string name,
        CancellationToken cancellation
    )
    {
        var file = new FileInfo(PathOf(name));
        return file.Exists
            ? (new(name, file.Length, await _hashes.OfAsync(file, cancellation)), file.FullName)
            : null;
    }

    public async Task<string> FetchAsync(
        StoredArtifact artifact,
        string copy,
        CancellationToken cancellation
    )
    {
        var length =
            await FindAsync(artifact.Name, cancellation)
            ?? throw new ArtifactLostException($"The artifact '{artifact.Name}' is missing.");
        if (length != artifact.Length)
        {
            throw new ArtifactLostException(
                $"The artifact '{artifact.Name}' has {length} bytes instead of {artifact.Length}."
            );
        }
        var found = await DescribeAsync(artifact.Name, cancellation);
        return found?.Artifact == artifact
            ? found.Value.Path
            : throw new ArtifactLostException(
                $"The artifact '{artifact.Name}' is damaged: its content is not what its SHA-256 says."
            );
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        var path = PathOf(name);
        if (File.Exists(path))
        {
            File.Delete(path);
        }
        _hashes.Forget(path);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellation) =>
        Task.Run(() => List(prefix), cancellation);

    IReadOnlyList<string> List(string prefix)
    {
        if (!ArtifactName.IsPrefix(prefix))
        {
            throw new ArtifactException($"No artifact's name begins with '{prefix}'.");
        }
        var directory = new DirectoryInfo(
            Path.Combine(_root, prefix[..(prefix.LastIndexOf('/') + 1)])
        );
        return directory.Exists
            ?
            [
                .. directory
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(_root, file.FullName).Replace('\\', '/'))
                    .Where(name =>
                        name.StartsWith(prefix, StringComparison.Ordinal)
                        && ArtifactName.IsName(name)
                    )
                    .Order(StringComparer.Ordinal),
            ]
            : [];
    }

    /// <summary>Names come over the network: one that would leave the root is refused.</summary>
    string PathOf(string name)
    {
        var full = Path.GetFullPath(Path.Combine(_root, ArtifactName.Require(name)));
        return full.StartsWith(
            Path.TrimEndingDirectorySeparator(_root) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        )
            ? full
            : throw new ArtifactException($"'{name}' is not a name of an artifact.");
    }
}
