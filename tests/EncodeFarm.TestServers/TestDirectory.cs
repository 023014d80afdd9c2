namespace EncodeFarm.TestServers;

/// <summary>A directory of a test's own, deleted with everything in it when the test ends.</summary>
public sealed class TestDirectory : IDisposable
{
    public TestDirectory(string name = "encodefarm-test") =>
        Path = Directory.CreateTempSubdirectory(name + "-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The path of a file with this text; folders on the way are made.</summary>
    public string Write(string name, string text)
    {
        var path = File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        for (var tries = 300; Directory.Exists(Path); tries--)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (tries > 0)
            {
                // A process that is just being killed may still write there.
                Thread.Sleep(100);
            }
        }
    }
}
