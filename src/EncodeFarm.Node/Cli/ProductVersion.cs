using System.Reflection;

namespace EncodeFarm.Node.Cli;

/// <summary>The version of this program, for people.</summary>
public static class ProductVersion
{
    public static string Text { get; } =
        typeof(ProductVersion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "0.0.0";
}
