namespace EncodeFarm.Persistence.Tests;

/// <summary>A directory of its own, deleted with all its contents.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Root { get; } =
        Directory.CreateTempSubdirectory("encodefarm-persistence-").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
