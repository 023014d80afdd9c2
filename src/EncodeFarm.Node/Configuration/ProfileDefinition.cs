using System.Text.RegularExpressions;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Configuration;

/// <summary>A profile file as it was written: what all renditions share, and what each adds or replaces.</summary>
/// <param name="Where">Names the file in errors.</param>
public sealed partial record ProfileDefinition(
    string Name,
    string Description,
    string Where,
    IReadOnlyList<SettingEntry> Shared,
    IReadOnlyList<ProfileDefinition.Part> Renditions
)
{
    /// <param name="Entries">Of this rendition alone; they win over the shared ones.</param>
    public sealed record Part(string Name, IReadOnlyList<SettingEntry> Entries);

    /// <summary>Whether a file is a profile (they carry a name) and not settings of the farm.</summary>
    public static bool Is(YamlNode.Map root) => YamlNode.Get(root, "name") is not null;

    /// <param name="expectedName">The file's name without its extension; the profile must be called the same.</param>
    /// <exception cref="FarmException">Not a profile.</exception>
    public static ProfileDefinition Read(YamlNode.Map root, string expectedName, string where)
    {
        ConfigurationFile.RequireVersion(root, where);
        if (YamlNode.Get(root, "name") is not YamlNode.Scalar name)
        {
            throw YamlNode.Error(where, 1, "a profile needs a name");
        }
        if (name.Text != expectedName)
        {
            throw YamlNode.Error(
                where,
                name.Line,
                $"the name is {name.Text}, but the file is called {expectedName}"
            );
        }
        if (!SafeName().IsMatch(name.Text))
        {
            throw YamlNode.Error(
                where,
                name.Line,
                "a name consists of letters, digits, '.', '_' and '-'"
            );
        }
        var description = (YamlNode.Get(root, "description") as YamlNode.Scalar)?.Text ?? "";
        var shared = root.Items.Where(item =>
            item.Key is not ("schema" or "name" or "description" or "renditions")
        );
        return new ProfileDefinition(
            name.Text,
            description,
            where,
            [.. Flatten(new YamlNode.Map([.. shared], root.Line), where)],
            [.. Parts(YamlNode.Get(root, "renditions"), where)]
        );
    }

    private static IEnumerable<Part> Parts(YamlNode? node, string where)
    {
        if (node is not (null or YamlNode.List))
        {
            throw YamlNode.Error(where, node.Line, "renditions must be a list");
        }
        foreach (var item in (node as YamlNode.List)?.Items ?? [])
        {
            if (
                item is not YamlNode.Map map
                || YamlNode.Get(map, "name") is not YamlNode.Scalar name
                || !SafeName().IsMatch(name.Text)
            )
            {
                throw YamlNode.Error(
                    where,
                    item.Line,
                    "a rendition needs a name of letters, digits, '.', '_' and '-'"
                );
            }
            var entries = map.Items.Where(entry => entry.Key != "name");
            yield return new Part(
                name.Text,
                [.. Flatten(new YamlNode.Map([.. entries], map.Line), where)]
            );
        }
    }

    private static IEnumerable<SettingEntry> Flatten(YamlNode.Map map, string where) =>
        ConfigurationFile.Flatten(map, Layer.Profile, where);

    /// <summary>Names end up in file names.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex SafeName();
}
