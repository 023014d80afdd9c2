using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Audio;

/// <summary>ffmpeg's command line for one audio track, whole, into a Matroska file of its own on the output's clock.</summary>
internal static class AudioArguments
{
    /// <summary>Opus has no other rate worth using.</summary>
    private const int OpusRate = 48_000;

    /// <summary>
    /// libopus begins with 312 samples (6.5 ms) that are never heard, and ffmpeg's Matroska writer dates the first
    /// packet back by them, although Matroska wants it dated at the sound's start. It is right only where that would be
    /// negative. So the sound is dated 312 samples later.
    /// </summary>
    private const double OpusPreSkipSeconds = 0.0065;

    /// <summary>
    /// A hole or an overlap in the source's timestamps longer than this is filled with silence or cut, so that what follows
    /// stays in sync; 45 ms is the least that viewers notice (ITU-R BT.1359-1).
    /// </summary>
    private const string GapSeconds = "0.04";

    /// <summary>
    /// Matroska has no negative time and no edit list: packets that are decoded, but not heard, would move all others.
    /// Timestamps are milliseconds here; two of them are left for roundings of a clock that was shifted.
    /// </summary>
    private static readonly string[] DropWarmUp = ["-bsf:a", "noise=drop='lt(pts\\,-2)'"];

    /// <param name="zeroSeconds">The moment of the source's clock that is 0 in the output.</param>
    public static IReadOnlyList<string> Build(
        string source,
        AudioTrack track,
        AudioSettings settings,
        double zeroSeconds,
        string destination
    ) =>
        [
            "-nostdin",
            // The numbers of samples decoded and encoded are told at this level only.
            "-v",
            "verbose",
            "-y",
            .. Demuxers.Opening(source),
            "-copyts",
            .. settings.Codec == AudioCodec.Copy
                ? ["-itsoffset", $"{-zeroSeconds:0.000000}"]
                : FullRange(track.Track),
            "-i",
            DecodeArguments.FileArgument(source),
            "-map",
            $"0:{track.Track.StreamIndex}",
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            .. settings.Codec switch
            {
                AudioCodec.Opus => Opus(track, settings, zeroSeconds),
                AudioCodec.Aac => Aac(track, settings, zeroSeconds),
                _ => Copy(track),
            },
            "-fflags",
            "+bitexact",
            "-f",
            "matroska",
            DecodeArguments.FileArgument(destination),
        ];

    /// <summary>
    /// AC-3 tells players how to level loud and quiet passages for small loudspeakers, and ffmpeg's decoder obeys unless
    /// told otherwise: what was encoded so could never be heard at its full range again.
    /// </summary>
    private static string[] FullRange(MediaTrack track) =>
        track.Codec is "ac3" or "eac3" ? [$"-drc_scale:{track.StreamIndex}", "0"] : [];

    private static IReadOnlyList<string> Opus(
        AudioTrack track,
        AudioSettings settings,
        double zeroSeconds
    )
    {
        var layout = StoredLayout.Of(track, AudioCodec.Opus)!;
        return
        [
            "-af",
            Filters(layout, OpusRate, OpusPreSkipSeconds - zeroSeconds),
            "-c:a",
            "libopus",
            "-b:a",
            $"{settings.Bitrate ?? AudioBitrate.Opus(track.Channels)}",
            "-vbr",
            "on",
            "-compression_level",
            "10",
            "-frame_duration",
            "20",
            .. MappingFamily(layout),
        ];
    }

    /// <summary>
    /// Surround is said to be surround: ffmpeg's default exchanges channels of 5.0 and 6.1 (seen in 5.1), and does without
    /// libopus's rules for masking between channels and for the low-frequency one.
    /// </summary>
    private static string[] MappingFamily(StoredLayout layout) =>
        layout switch
        {
            { Discrete: true } => ["-mapping_family", "255"],
            { Channels: > 2 } => ["-mapping_family", "1"],
            _ => [],
        };

    private static IReadOnlyList<string> Aac(
        AudioTrack track,
        AudioSettings settings,
        double zeroSeconds
    ) =>
        [
            "-af",
            Filters(
                StoredLayout.Of(track, AudioCodec.Aac)!,
                settings.SampleRate ?? track.SampleRate,
                -zeroSeconds
            ),
            "-c:a",
            "aac",
            "-b:a",
            $"{settings.Bitrate ?? AudioBitrate.Aac(track.Channels)}",
            .. DropWarmUp,
        ];

    /// <summary>Opus keeps its warm-up: Matroska says of Opus how long it is.</summary>
    private static IReadOnlyList<string> Copy(AudioTrack track) =>
        track.Track.Codec == "opus" ? ["-c:a", "copy"] : ["-c:a", "copy", .. DropWarmUp];

    private static string Filters(StoredLayout layout, int rate, double shiftSeconds) =>
        string.Join(
            ',',
            (string[])
                [
                    .. layout.Remix is { } remix ? [remix] : Array.Empty<string>(),
                    $"aresample={rate}:min_comp={GapSeconds}:min_hard_comp={GapSeconds}",
                    $"aformat=channel_layouts={layout.Name}",
                    $"asetpts=round(PTS+({shiftSeconds:0.000000000})/TB)",
                ]
        );
}
