namespace EncodeFarm.TestMedia;

/// <summary>A directory of a test's own, deleted with everything in it when the test ends.</summary>
public sealed class TestDirectory : IDisposable
{
    public TestDirectory(string name = "encodefarm-test") =>
        Path = Directory.CreateTempSubdirectory(name + "-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
