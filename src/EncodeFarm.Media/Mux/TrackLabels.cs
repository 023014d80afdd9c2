using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>What a player shows of a track, and chooses it by.</summary>
/// <param name="Language">IETF BCP 47 ("de-CH") or ISO 639 ("ger"); "und" where not known.</param>
public sealed record TrackLabels(
    string Language,
    string? Title,
    bool Default,
    bool Forced = false,
    bool HearingImpaired = false,
    bool VisualImpaired = false,
    bool TextDescriptions = false,
    bool Original = false,
    bool Commentary = false
)
{
    public const string UnknownLanguage = "und";

    public static TrackLabels Of(MediaTrack track) =>
        new(
            track.Language ?? UnknownLanguage,
            track.Title,
            track.Dispositions.Contains("default"),
            track.Dispositions.Contains("forced"),
            track.Dispositions.Contains("hearing_impaired"),
            track.Dispositions.Contains("visual_impaired"),
            track.Dispositions.Contains("descriptions"),
            track.Dispositions.Contains("original"),
            track.Dispositions.Contains("comment")
        );

    public static TrackLabels Of(VideoStream video) =>
        new(video.Language ?? UnknownLanguage, video.Title, Default: true);

    /// <summary>The flags that are set, for people.</summary>
    public string Flags =>
        string.Join(
            '+',
            new[]
            {
                (Default, "default"),
                (Forced, "forced"),
                (HearingImpaired, "hearing impaired"),
                (VisualImpaired, "visual impaired"),
                (TextDescriptions, "text descriptions"),
                (Original, "original"),
                (Commentary, "commentary"),
            }
                .Where(flag => flag.Item1)
                .Select(flag => flag.Item2)
                .DefaultIfEmpty("none")
        );
}
