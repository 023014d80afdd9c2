using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Encode;

/// <summary>The arguments of ffmpeg's libsvtav1.</summary>
internal static class SvtAv1Arguments
{
    /// <summary>What ffmpeg says, with exit code 0, of a parameter that SVT-AV1 does not know or take.</summary>
    public const string IgnoredParameter = "Error parsing option";

    /// <param name="threads">SVT-AV1's lp; the bytes are the same for any number.</param>
    public static IReadOnlyList<string> For(
        EncodeSettings settings,
        int? crf,
        int keyframeInterval,
        int threads
    ) =>
        [
            "-c:v",
            "libsvtav1",
            "-preset",
            settings.Video.Preset,
            .. RateArguments.For(settings.Video, crf, capped: false),
            .. RateArguments.Interval(keyframeInterval),
            "-svtav1-params",
            Parameters(settings, threads),
        ];

    private static string Parameters(EncodeSettings settings, int threads)
    {
        var parameters = new OrderedDictionary<string, string>();
        foreach (
            var pair in settings.Video.Parameters.Split(':', StringSplitOptions.RemoveEmptyEntries)
        )
        {
            var parts = pair.Split('=', 2);
            parameters[parts[0]] = parts.Length > 1 ? parts[1] : "1";
        }
        if (settings.Video.FilmGrain > 0)
        {
            parameters["film-grain"] = settings.Video.FilmGrain.ToString();
        }
        parameters["lp"] = threads.ToString();
        if (settings.Hdr != Hdr.None)
        {
            parameters["enable-hdr"] = "1";
        }
        // ffmpeg 5.1 passes colour tags on to the encoder, but not these two.
        if (settings.Mastering is { } mastering)
        {
            parameters["mastering-display"] =
                $"G({mastering.GreenX:0.#####},{mastering.GreenY:0.#####})B({mastering.BlueX:0.#####},{mastering.BlueY:0.#####})R({mastering.RedX:0.#####},{mastering.RedY:0.#####})WP({mastering.WhiteX:0.#####},{mastering.WhiteY:0.#####})L({mastering.MaxLuminance:0.####},{mastering.MinLuminance:0.####})";
        }
        if (settings.Light is { } light)
        {
            parameters["content-light"] = $"{light.MaxContent},{light.MaxAverage}";
        }
        return string.Join(':', parameters.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
