namespace EncodeFarm.Media.Encode;

/// <summary>The arguments of ffmpeg's libvpx-vp9.</summary>
internal static class Vp9Arguments
{
    /// <summary>The preset is libvpx's cpu-used, 0 (slow)..8. One pass, one thread, alternate reference frames with full lookahead.</summary>
    public static IReadOnlyList<string> For(
        EncodeSettings settings,
        int? crf,
        int keyframeInterval
    ) =>
        [
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "good",
            "-cpu-used",
            settings.Video.Preset,
            .. RateArguments.For(settings.Video, crf),
            // Without it libvpx takes a CRF for the floor of a bit rate of its own choice.
            .. crf is not null && settings.Video.Bitrate is null
                ? ["-b:v", "0"]
                : Array.Empty<string>(),
            .. RateArguments.Interval(keyframeInterval),
            "-auto-alt-ref",
            "1",
            "-lag-in-frames",
            "25",
            "-threads",
            "1",
        ];
}
