using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Configuration;

/// <summary>Where the layers come from.</summary>
/// <param name="Path">The directory or file given with <c>--config</c>, or null.</param>
/// <param name="Environment">The process's variables.</param>
/// <param name="Flags">What the command line gives; a later entry wins.</param>
/// <param name="CurrentDirectory">Where <c>cluster-config/</c> is looked for when no path is given.</param>
public sealed record ConfigurationInput(
    string? Path,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<SettingEntry> Flags,
    string CurrentDirectory
);

/// <summary>Default &lt; profile &lt; farm.yaml &lt; environment &lt; flags.</summary>
public static class ConfigurationLoader
{
    /// <summary>Names the configuration's directory or file, when <c>--config</c> does not.</summary>
    public const string PathVariable = "ENCODEFARM_CONFIG";

    /// <summary>ENCODEFARM__ENCODING__PRESET stands for encoding.preset.</summary>
    public const string VariablePrefix = "ENCODEFARM__";

    public const string FileName = "farm.yaml";
    private const string DirectoryName = "cluster-config";

    /// <exception cref="FarmException">A file can't be read, or an entry is not allowed.</exception>
    public static FarmConfiguration Load(ConfigurationInput input)
    {
        var (file, profiles) = Locate(input);
        var written = file is null ? [] : ReadFile(file);
        var (configuration, problems) = Judge(
            written,
            [.. FromEnvironment(input.Environment), .. input.Flags],
            profiles
        );
        Problem.ThrowIfAny(problems);
        return configuration;
    }

    /// <param name="written">Of the file.</param>
    /// <param name="over">What replaces it; a later one wins.</param>
    private static (FarmConfiguration Configuration, IReadOnlyList<Problem> Problems) Judge(
        IReadOnlyList<SettingEntry> written,
        IReadOnlyList<SettingEntry> over,
        string? profiles
    )
    {
        var winners = new Dictionary<string, SettingEntry>();
        foreach (var entry in written.Concat(over))
        {
            winners[entry.Key] = entry;
        }
        var configuration = new FarmConfiguration(
            Fold(winners),
            winners,
            new ProfileCatalog(profiles)
        );
        List<Problem> problems =
        [
            .. written.Concat(over).Select(Schema.Check).OfType<Problem>(),
            .. ConfigurationFile.Twice(written),
        ];
        // What is no value at all contradicts nothing.
        return (
            configuration,
            problems.Count > 0 ? problems : [.. Contradictions.In(configuration.Farm)]
        );
    }

    /// <summary>All that is wrong with a file of settings or a profile; empty where it is fine.</summary>
    /// <exception cref="FarmException">The file can't be read at all.</exception>
    public static IReadOnlyList<Problem> Check(string path)
    {
        var root = ConfigurationFile.Read(path);
        if (ProfileDefinition.Is(root))
        {
            var none = new Dictionary<string, SettingEntry>();
            return ProfileComposer.Compose(ProfileCatalog.FromFile(path), none).Problems;
        }
        var (configuration, problems) = Judge(ReadFile(path), [], ProfilesBeside(path));
        return problems.Count > 0 ? problems : configuration.ProblemsOfProfile();
    }

    /// <summary>Parses <c>key=value</c> of <c>-s</c>.</summary>
    /// <exception cref="FarmException">There is no "=".</exception>
    public static SettingEntry ParseFlag(string text)
    {
        var equals = text.IndexOf('=');
        return equals > 0
            ? new SettingEntry(text[..equals].Trim(), text[(equals + 1)..].Trim(), Origin.Settings)
            : throw new FarmException(
                FarmError.BadConfiguration,
                $"-s expects key=value, but got {text}.",
                "For example: -s encoding.preset=8"
            );
    }

    private static (string? File, string? Profiles) Locate(ConfigurationInput input)
    {
        var given = input.Path ?? input.Environment.GetValueOrDefault(PathVariable);
        var path = Path.GetFullPath(
            string.IsNullOrEmpty(given) ? DirectoryName : given,
            input.CurrentDirectory
        );
        if (File.Exists(path))
        {
            return (path, ProfilesBeside(path));
        }
        if (Directory.Exists(path))
        {
            var file = Path.Combine(path, FileName);
            return (File.Exists(file) ? file : null, Path.Combine(path, "profiles"));
        }
        return string.IsNullOrEmpty(given)
            ? (null, null)
            : throw new FarmException(
                FarmError.BadConfiguration,
                $"The configuration {given} does not exist.",
                $"Name a directory with a {FileName}, or such a file."
            );
    }

    private static string ProfilesBeside(string file) =>
        Path.Combine(Path.GetDirectoryName(file)!, "profiles");

    private static IReadOnlyList<SettingEntry> ReadFile(string path)
    {
        var where = ConfigurationFile.Shown(path);
        var root = ConfigurationFile.Read(path);
        ConfigurationFile.RequireVersion(root, where);
        return
        [
            .. ConfigurationFile
                .Flatten(root, Layer.File, where)
                .Where(entry => entry.Key != "schema"),
        ];
    }

    private static IEnumerable<SettingEntry> FromEnvironment(
        IReadOnlyDictionary<string, string> environment
    ) =>
        environment
            .Where(pair => pair.Key.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new SettingEntry(
                pair.Key[VariablePrefix.Length..].Replace("__", ".").ToLowerInvariant(),
                pair.Value.Trim(),
                new Origin(Layer.Environment, $"in the environment variable {pair.Key}")
            ));

    private static FarmSettings Fold(IReadOnlyDictionary<string, SettingEntry> entries) =>
        FarmSchema.Settings.Aggregate(
            new FarmSettings(),
            (farm, setting) =>
                entries.TryGetValue(setting.Key, out var entry)
                    ? setting.Apply(farm, entry.Text)
                    : farm
        );
}
