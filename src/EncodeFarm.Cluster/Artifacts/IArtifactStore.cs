namespace EncodeFarm.Cluster.Artifacts;

/// <summary>A file in the store. The farm journals and sends it in this form.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record StoredArtifact(string Name, long Length, string Sha256);

/// <summary>
/// Where segments and pieces lie between the nodes. A name ("job/encoded/av1/segment_0000.1-7.ivf") is written once
/// and whole, or not at all; it is never overwritten.
/// </summary>
public interface IArtifactStore
{
    /// <summary>
    /// Stores the file at <paramref name="path"/> under the artifact's name; the file may be moved, or stay where it is.
    /// Durable when it returns. To put the same content a second time does nothing. Where it fails the file is still
    /// there, unless its content is not the artifact's.
    /// </summary>
    /// <exception cref="ArtifactException">The name is taken by other content, the file is not the artifact, or the store can't take it.</exception>
    Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation);

    /// <summary>Length of the artifact, or null where there is none.</summary>
    Task<long?> FindAsync(string name, CancellationToken cancellation);

    /// <summary>
    /// A local path with the artifact's content, checked by length and hash: its own place where the store is a
    /// directory, otherwise a copy at <paramref name="copy"/>. An unfinished copy stays beside it and is gone on with.
    /// </summary>
    /// <exception cref="ArtifactException">Missing, or altered on the way even after repeated tries.</exception>
    Task<string> FetchAsync(StoredArtifact artifact, string copy, CancellationToken cancellation);

    /// <summary>Does nothing where there is none.</summary>
    Task DeleteAsync(string name, CancellationToken cancellation);

    /// <summary>Names that begin with <paramref name="prefix"/>, in ordinal order; all of them for an empty one.</summary>
    Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellation);
}

/// <summary>An artifact could not be stored or fetched; the message names it and the reason.</summary>
public class ArtifactException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A bucket's server has answered, and refuses: no such bucket, no right, or the name is taken.</summary>
public sealed class BucketRefusedException(string message, Exception? inner = null)
    : ArtifactException(message, inner);

/// <summary>The store has answered, and the artifact is not there or is not what it was: no further try will bring it back.</summary>
public sealed class ArtifactLostException(string message, Exception? inner = null)
    : ArtifactException(message, inner);
