namespace EncodeFarm.Cluster.Artifacts;

/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record StoredArtifact(string Name, long Length, string Sha256);

/// <summary>
/// Where segments and pieces lie between the nodes. A name ("job/encoded/av1/segment_0000.1-7.ivf") is written once
/// and whole, or not at all; it is never overwritten.
/// </summary>
public interface IArtifactStore
{
    /// <summary>Takes the file at <paramref name="path"/> over (it may be moved) under the artifact's name. Durable when it returns.</summary>
    /// <exception cref="ArtifactException">The name is taken by other content, or the store can't take it.</exception>
    Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation);

    /// <summary>Length of the artifact, or null where there is none.</summary>
    Task<long?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>
    /// A local path with the artifact's content: its own place where the store is a local directory, otherwise a copy
    /// at <paramref name="copy"/> that was checked by length and hash.
    /// </summary>
    /// <exception cref="ArtifactException">Missing, or altered on the way even after repeated tries.</exception>
    Task<string> FetchAsync(StoredArtifact artifact, string copy, CancellationToken cancellation);

    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>Names that begin with <paramref name="prefix"/>.</summary>
    Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellation);
}

/// <summary>An artifact could not be stored or fetched; the message names it and the reason.</summary>
public sealed class ArtifactException(string message, Exception? inner = null)
    : Exception(message, inner);
