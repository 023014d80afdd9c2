namespace EncodeFarm.Media.Tests.Tools;

/// <summary>Programs that a test writes itself.</summary>
static class Programs
{
    /// <summary>A file with this content that may be executed.</summary>
    public static string Program(this TestDirectory directory, string name, string content)
    {
        var path = directory.Write(name, content);
#pragma warning disable CA1416 // The tests run where the runner does.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        return path;
    }

    public static string Replace(this TestDirectory directory, string name, string content)
    {
        File.Delete(directory.File(name));
        return directory.Program(name, content);
    }
}
