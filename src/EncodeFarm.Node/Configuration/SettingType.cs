namespace EncodeFarm.Node.Configuration;

/// <summary>Reads the text of a setting; false where it is not allowed.</summary>
public delegate bool SettingParser<T>(string text, out T value);

/// <summary>What a setting may be.</summary>
/// <param name="Allowed">The allowed values in words, to complete "… must be …": "0..13", "one of off, auto".</param>
public sealed record SettingType<T>(string Allowed, SettingParser<T> TryParse);
