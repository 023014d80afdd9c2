using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Configuration;

/// <summary>The configuration that is in force: every layer folded, every entry judged.</summary>
/// <param name="Farm">Settings of this machine.</param>
/// <param name="Entries">What files, environment and flags give, by key; the last layer won.</param>
public sealed record FarmConfiguration(
    FarmSettings Farm,
    IReadOnlyDictionary<string, SettingEntry> Entries,
    ProfileCatalog Profiles
)
{
    /// <summary>The profile that is in force, with its overrides.</summary>
    /// <exception cref="FarmException">There is no such profile, or something in it is not allowed.</exception>
    public ComposedProfile Profile()
    {
        var (composed, problems) = ProfileComposer.Compose(Profiles.Get(Farm.Profile), Entries);
        Problem.ThrowIfAny(problems);
        return composed;
    }

    /// <summary>What keeps <see cref="Profile"/> from being had; empty where nothing does.</summary>
    public IReadOnlyList<Problem> ProblemsOfProfile()
    {
        try
        {
            return ProfileComposer.Compose(Profiles.Get(Farm.Profile), Entries).Problems;
        }
        catch (FarmException error)
        {
            return [new Problem(error.Message)];
        }
    }

    /// <summary>Every key with its value and where that comes from, for people.</summary>
    public IEnumerable<ConfigurationRow> Rows()
    {
        foreach (var setting in FarmSchema.Settings)
        {
            yield return Row(setting, null, Entries.GetValueOrDefault(setting.Key));
        }
        var composed = Profile();
        var several = composed.Entries.Count > 1;
        foreach (var (rendition, entries) in composed.Entries)
        {
            var shown =
                rendition == composed.Entries.Keys.First()
                    ? ProfileSchema.Profile.AsEnumerable<Setting>()
                    : [];
            foreach (var setting in shown)
            {
                yield return Row(setting, null, entries.GetValueOrDefault(setting.Key));
            }
            foreach (var setting in ProfileSchema.Renditions)
            {
                yield return Row(
                    setting,
                    several ? rendition : null,
                    entries.GetValueOrDefault(setting.Key)
                );
            }
        }
    }

    /// <summary>Passwords and tokens are not for screens and logs.</summary>
    private static string Shown(Setting setting, SettingEntry? entry) =>
        entry is not null
        && entry.Text != setting.Default
        && ClusterSchema.Secrets.Contains(setting.Key)
            ? "(set, not shown)"
            : (entry?.Text ?? setting.Default).TrimEnd().ReplaceLineEndings(", ");

    private static ConfigurationRow Row(Setting setting, string? rendition, SettingEntry? entry) =>
        new(
            setting.Key,
            rendition,
            Shown(setting, entry),
            (entry?.Origin ?? Origin.Default).Where,
            setting.Allowed,
            setting.Description
        );
}

/// <param name="Rendition">Null where the profile has just one, and for what all share.</param>
public sealed record ConfigurationRow(
    string Key,
    string? Rendition,
    string Value,
    string Source,
    string Allowed,
    string Description
);
