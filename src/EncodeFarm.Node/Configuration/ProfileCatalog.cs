using System.Reflection;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Configuration;

/// <summary>
/// The profiles that can be named: those in the user's directory, then the built-in ones. A file of the same name
/// replaces a built-in profile. Files are read when asked for.
/// </summary>
/// <param name="directory">The user's profiles, or null.</param>
public sealed class ProfileCatalog(string? directory)
{
    private const string ResourcePrefix = "profiles/";

    private static readonly Assembly Here = typeof(ProfileCatalog).Assembly;

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names =>
        [.. BuiltIn.Concat(InDirectory).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string> BuiltIn =>
        Here.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension)
            .OfType<string>();

    private IEnumerable<string> InDirectory =>
        Directory.Exists(directory)
            ? Directory
                .EnumerateFiles(directory, "*.yaml")
                .Select(Path.GetFileNameWithoutExtension)
                .OfType<string>()
            : [];

    /// <param name="name">A profile's name, or the path of its file.</param>
    /// <exception cref="FarmException">There is none, or it can't be read.</exception>
    public ProfileDefinition Get(string name)
    {
        if (name.EndsWith(".yaml", StringComparison.Ordinal))
        {
            return FromFile(Path.GetFullPath(name));
        }
        var own = directory is null
            ? null
            : Path.Combine(directory, Path.GetFileName(name) + ".yaml");
        if (File.Exists(own))
        {
            return FromFile(own);
        }
        using var resource = Here.GetManifestResourceStream($"{ResourcePrefix}{name}.yaml");
        if (resource is null)
        {
            var nearest = NearestName.Of(name, Names);
            throw new FarmException(
                FarmError.BadConfiguration,
                $"There is no profile {name}.",
                nearest is null
                    ? $"There are {string.Join(", ", Names)}."
                    : $"Did you mean {nearest}?"
            );
        }
        var where = $"built-in profile {name}";
        using var reader = new StreamReader(resource);
        return ProfileDefinition.Read(YamlNode.Parse(reader, where), name, where);
    }

    /// <exception cref="FarmException">It can't be read.</exception>
    public static ProfileDefinition FromFile(string path) =>
        ProfileDefinition.Read(
            ConfigurationFile.Read(path),
            Path.GetFileNameWithoutExtension(path),
            ConfigurationFile.Shown(path)
        );
}
