using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Configuration;

/// <summary>What every configuration file has in common: a schema version, and keys that nest by sections.</summary>
public static class ConfigurationFile
{
    /// <exception cref="FarmException">The version is missing or unknown.</exception>
    public static void RequireVersion(YamlNode.Map root, string where)
    {
        if (YamlNode.Get(root, "schema") is not YamlNode.Scalar version)
        {
            throw YamlNode.Error(
                where,
                1,
                $"the schema version is missing; begin with 'schema: {Schema.Version}'"
            );
        }
        if (version.Text != Schema.Version.ToString())
        {
            throw YamlNode.Error(
                where,
                version.Line,
                $"schema is {version.Text}, but this program knows {Schema.Version}"
            );
        }
    }

    /// <summary>The entries of a map as dotted keys; keys without a value are left out. A list is one entry of lines.</summary>
    public static IEnumerable<SettingEntry> Flatten(
        YamlNode.Map map,
        Layer layer,
        string where,
        string prefix = ""
    )
    {
        foreach (var (key, node) in map.Items)
        {
            var dotted = prefix + key;
            var origin = new Origin(layer, $"in {where}, line {node.Line}");
            switch (node)
            {
                case YamlNode.Map inner:
                    foreach (var entry in Flatten(inner, layer, where, dotted + "."))
                    {
                        yield return entry;
                    }
                    break;
                case YamlNode.List list:
                    yield return new SettingEntry(dotted, Lines(list, where), origin);
                    break;
                case YamlNode.Scalar { Empty: false } scalar:
                    yield return new SettingEntry(dotted, scalar.Text, origin);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Keys that are given in both ways: as <c>guard.high</c>, and as <c>high</c> below <c>guard</c>.</summary>
    /// <param name="entries">Of one map.</param>
    public static IEnumerable<Problem> Twice(IEnumerable<SettingEntry> entries) =>
        entries
            .GroupBy(entry => entry.Key)
            .Where(same => same.Skip(1).Any())
            .Select(same => new Problem(
                $"{same.Key} stands {same.First().Origin.Where}, and again {same.Last().Origin.Where}. Keep one of the two."
            ));

    /// <summary>The path as people know it: relative where it lies below the current directory.</summary>
    public static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <exception cref="FarmException">The file can't be read.</exception>
    public static YamlNode.Map Read(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            return YamlNode.Parse(reader, Shown(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"The configuration file {Shown(path)} can't be read: {error.Message}",
                inner: error
            );
        }
    }

    private static string Lines(YamlNode.List list, string where) =>
        string.Concat(
            list.Items.Select(item =>
                item is YamlNode.Scalar scalar
                    ? scalar.Text + "\n"
                    : throw YamlNode.Error(where, item.Line, "a list of plain values is expected")
            )
        );
}
