using System.Security.Cryptography;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>Artifacts to store, in a directory of the test's own.</summary>
public sealed class Contents : IDisposable
{
    readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("encodefarm-artifacts-");

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>A file of random bytes, and what it is called where it goes.</summary>
    public (StoredArtifact Artifact, string Path) Make(string name, int length, int seed = 1)
    {
        var bytes = Bytes(length, seed);
        var path = PathOf(Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, bytes);
        return (Describe(name, bytes), path);
    }

    public static StoredArtifact Describe(string name, byte[] bytes) =>
        new(name, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));

    public static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static void ShouldHold(string path, StoredArtifact artifact) =>
        Describe(artifact.Name, File.ReadAllBytes(path)).ShouldBe(artifact);

    public void Dispose() => _directory.Delete(recursive: true);
}
