namespace EncodeFarm.TestServers;

/// <summary>The source tree that the tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Configuration => Path.Combine(Root, "cluster-config");

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "EncodeFarm.sln")))
        {
            directory =
                directory.Parent
                ?? throw new InvalidOperationException("The tests must run inside the repository.");
        }
        return directory.FullName;
    }
}
