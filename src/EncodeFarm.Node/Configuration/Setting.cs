global using FarmSetting = EncodeFarm.Node.Configuration.Setting<EncodeFarm.Node.Configuration.FarmSettings>;
global using ProfileSetting = EncodeFarm.Node.Configuration.Setting<EncodeFarm.Media.Profiles.Profile>;
global using RenditionSetting = EncodeFarm.Node.Configuration.Setting<EncodeFarm.Media.Profiles.Rendition>;

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

/// <summary>A setting of the farm itself, of a profile, or of one rendition.</summary>
/// <param name="Fits">Whether the target has a use for the value; an override passes by the renditions that have none.</param>
public sealed record Setting<TTarget>(
    string Key,
    string Allowed,
    string Default,
    string Description,
    Func<string, bool> Accepts,
    Func<TTarget, string, TTarget> Apply,
    Func<TTarget, string, bool> Fits
) : Setting(Key, Allowed, Default, Description, Accepts)
{
    public static Setting<TTarget> Of<TValue>(
        string key,
        SettingType<TValue> type,
        string standard,
        string description,
        Func<TTarget, TValue, TTarget> apply,
        Func<TTarget, string, bool>? fits = null
    ) =>
        new(
            key,
            type.Allowed,
            standard,
            description,
            text => type.TryParse(text, out _),
            (target, text) => type.TryParse(text, out var value) ? apply(target, value) : target,
            fits ?? ((_, _) => true)
        );
}
