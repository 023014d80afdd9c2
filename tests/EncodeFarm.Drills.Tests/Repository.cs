namespace EncodeFarm.Drills.Tests;

static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    static string Find(string directory) =>
        File.Exists(Path.Combine(directory, "EncodeFarm.sln"))
            ? directory
            : Find(Path.GetDirectoryName(directory)!);
}
