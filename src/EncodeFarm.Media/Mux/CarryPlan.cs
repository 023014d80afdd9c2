using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>How a subtitle gets into the output.</summary>
/// <param name="Converted">True for text that is stored as SRT, since the output can't hold its own kind.</param>
internal sealed record CarriedSubtitle(MediaTrack Track, TrackLabels Labels, bool Converted);

/// <summary>What of the source, beside the encoded video and audio, goes into an MKV, and what can't.</summary>
/// <param name="Direct">
/// True for Matroska sources: mkvmerge takes everything but video and audio from the source itself, unchanged. Otherwise
/// subtitles and covers are extracted, and chapters and tags are written from the analysis.
/// </param>
/// <param name="Audio">Labels by the stream index in the source.</param>
internal sealed record CarryPlan(
    bool Direct,
    TrackLabels Video,
    IReadOnlyDictionary<int, TrackLabels> Audio,
    IReadOnlyList<CarriedSubtitle> Subtitles,
    IReadOnlyList<Attachment> Attachments,
    IReadOnlyList<string> Warnings
)
{
    /// <summary>Of the whole file; null where it has none.</summary>
    public string? Title { get; init; }

    /// <summary>The title as ffmpeg reads it, which for it is one tag of many: in Matroska a tag TITLE counts more than the file's own.</summary>
    public string? TitleTag { get; init; }

    /// <summary>Tags of the whole file that have to be in the new one, by the source's names for them.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } =
        new Dictionary<string, string>();

    /// <summary>The attachments as they have to be in the output; null where that shows only when they are extracted.</summary>
    public IReadOnlyList<MkvAttachment>? Files { get; init; }

    /// <summary>Subtitles that Matroska holds as they are; bitmaps and text.</summary>
    private static readonly string[] Storable =
    [
        "subrip",
        "ass",
        "ssa",
        "hdmv_pgs_subtitle",
        "dvd_subtitle",
        "dvb_subtitle",
    ];

    /// <summary>Text that becomes SRT.</summary>
    private static readonly string[] Convertible = ["mov_text", "text", "webvtt"];

    /// <summary>Tags that MP4 has a place for, as text. Players look there only, not among tags of any name.</summary>
    private static readonly string[] Mp4Texts =
    [
        "title",
        "artist",
        "album_artist",
        "composer",
        "album",
        "date",
        "comment",
        "genre",
        "copyright",
        "grouping",
        "lyrics",
        "description",
        "synopsis",
        "show",
        "episode_id",
        "network",
        "keywords",
    ];

    /// <summary>The same as numbers, which may change their shape.</summary>
    private static readonly string[] Mp4Numbers =
    [
        "location",
        "location-eng",
        "track",
        "disc",
        "episode_sort",
        "season_number",
        "media_type",
        "hd_video",
        "gapless_playback",
        "compilation",
    ];

    /// <summary>The date of the old file, which a new one does not have.</summary>
    private const string CreationTime = "creation_time";

    public static bool IsMatroska(SourceAnalysis analysis) =>
        analysis.Container.Contains("matroska");

    /// <param name="source">The source as mkvmerge sees it; null unless it is Matroska.</param>
    /// <param name="languages">Codes that mkvmerge knows; others become "und". Not used for Matroska sources.</param>
    public static CarryPlan Make(
        SourceAnalysis analysis,
        MkvIdentification? source,
        IReadOnlySet<string> languages
    )
    {
        var plan = source is not null
            ? FromMatroska(analysis, source)
            : FromOther(analysis, languages);
        var title = analysis.Metadata.FirstOrDefault(tag => Is(tag.Key, ["title"])).Value;
        return plan with
        {
            Title = source is not null ? source.Title : title,
            TitleTag = title,
            Tags = MatroskaXml
                .Kept(analysis.Metadata)
                .Where(tag => !Is(tag.Key, [CreationTime]))
                .ToDictionary(),
            Files = source?.Attachments,
        };
    }

    /// <summary>What of it WebM holds, where mkvmerge writes it: labels and chapters, but neither subtitles nor attachments.</summary>
    public CarryPlan ForWebM() =>
        this with
        {
            Subtitles = [],
            Attachments = [],
            Files = [],
            // mkvmerge leaves out what WebM does not know: tags within tags, for one.
            Tags = Tags.Where(tag => !tag.Key.Contains('/')).ToDictionary(),
            Warnings =
            [
                .. Warnings,
                .. Named(
                    "WebM has no place for the tags",
                    Tags.Keys.Where(tag => tag.Contains('/'))
                ),
                .. LeftOut("WebM", Subtitles.Count, "subtitle tracks"),
                .. LeftOut("WebM", Attachments.Count, "attachments"),
            ],
        };

    /// <summary>What of it MP4 holds: three-letter languages, titles and most flags; text alone of subtitles; tags that it has a place for.</summary>
    /// <param name="iso639">ISO 639-2 by any language code; what is not in it becomes "und".</param>
    public CarryPlan ForMp4(IReadOnlyDictionary<string, string> iso639)
    {
        var texts = Subtitles.Where(IsText).ToList();
        return this with
        {
            Video = Reduce(Video),
            Audio = Audio.ToDictionary(pair => pair.Key, pair => Reduce(pair.Value)),
            Subtitles =
            [
                .. texts.Select(text =>
                    text with
                    {
                        Labels = Reduce(text.Labels),
                        Converted = true,
                    }
                ),
            ],
            Attachments = [],
            Files = [],
            Title = TitleTag,
            Tags = Tags.Where(tag => Is(tag.Key, Mp4Texts)).ToDictionary(),
            Warnings =
            [
                .. Warnings,
                .. texts.Select(text =>
                    $"Subtitle stream {text.Track.StreamIndex} is {text.Track.Codec}, which MP4 can't hold; it is converted to mov_text and loses most of its styling."
                ),
                .. LeftOut("MP4", Subtitles.Count - texts.Count, "subtitle tracks of pictures"),
                .. LeftOut("MP4", Attachments.Count, "attachments"),
                .. FlagWarnings([("the video", Video)]),
                .. FlagWarnings(Audio.Select(pair => ($"audio stream {pair.Key}", pair.Value))),
                .. FlagWarnings(
                    texts.Select(text => ($"subtitle stream {text.Track.StreamIndex}", text.Labels))
                ),
                .. Named(
                    "MP4 has no place for the tags",
                    Tags.Keys.Where(tag => !Is(tag, Mp4Texts) && !Is(tag, Mp4Numbers))
                ),
            ],
        };

        TrackLabels Reduce(TrackLabels labels) =>
            new(
                iso639.GetValueOrDefault(
                    labels.Language.Split('-')[0],
                    TrackLabels.UnknownLanguage
                ),
                labels.Title,
                Default: false,
                labels.Forced,
                labels.HearingImpaired,
                labels.VisualImpaired,
                Commentary: labels.Commentary
            );
    }

    private static IEnumerable<string> FlagWarnings(
        IEnumerable<(string Name, TrackLabels Labels)> tracks
    ) =>
        from track in tracks
        let lost = new TrackLabels(
            "",
            Title: null,
            Default: false,
            TextDescriptions: track.Labels.TextDescriptions,
            Original: track.Labels.Original
        )
        where lost.TextDescriptions || lost.Original
        select $"MP4 has no place for the flags of {track.Name} ({lost.Flags}): they are left out.";

    private static IEnumerable<string> Named(string what, IEnumerable<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal)) is { Length: > 0 } all
            ? [$"{what} {all}: they are left out."]
            : [];

    private static bool Is(string tag, IReadOnlyList<string> names) =>
        names.Contains(tag, StringComparer.OrdinalIgnoreCase);

    public static bool IsText(CarriedSubtitle subtitle) =>
        subtitle.Converted
        || subtitle.Track.Codec is "subrip" or "ass" or "ssa" or "webvtt" or "text";

    private static string[] LeftOut(string container, int count, string what) =>
        count == 0 ? [] : [$"{container} can't hold {what}: {count} of the source are left out."];

    private static CarryPlan FromMatroska(SourceAnalysis analysis, MkvIdentification source)
    {
        // mkvmerge numbers the tracks of a Matroska file as ffprobe does.
        var tracks = source.Tracks.ToDictionary(track => (track.Type, track.Id));
        TrackLabels? Labels(string type, MediaTrack track) =>
            tracks.GetValueOrDefault((type, track.StreamIndex))?.Labels;

        var subtitles = analysis
            .Subtitles.Select(track => (Track: track, Labels: Labels("subtitles", track)))
            .Where(subtitle => subtitle.Labels is not null)
            .ToList();
        var warnings = new List<string>();
        if (subtitles.Count < analysis.Subtitles.Count)
        {
            warnings.Add(
                $"{analysis.Subtitles.Count - subtitles.Count} of {analysis.Subtitles.Count} subtitle tracks are of a kind that MKV can't hold, and are left out."
            );
        }
        return new CarryPlan(
            Direct: true,
            source.OfType("video") is [var first, ..]
                ? first.Labels
                : TrackLabels.Of(analysis.Video),
            analysis.Audio.ToDictionary(
                audio => audio.Track.StreamIndex,
                audio => Labels("audio", audio.Track) ?? TrackLabels.Of(audio.Track)
            ),
            [
                .. subtitles.Select(subtitle => new CarriedSubtitle(
                    subtitle.Track,
                    subtitle.Labels!,
                    Converted: false
                )),
            ],
            analysis.Attachments,
            warnings
        );
    }

    private static CarryPlan FromOther(SourceAnalysis analysis, IReadOnlySet<string> languages)
    {
        var warnings = new List<string>();
        var subtitles = new List<CarriedSubtitle>();
        foreach (var track in analysis.Subtitles)
        {
            var converted = Convertible.Contains(track.Codec);
            if (!converted && !Storable.Contains(track.Codec))
            {
                warnings.Add(
                    $"Subtitle stream {track.StreamIndex} is {track.Codec}, which MKV can't hold; it is left out."
                );
                continue;
            }
            if (converted)
            {
                warnings.Add(
                    $"Subtitle stream {track.StreamIndex} is {track.Codec}, which MKV can't hold; it is converted to SRT and loses its styling."
                );
            }
            subtitles.Add(
                new CarriedSubtitle(
                    track,
                    Known(TrackLabels.Of(track), track.StreamIndex),
                    converted
                )
            );
        }
        return new CarryPlan(
            Direct: false,
            Known(TrackLabels.Of(analysis.Video), analysis.Video.StreamIndex),
            analysis.Audio.ToDictionary(
                track => track.Track.StreamIndex,
                track => Known(TrackLabels.Of(track.Track), track.Track.StreamIndex)
            ),
            subtitles,
            [.. analysis.Attachments.Where(attachment => attachment.Cover)],
            warnings
        );

        TrackLabels Known(TrackLabels labels, int streamIndex)
        {
            var code = LanguageCodes.Normalize(labels.Language, languages);
            if (code is null && labels.Language is not ("" or TrackLabels.UnknownLanguage))
            {
                warnings.Add(
                    $"The language \"{labels.Language}\" of stream {streamIndex} is not a known code; the track is marked as undetermined."
                );
            }
            return labels with { Language = code ?? TrackLabels.UnknownLanguage };
        }
    }
}
