namespace EncodeFarm.Media.Encode;

/// <summary>The arguments of ffmpeg's libx264.</summary>
internal static class X264Arguments
{
    /// <summary>Else x264 writes a picture parameter set by the CRF, and segments of different ones could not be joined.</summary>
    private const string SameHeaders = "stitchable=1";

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
            "-x264-params",
            string.Join(':', Parameters(settings)),
        ];

    private static IEnumerable<string> Parameters(EncodeSettings settings) =>
        [
            SameHeaders,
            .. RateArguments.FrameRate(settings),
            .. settings.Video.Parameters.Length > 0
                ? [settings.Video.Parameters]
                : Array.Empty<string>(),
        ];
}
