namespace EncodeFarm.Media.Mux;

/// <summary>Holds a track's language, title and flags against the source's.</summary>
internal static class LabelChecks
{
    public static IEnumerable<ValidationCheck> Of(string name, TrackLabels planned, MkvTrack found)
    {
        yield return new ValidationCheck(
            $"{name} language",
            planned.Language,
            found.Labels.Language,
            // A three-letter code of the source becomes a short IETF tag ("ger", "de").
            planned.Language == found.Labels.Language
                || planned.Language == found.Iso639
        );
        yield return Check.Equal(
            $"{name} title",
            CarriedChecks.Plain(planned.Title ?? ""),
            CarriedChecks.Plain(found.Labels.Title ?? "")
        );
        yield return Check.Equal($"{name} flags", planned.Flags, found.Labels.Flags);
    }
}
