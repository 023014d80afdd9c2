using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Node.Http;

/// <summary>
/// Artifacts on their way to a store, each a file that grows under a name made of what it shall become. What was cut is
/// gone on with, also after a restart of this node.
/// </summary>
/// <param name="directory">Exists or is made; nothing else lies there.</param>
public sealed class Uploads(string directory, TimeProvider time)
{
    /// <summary>Nobody goes on with an upload after so long: the sender is gone, or has begun another attempt.</summary>
    static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    readonly string _directory = Path.GetFullPath(directory);
    readonly Dictionary<string, Upload> _taken = [];
    readonly Lock _lock = new();

    /// <summary>
    /// The upload of the artifact, for this request alone: one that still reads for a connection that its sender has given
    /// up is ended first.
    /// </summary>
    public async Task<Upload> TakeAsync(StoredArtifact artifact, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_directory);
        var path = Path.Combine(_directory, FileNameOf(artifact));
        while (true)
        {
            Upload holder;
            lock (_lock)
            {
                if (!_taken.TryGetValue(path, out holder!))
                {
                    SweepOld();
                    return _taken[path] = new Upload(artifact, path, Release);
                }
            }
            await holder.GiveWayAsync(cancellation);
        }
    }

    void Release(string path)
    {
        lock (_lock)
        {
            _taken.Remove(path);
        }
    }

    static string FileNameOf(StoredArtifact artifact)
    {
        var identity = $"{artifact.Name}\n{artifact.Length}\n{artifact.Sha256}";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(identity));
        return $"{Convert.ToHexStringLower(hash)}{ArtifactName.Unfinished}";
    }

    void SweepOld()
    {
        var oldest = (time.GetUtcNow() - Lifetime).UtcDateTime;
        foreach (var file in new DirectoryInfo(_directory).EnumerateFiles())
        {
            if (file.LastWriteTimeUtc < oldest && !_taken.ContainsKey(file.FullName))
            {
                file.Delete();
            }
        }
    }
}
