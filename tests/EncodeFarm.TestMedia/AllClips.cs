using System.Reflection;

namespace EncodeFarm.TestMedia;

/// <summary>The clips of <see cref="TestClips"/> by name, for tests that go through all of them.</summary>
public static class AllClips
{
    private static readonly IReadOnlyDictionary<string, Func<Task<string>>> ByName =
        typeof(TestClips)
            .GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(m => m.ReturnType == typeof(Task<string>) && m.GetParameters().Length == 0)
            .ToDictionary(m => m.Name, m => m.CreateDelegate<Func<Task<string>>>());

    public static IEnumerable<string> Names => ByName.Keys.Order(StringComparer.Ordinal);

    public static Task<string> PathAsync(string name) => ByName[name]();
}
