using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Encode;

/// <summary>The arguments of ffmpeg's libx265.</summary>
internal static class X265Arguments
{
    /// <summary>
    /// One frame thread and no pool, because x265's bytes depend on the number of frame threads and a slot is about one core.
    /// </summary>
    public static IReadOnlyList<string> For(
        EncodeSettings settings,
        int? crf,
        int keyframeInterval
    ) =>
        [
            "-c:v",
            "libx265",
            "-preset",
            settings.Video.Preset,
            .. RateArguments.For(settings.Video, crf),
            .. RateArguments.Interval(keyframeInterval),
            "-x265-params",
            string.Join(':', [.. Parameters(settings), .. RateArguments.FrameRate(settings)]),
        ];

    private static IEnumerable<string> Parameters(EncodeSettings settings)
    {
        if (settings.Video.Parameters.Length > 0)
        {
            yield return settings.Video.Parameters;
        }
        yield return "frame-threads=1:pools=none:open-gop=0:repeat-headers=1:log-level=warning";
        if (settings.Hdr != Hdr.None)
        {
            yield return "hdr10-opt=1";
        }
        if (settings.Mastering is { } display)
        {
            yield return $"master-display=G({X(display.GreenX)},{X(display.GreenY)})B({X(display.BlueX)},{X(display.BlueY)})R({X(display.RedX)},{X(display.RedY)})WP({X(display.WhiteX)},{X(display.WhiteY)})L({Y(display.MaxLuminance)},{Y(display.MinLuminance)})";
        }
        if (settings.Light is { } light)
        {
            yield return $"max-cll={light.MaxContent},{light.MaxAverage}";
        }
    }

    /// <summary>Chromaticities in units of 0.00002, as in the SEI message.</summary>
    private static long X(double chromaticity) => (long)Math.Round(chromaticity * 50_000);

    /// <summary>Luminances in units of 0.0001 cd/m².</summary>
    private static long Y(double luminance) => (long)Math.Round(luminance * 10_000);
}
