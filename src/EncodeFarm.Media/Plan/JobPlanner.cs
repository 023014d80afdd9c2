using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Plan;

/// <summary>What a profile makes of a source.</summary>
/// <param name="Settings">For each rendition of the profile, also for those that are skipped.</param>
/// <param name="Skipped">For each rendition: why it is not made, as half a sentence; null where it is.</param>
/// <param name="Warnings">Whole sentences: what of the source the profile can't keep.</param>
public sealed record PlannedJob(
    SegmentPlan Segments,
    IReadOnlyList<EncodeSettings> Settings,
    IReadOnlyList<string?> Skipped,
    IReadOnlyList<string> Warnings
);

/// <summary>Decides what is made of a source, and whether it is cut for that. Pure.</summary>
public static class JobPlanner
{
    /// <exception cref="FarmException">A picture is too small for its encoder, or a sound has too many channels.</exception>
    public static PlannedJob Plan(AnalyzedSource source, Profile profile)
    {
        var skipped = SkippedRungs(profile, source.Analysis.Video);
        var made = profile.Renditions.Where((_, index) => skipped[index] is null);
        return new(
            Unchunked(source.Analysis, profile) is { } reason
                ? SegmentPlanner.Whole(source.Frames, reason)
                : SegmentPlanner.Plan(source.Frames, profile.SegmentSeconds),
            [
                .. profile.Renditions.Select(rendition =>
                    EncodeSettingsResolver.Resolve(rendition, source.Analysis)
                ),
            ],
            skipped,
            [
                .. LayoutWarnings(source.Analysis, profile),
                .. PictureWarnings(source.Analysis.Video, made),
            ]
        );
    }

    /// <summary>Why the source is encoded in one piece; null where it is cut into segments.</summary>
    public static string? Unchunked(SourceAnalysis analysis, Profile profile) =>
        analysis switch
        {
            { Video.DolbyVision: { } vision } =>
                $"the source is Dolby Vision profile {vision.Profile}",
            { Uncuttable: { } reason } => reason,
            _ => profile.Unchunked ? "segment.unchunked is set" : null,
        };

    /// <summary>
    /// Rungs of a ladder that lie above the source's height, as it is shown and before any crop. The lowest rung is
    /// always made: where even that lies above, it keeps the source's height.
    /// </summary>
    public static IReadOnlyList<string?> SkippedRungs(Profile profile, VideoStream video)
    {
        var height = video.Rotation is 90 or 270 ? video.Width : video.Height;
        var lowest = profile.Renditions.Min(rung => rung.Video.MaxHeight);
        return
        [
            .. profile.Renditions.Select(rung =>
                profile.Ladder && rung.Video.MaxHeight > Math.Max(height, lowest ?? 0)
                    ? $"its {rung.Video.MaxHeight} lines are more than the source's {height}"
                    : null
            ),
        ];
    }

    private static IEnumerable<string> LayoutWarnings(SourceAnalysis analysis, Profile profile) =>
        from codec in profile.Renditions.Select(rendition => rendition.Audio.Codec).Distinct()
        where codec != AudioCodec.Copy
        from track in analysis.Audio
        // Of a track without channels nothing is known: its encode will name it.
        where track.Channels > 0
        let stored = StoredLayout.Of(track, codec)
            ?? throw new FarmException(
                FarmError.BadInput,
                $"Audio stream {track.Track.StreamIndex} of {analysis.Source.Path} has {track.Channels} channels, and {codec.ToString().ToUpperInvariant()} holds 8 at most.",
                "Take a profile whose audio is opus or copy."
            )
        where stored.Warning is not null
        select $"Audio stream {track.Track.StreamIndex}: {stored.Warning}";

    private static IEnumerable<string> PictureWarnings(
        VideoStream video,
        IEnumerable<Rendition> made
    )
    {
        var shallow = Names(made, video => PixelFormats.HasEightBits(video.PixelFormat));
        if (video.Hdr != Hdr.None && shallow.Length > 0)
        {
            yield return $"The source is HDR ({video.Hdr.ToString().ToUpperInvariant()}), and 8 bits are too few for it: gradients of {shallow} will show bands. encoding.pixel_format yuv420p10le keeps them smooth.";
        }
        // Of the encoders that are used, x264 alone puts them into its bitstream.
        var silent = Names(made, video => video.Codec != VideoCodec.H264);
        if (video.ClosedCaptions && silent.Length > 0)
        {
            yield return $"The pictures carry closed captions (CEA-608/708), which only H.264 can keep here: they are lost in {silent}.";
        }
    }

    private static string Names(
        IEnumerable<Rendition> renditions,
        Func<VideoSettings, bool> which
    ) =>
        string.Join(
            ", ",
            renditions
                .Where(rendition => which(rendition.Video))
                .Select(rendition => rendition.Name)
        );
}
