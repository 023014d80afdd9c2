using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Node.Configuration;

/// <summary>A profile with everything that replaces parts of it.</summary>
/// <param name="Entries">Per rendition, by key, what took effect.</param>
public sealed record ComposedProfile(
    Profile Profile,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, SettingEntry>> Entries
);

/// <summary>Folds a profile's entries and the overrides into settings.</summary>
public static class ProfileComposer
{
    /// <param name="overrides">From files, environment and flags; each key at most once.</param>
    public static (ComposedProfile Composed, IReadOnlyList<Problem> Problems) Compose(
        ProfileDefinition definition,
        IReadOnlyDictionary<string, SettingEntry> overrides
    )
    {
        var problems = CheckEntries(definition).ToList();
        var used = new HashSet<string>();
        var effective = new Dictionary<string, IReadOnlyDictionary<string, SettingEntry>>();

        var renditions = new List<Rendition>();
        foreach (var part in PartsOf(definition))
        {
            var entries = ByKey([.. definition.Shared, .. part.Entries]);
            var rendition = new Rendition { Name = part.Name };
            foreach (var setting in ProfileSchema.Renditions)
            {
                if (
                    overrides.TryGetValue(setting.Key, out var over)
                    && setting.Fits(rendition, over.Text)
                )
                {
                    used.Add(setting.Key);
                    entries[setting.Key] = over;
                }
                if (entries.TryGetValue(setting.Key, out var entry))
                {
                    rendition = setting.Apply(rendition, entry.Text);
                }
            }
            renditions.Add(rendition);
            effective[part.Name] = entries;
        }

        var profile = new Profile
        {
            Name = definition.Name,
            Description = definition.Description,
            Renditions = renditions,
        };
        var shared = ByKey(definition.Shared);
        foreach (var setting in ProfileSchema.Profile)
        {
            if (overrides.TryGetValue(setting.Key, out var over))
            {
                shared[setting.Key] = over;
            }
            if (shared.TryGetValue(setting.Key, out var entry))
            {
                profile = setting.Apply(profile, entry.Text);
                foreach (var entries in effective.Values.Cast<Dictionary<string, SettingEntry>>())
                {
                    entries[setting.Key] = entry;
                }
            }
        }

        problems.AddRange(CheckCrfList(definition, shared, overrides));
        problems.AddRange(WithoutEffect(definition, overrides, used));
        if (problems.Count == 0)
        {
            problems.AddRange(Contradictions.In(profile));
        }
        return (new ComposedProfile(profile, effective), problems);
    }

    private static IEnumerable<ProfileDefinition.Part> PartsOf(ProfileDefinition definition) =>
        definition.Renditions.Count > 0
            ? definition.Renditions
            : [new ProfileDefinition.Part(definition.Name, [])];

    private static Dictionary<string, SettingEntry> ByKey(IEnumerable<SettingEntry> entries)
    {
        var byKey = new Dictionary<string, SettingEntry>();
        foreach (var entry in entries)
        {
            byKey[entry.Key] = entry;
        }
        return byKey;
    }

    private static IEnumerable<Problem> CheckEntries(ProfileDefinition definition)
    {
        foreach (
            var twice in definition
                .Renditions.Select(part => part.Entries)
                .Prepend(definition.Shared)
                .SelectMany(ConfigurationFile.Twice)
        )
        {
            yield return twice;
        }
        foreach (var entry in definition.Shared)
        {
            if (CheckEntry(entry) is { } problem)
            {
                yield return problem;
            }
        }
        foreach (var entry in definition.Renditions.SelectMany(part => part.Entries))
        {
            if (CheckEntry(entry) is { } problem)
            {
                yield return problem;
            }
            else if (Schema.Find(entry.Key) is ProfileSetting)
            {
                yield return new Problem(
                    $"{entry.Key} is the same for all renditions and stands above them ({entry.Origin.Where})."
                );
            }
        }
    }

    private static Problem? CheckEntry(SettingEntry entry) =>
        Schema.Check(entry)
        ?? (
            Schema.Find(entry.Key) is FarmSetting
                ? new Problem(
                    $"{entry.Key} belongs in farm.yaml, not in a profile ({entry.Origin.Where})."
                )
                : null
        );

    private static IEnumerable<Problem> CheckCrfList(
        ProfileDefinition definition,
        Dictionary<string, SettingEntry> shared,
        IReadOnlyDictionary<string, SettingEntry> overrides
    )
    {
        if (!shared.TryGetValue(ProfileSchema.CrfList, out var list) || list.Text.Length == 0)
        {
            yield break;
        }
        if (definition.Renditions.Count > 1)
        {
            yield return new Problem(
                $"{list.Key} needs a profile with one rendition, but {definition.Name} has {definition.Renditions.Count} ({list.Origin.Where})."
            );
        }
        if (overrides.TryGetValue("encoding.crf", out var crf) && crf.Origin.Layer == Layer.Flag)
        {
            yield return new Problem(
                $"{crf.Key} has no effect beside {list.Key} ({crf.Origin.Where}). Give {list.Key} instead."
            );
        }
    }

    /// <summary>A flag that does nothing is a mistake; a general setting in a file or the environment is not.</summary>
    private static IEnumerable<Problem> WithoutEffect(
        ProfileDefinition definition,
        IReadOnlyDictionary<string, SettingEntry> overrides,
        HashSet<string> used
    ) =>
        overrides
            .Values.Where(entry =>
                entry.Origin.Layer == Layer.Flag
                && !used.Contains(entry.Key)
                && Schema.Find(entry.Key) is RenditionSetting
            )
            .Select(entry => new Problem(
                $"{entry.Key} {entry.Text} does not fit profile {definition.Name} ({entry.Origin.Where}). "
                    + "Choose another profile with -p, or leave it out."
            ));
}
