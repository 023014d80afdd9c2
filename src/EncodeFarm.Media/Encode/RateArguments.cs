using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>Rate and keyframes in the options that ffmpeg's encoders share.</summary>
internal static class RateArguments
{
    /// <summary>A CRF, capped by the bit rate where one is set (a ladder's rung); or the bit rate alone.</summary>
    /// <param name="capped">Hold the rate over a buffer of 2 s; SVT-AV1 1.4 refuses that together with a bit rate.</param>
    public static IReadOnlyList<string> For(VideoSettings video, int? crf, bool capped = true)
    {
        if (crf is null && video.Bitrate is null)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                "The rendition has neither a CRF nor a bit rate."
            );
        }
        var quality = crf is { } value ? ["-crf", value.ToString()] : Array.Empty<string>();
        var average = crf is null
            ? ["-b:v", video.Bitrate!.Value.ToString()]
            : Array.Empty<string>();
        var cap =
            capped && video.Bitrate is { } rate
                ? ["-maxrate", rate.ToString(), "-bufsize", (2 * rate).ToString()]
                : Array.Empty<string>();
        return [.. quality, .. average, .. cap];
    }

    /// <summary>
    /// The true rate as a parameter of x264 and x265, where timestamps don't tell it: from a copied piece ffmpeg guesses its
    /// ticks (90000 a second), by which both share out the bits, and which x265 writes into its parameter sets.
    /// </summary>
    public static IReadOnlyList<string> FrameRate(EncodeSettings settings) =>
        DecodeArguments.KeepsRealTime(settings) ? [$"fps={settings.FrameRate}"] : [];

    public static IReadOnlyList<string> Interval(int frames) => ["-g", frames.ToString()];
}
