namespace EncodeFarm.Media.Encode;

/// <summary>The arguments of ffmpeg's libx264.</summary>
internal static class X264Arguments
{
    /// <summary>
    /// One thread, because x264's bytes depend on the number of threads. Closed groups of pictures, so that segments
    /// can be joined.
    /// </summary>
    public static IReadOnlyList<string> For(
        EncodeSettings settings,
        int? crf,
        int keyframeInterval
    ) =>
        [
            "-c:v",
            "libx264",
            "-preset",
            settings.Video.Preset,
            .. RateArguments.For(settings.Video, crf),
            .. RateArguments.Interval(keyframeInterval),
            "-flags",
            "+cgop",
            "-threads",
            "1",
            .. settings.Video.Parameters.Length > 0
                ? ["-x264-params", settings.Video.Parameters]
                : Array.Empty<string>(),
        ];
}
