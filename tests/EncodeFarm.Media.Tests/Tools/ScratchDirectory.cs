namespace EncodeFarm.Media.Tests.Tools;

/// <summary>A directory of one test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("encodefarm-").FullName;

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>A file with this content that may be executed.</summary>
    internal string Program(string name, string content)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, content);
#pragma warning disable CA1416 // The tests run where the runner does.
        System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        return path;
    }

    internal string Replace(string name, string content)
    {
        System.IO.File.Delete(File(name));
        return Program(name, content);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
