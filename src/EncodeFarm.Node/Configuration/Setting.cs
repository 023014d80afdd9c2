using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Node.Configuration;

/// <summary>One row of the schema: a key, what it may be, and what it sets.</summary>
/// <param name="Key">Dotted and in lower case: "encoding.preset".</param>
/// <param name="Allowed">Completes "… must be …".</param>
/// <param name="Default">Its text when nobody gives it; for keys of profiles, the profile's silence.</param>
/// <param name="Description">One line with the unit, for <c>config show</c>.</param>
/// <param name="Accepts">Whether a text is allowed.</param>
public abstract record Setting(
    string Key,
    string Allowed,
    string Default,
    string Description,
    Func<string, bool> Accepts
);

/// <summary>A setting of the farm itself.</summary>
public sealed record FarmSetting(
    string Key,
    string Allowed,
    string Default,
    string Description,
    Func<string, bool> Accepts,
    Func<FarmSettings, string, FarmSettings> Apply
) : Setting(Key, Allowed, Default, Description, Accepts)
{
    public static FarmSetting Of<T>(
        string key,
        SettingType<T> type,
        string standard,
        string description,
        Func<FarmSettings, T, FarmSettings> apply
    ) =>
        new(
            key,
            type.Allowed,
            standard,
            description,
            text => type.TryParse(text, out _),
            (settings, text) =>
                type.TryParse(text, out var value) ? apply(settings, value) : settings
        );
}

/// <summary>A setting that all renditions of a profile share.</summary>
public sealed record ProfileSetting(
    string Key,
    string Allowed,
    string Default,
    string Description,
    Func<string, bool> Accepts,
    Func<Profile, string, Profile> Apply
) : Setting(Key, Allowed, Default, Description, Accepts)
{
    public static ProfileSetting Of<T>(
        string key,
        SettingType<T> type,
        string standard,
        string description,
        Func<Profile, T, Profile> apply
    ) =>
        new(
            key,
            type.Allowed,
            standard,
            description,
            text => type.TryParse(text, out _),
            (profile, text) => type.TryParse(text, out var value) ? apply(profile, value) : profile
        );
}

/// <summary>A setting of one rendition.</summary>
/// <param name="Fits">Whether a rendition has a use for the value; an override passes by the renditions that have none.</param>
public sealed record RenditionSetting(
    string Key,
    string Allowed,
    string Default,
    string Description,
    Func<string, bool> Accepts,
    Func<Rendition, string, Rendition> Apply,
    Func<Rendition, string, bool> Fits
) : Setting(Key, Allowed, Default, Description, Accepts)
{
    public static RenditionSetting Of<T>(
        string key,
        SettingType<T> type,
        string standard,
        string description,
        Func<Rendition, T, Rendition> apply,
        Func<Rendition, string, bool>? fits = null
    ) =>
        new(
            key,
            type.Allowed,
            standard,
            description,
            text => type.TryParse(text, out _),
            (rendition, text) =>
                type.TryParse(text, out var value) ? apply(rendition, value) : rendition,
            fits ?? ((_, _) => true)
        );
}
