namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A directory, local or shared by all nodes.</summary>
/// <param name="root">Exists or is made.</param>
public sealed class DirectoryStore(string root) : IArtifactStore
{
    public Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation) =>
        Task.Run(() => Put(artifact, path), cancellation);

    void Put(StoredArtifact artifact, string path)
    {
        var destination = PathOf(artifact.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
        if (File.Exists(destination))
        {
            throw new ArtifactException($"The artifact '{artifact.Name}' exists already.");
        }
        var temporary = $"{destination}.part";
        // A rename within one file system; across file systems this copies.
        File.Move(path, temporary, overwrite: true);
        if (new FileInfo(temporary).Length != artifact.Length)
        {
            File.Delete(temporary);
            throw new ArtifactException(
                $"The artifact '{artifact.Name}' arrived with another length than {artifact.Length} bytes."
            );
        }
        DurableFile.Publish(temporary, destination);
    }

    public Task<long?> FindAsync(string name, CancellationToken cancellation)
    {
        var file = new FileInfo(PathOf(name));
        return Task.FromResult(file.Exists ? file.Length : (long?)null);
    }

    public Task<string> FetchAsync(
        StoredArtifact artifact,
        string copy,
        CancellationToken cancellation
    )
    {
        var file = new FileInfo(PathOf(artifact.Name));
        if (!file.Exists)
        {
            throw new ArtifactException($"The artifact '{artifact.Name}' is missing.");
        }
        if (file.Length != artifact.Length)
        {
            throw new ArtifactException(
                $"The artifact '{artifact.Name}' has {file.Length} bytes instead of {artifact.Length}."
            );
        }
        return Task.FromResult(file.FullName);
    }

    public Task DeleteAsync(string name, CancellationToken cancellation)
    {
        File.Delete(PathOf(name));
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellation)
    {
        var directory = new DirectoryInfo(PathOf(prefix));
        IReadOnlyList<string> names = directory.Exists
            ?
            [
                .. directory
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(root, file.FullName).Replace('\\', '/'))
                    .Order(StringComparer.Ordinal),
            ]
            : [];
        return Task.FromResult(names);
    }

    /// <summary>Names come over the network: one that would leave the root is refused.</summary>
    string PathOf(string name)
    {
        var full = Path.GetFullPath(Path.Combine(root, name));
        return full.StartsWith(
            Path.GetFullPath(root) + Path.DirectorySeparatorChar,
            StringComparison.Ordinal
        )
            ? full
            : throw new ArtifactException($"'{name}' is not a name of an artifact.");
    }
}
