namespace EncodeFarm.Media.Mux;

/// <summary>Brings the language codes of other containers to those that mkvmerge takes and gives back.</summary>
internal static class LanguageCodes
{
    /// <summary>ISO 639-2 has two codes for twenty languages; Matroska wants the bibliographic one.</summary>
    private static readonly Dictionary<string, string> Bibliographic = new()
    {
        ["bod"] = "tib",
        ["ces"] = "cze",
        ["cym"] = "wel",
        ["deu"] = "ger",
        ["ell"] = "gre",
        ["eus"] = "baq",
        ["fas"] = "per",
        ["fra"] = "fre",
        ["hye"] = "arm",
        ["isl"] = "ice",
        ["kat"] = "geo",
        ["mkd"] = "mac",
        ["mri"] = "mao",
        ["msa"] = "may",
        ["mya"] = "bur",
        ["nld"] = "dut",
        ["ron"] = "rum",
        ["slk"] = "slo",
        ["sqi"] = "alb",
        ["zho"] = "chi",
    };

    /// <param name="language">As the source has it: "fra", "ENG", "en-us".</param>
    /// <param name="known">Codes that mkvmerge knows.</param>
    /// <returns>Null where it is none.</returns>
    public static string? Normalize(string language, IReadOnlySet<string> known)
    {
        // A region that isn't in the registry would be an error to mkvmerge, and these containers don't check theirs.
        var primary = language.Split('-', '_')[0].Trim().ToLowerInvariant();
        var code = Bibliographic.GetValueOrDefault(primary, primary);
        return known.Contains(code) ? code : null;
    }
}
