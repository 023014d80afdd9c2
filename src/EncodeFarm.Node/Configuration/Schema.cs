using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Configuration;

/// <summary>Every key that files, environment and flags may hold.</summary>
public static class Schema
{
    /// <summary>Version of the files. A change of meaning raises it and brings its migration.</summary>
    public const int Version = 1;

    private static readonly Dictionary<string, Setting> ByKey = FarmSchema
        .Settings.Cast<Setting>()
        .Concat(ProfileSchema.Profile)
        .Concat(ProfileSchema.Renditions)
        .ToDictionary(setting => setting.Key);

    public static IReadOnlyCollection<Setting> All => ByKey.Values;

    public static Setting? Find(string key) => ByKey.GetValueOrDefault(key);

    /// <summary>What is wrong with an entry, or null.</summary>
    public static Problem? Check(SettingEntry entry)
    {
        if (Find(entry.Key) is not { } setting)
        {
            var advice = NearestName.Of(entry.Key, ByKey.Keys) is { } nearest
                ? $" Did you mean {nearest}?"
                : " See all keys with: encodefarm config show";
            return new Problem($"There is no setting {entry.Key} ({entry.Origin.Where}).{advice}");
        }
        var text = entry.Text.Length == 0 ? "empty" : entry.Text.ReplaceLineEndings(", ");
        return setting.Accepts(entry.Text)
            ? null
            : new Problem(
                $"{entry.Key} is {text}, but must be {setting.Allowed} ({entry.Origin.Where})."
            );
    }
}
