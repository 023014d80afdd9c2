using EncodeFarm.Media.Profiles;
using static EncodeFarm.Node.Configuration.SettingTypes;

namespace EncodeFarm.Node.Configuration;

/// <summary>
/// The settings that make a profile. The same keys in farm.yaml, in the environment or on the command line replace what
/// the profile says. The order is the order of application: what decides whether a later key fits comes first.
/// </summary>
public static class ProfileSchema
{
    /// <summary>Makes one rendition for each CRF; applied last, because it multiplies a finished rendition.</summary>
    public const string CrfList = "encoding.crf_list";

    public static IReadOnlyList<RenditionSetting> Renditions { get; } =
    [
        RenditionSetting.Of(
            "encoding.codec",
            OneOf(
                ("av1", VideoCodec.Av1),
                ("h264", VideoCodec.H264),
                ("h265", VideoCodec.H265),
                ("vp9", VideoCodec.Vp9)
            ),
            "av1",
            "Video codec.",
            (rendition, value) => rendition.WithVideo(video => video with { Codec = value })
        ),
        RenditionSetting.Of(
            "encoding.rate",
            OneOf(
                ("target_vmaf", RateControl.TargetVmaf),
                ("crf", RateControl.Crf),
                ("bitrate", RateControl.Bitrate)
            ),
            "target_vmaf",
            "What decides the rate: a VMAF target per segment, a CRF, or an average bit rate.",
            (rendition, value) => rendition.WithVideo(video => video with { Rate = value })
        ),
        RenditionSetting.Of(
            "encoding.preset",
            Preset,
            "6",
            "Speed against size: for AV1 0 (slow, small)..13 (fast).",
            (rendition, value) => rendition.WithVideo(video => video with { Preset = value }),
            (rendition, text) => rendition.Video.Codec.TakesPreset(text)
        ),
        RenditionSetting.Of(
            "encoding.parameters",
            Text("the encoder's parameters, key=value:key=value"),
            "",
            "Passed to the encoder as they are.",
            (rendition, value) => rendition.WithVideo(video => video with { Parameters = value })
        ),
        RenditionSetting.Of(
            "encoding.pixel_format",
            OneOf(("yuv420p10le", "yuv420p10le"), ("yuv420p", "yuv420p")),
            "yuv420p10le",
            "Pixels of the output: 10 or 8 bit.",
            (rendition, value) => rendition.WithVideo(video => video with { PixelFormat = value })
        ),
        RenditionSetting.Of(
            "encoding.keyframe_seconds",
            Number(0.5, 60),
            "10",
            "Longest distance between keyframes, seconds.",
            (rendition, value) =>
                rendition.WithVideo(video => video with { KeyframeSeconds = value })
        ),
        RenditionSetting.Of(
            "encoding.max_width",
            Whole(64, 16_384).Or("none"),
            "none",
            "Largest width, pixels; never upscaled.",
            (rendition, value) => rendition.WithVideo(video => video with { MaxWidth = value })
        ),
        RenditionSetting.Of(
            "encoding.max_height",
            Whole(64, 16_384).Or("none"),
            "none",
            "Largest height, pixels; never upscaled.",
            (rendition, value) => rendition.WithVideo(video => video with { MaxHeight = value })
        ),
        RenditionSetting.Of(
            "encoding.film_grain",
            Whole(0, 50).Or("off"),
            "off",
            "Film grain synthesis strength (AV1); off is 0.",
            (rendition, value) =>
                rendition.WithVideo(video => video with { FilmGrain = value ?? 0 }),
            (rendition, _) => rendition.Video.Codec == VideoCodec.Av1
        ),
        RenditionSetting.Of(
            "encoding.vmaf_target",
            Number(70, 99),
            "93",
            "VMAF (harmonic mean) that each segment shall have.",
            (rendition, value) => rendition.WithQuality(quality => quality with { Target = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.crf_min",
            Whole(1, 63),
            "15",
            "Best quality that the search may try.",
            (rendition, value) => rendition.WithQuality(quality => quality with { CrfMin = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.crf_max",
            Whole(1, 63),
            "55",
            "Worst quality that the search may try.",
            (rendition, value) => rendition.WithQuality(quality => quality with { CrfMax = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.max_probes",
            Whole(1, 20),
            "5",
            "Probes per segment and tier at most.",
            (rendition, value) =>
                rendition.WithQuality(quality => quality with { MaxProbes = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.n_subsample",
            Whole(1, 16),
            "3",
            "Every n-th frame is scored; 2, 4 and 8 read too high with AV1.",
            (rendition, value) =>
                rendition.WithQuality(quality => quality with { Subsample = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.best_effort",
            Switch,
            "true",
            "After the last tier take the best CRF found and mark the segment, instead of failing.",
            (rendition, value) =>
                rendition.WithQuality(quality => quality with { BestEffort = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.psnr_ssim",
            Switch,
            "false",
            "Also measure PSNR and SSIM of finished segments.",
            (rendition, value) =>
                rendition.WithQuality(quality => quality with { PsnrAndSsim = value }),
            SearchesForVmaf
        ),
        RenditionSetting.Of(
            "encoding.crf_sd",
            Whole(1, 63),
            "25",
            "CRF up to 720 lines.",
            (rendition, value) => rendition.WithVideo(video => video with { CrfSd = value }),
            (rendition, _) => rendition.Video.Rate == RateControl.Crf
        ),
        RenditionSetting.Of(
            "encoding.crf_hd",
            Whole(1, 63),
            "25",
            "CRF up to 1080 lines.",
            (rendition, value) => rendition.WithVideo(video => video with { CrfHd = value }),
            (rendition, _) => rendition.Video.Rate == RateControl.Crf
        ),
        RenditionSetting.Of(
            "encoding.crf_uhd",
            Whole(1, 63),
            "29",
            "CRF above 1080 lines.",
            (rendition, value) => rendition.WithVideo(video => video with { CrfUhd = value }),
            (rendition, _) => rendition.Video.Rate == RateControl.Crf
        ),
        RenditionSetting.Of(
            "encoding.crf",
            Number(1, 63).Or("none"),
            "none",
            "One CRF for all segments; it switches a VMAF search off.",
            WithFixedCrf,
            (rendition, _) => rendition.Video.Rate != RateControl.Bitrate
        ),
        RenditionSetting.Of(
            "encoding.bitrate",
            BitRate(10_000, 1_000_000_000).Or("none"),
            "none",
            "Average bit rate (rate: bitrate), or its cap (rate: crf), bit/s.",
            (rendition, value) => rendition.WithVideo(video => video with { Bitrate = value }),
            (rendition, _) => rendition.Video.Rate != RateControl.TargetVmaf
        ),
        RenditionSetting.Of(
            "audio.codec",
            OneOf(("opus", AudioCodec.Opus), ("aac", AudioCodec.Aac), ("copy", AudioCodec.Copy)),
            "opus",
            "Codec of every audio track, or copy.",
            (rendition, value) => rendition.WithAudio(audio => audio with { Codec = value })
        ),
        RenditionSetting.Of(
            "audio.bitrate",
            BitRate(6000, 1_536_000).Or("auto"),
            "auto",
            "bit/s for every track; auto goes by the channel count.",
            (rendition, value) => rendition.WithAudio(audio => audio with { Bitrate = (int?)value })
        ),
        RenditionSetting.Of(
            "audio.sample_rate",
            Whole(8000, 192_000).Or("auto"),
            "auto",
            "Hz; auto lets the codec decide (Opus: 48000).",
            (rendition, value) => rendition.WithAudio(audio => audio with { SampleRate = value })
        ),
    ];

    public static IReadOnlyList<ProfileSetting> Profile { get; } =
    [
        ProfileSetting.Of(
            "container",
            OneOf(("mkv", Container.Mkv), ("mp4", Container.Mp4), ("webm", Container.WebM)),
            "mkv",
            "File format of the output.",
            (profile, value) => profile with { Container = value }
        ),
        ProfileSetting.Of(
            "segment.seconds",
            Number(1, 300),
            "15",
            "Aimed length of a segment, seconds.",
            (profile, value) => profile with { SegmentSeconds = value }
        ),
        ProfileSetting.Of(
            "segment.unchunked",
            Switch,
            "false",
            "Encode each rendition in one piece; it then uses one slot.",
            (profile, value) => profile with { Unchunked = value }
        ),
        ProfileSetting.Of(
            "ladder",
            Switch,
            "false",
            "Skip renditions above the source's height, instead of giving them its height.",
            (profile, value) => profile with { Ladder = value }
        ),
        ProfileSetting.Of(
            "crop",
            Crop,
            "auto",
            "Black borders: found in the source, kept, or the rectangle that remains (w:h:x:y).",
            (profile, value) => profile with { Crop = value }
        ),
        ProfileSetting.Of(
            "needs",
            LabelSet,
            "",
            "Cluster: labels that a worker must have (gpu=yes,rack=2); empty takes any. One machine alone ignores it.",
            (profile, value) => profile with { Needs = value.IsEmpty ? null : value.ToString() }
        ),
        ProfileSetting.Of(
            CrfList,
            Numbers(1, 63),
            "",
            "One rendition for each CRF, to compare them.",
            (profile, list) =>
                list.Count == 0 ? profile : profile with { Renditions = EachCrf(profile, list) }
        ),
    ];

    /// <summary>Whether the encoder of this codec knows the preset.</summary>
    public static bool TakesPreset(this VideoCodec codec, string preset)
    {
        var numeric = int.TryParse(preset, out var number);
        return codec switch
        {
            VideoCodec.Av1 => numeric,
            VideoCodec.Vp9 => numeric && number <= 8,
            _ => !numeric,
        };
    }

    private static bool SearchesForVmaf(Rendition rendition, string _) =>
        rendition.Video.Rate == RateControl.TargetVmaf;

    private static Rendition WithFixedCrf(Rendition rendition, double? crf) =>
        rendition.WithVideo(video =>
            video with
            {
                Crf = crf,
                Rate =
                    crf is not null && video.Rate == RateControl.TargetVmaf
                        ? RateControl.Crf
                        : video.Rate,
            }
        );

    private static List<Rendition> EachCrf(Profile profile, IReadOnlyList<double> crfs) =>
        crfs.Select(crf => WithFixedCrf(profile.Renditions[0], crf) with { Name = $"crf{crf}" })
            .ToList();

    private static Rendition WithVideo(
        this Rendition rendition,
        Func<VideoSettings, VideoSettings> change
    ) => rendition with { Video = change(rendition.Video) };

    private static Rendition WithQuality(
        this Rendition rendition,
        Func<QualitySettings, QualitySettings> change
    ) => rendition.WithVideo(video => video with { Quality = change(video.Quality) });

    private static Rendition WithAudio(
        this Rendition rendition,
        Func<AudioSettings, AudioSettings> change
    ) => rendition with { Audio = change(rendition.Audio) };
}
