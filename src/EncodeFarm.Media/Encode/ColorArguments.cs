using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Encode;

/// <summary>
/// Colour tags as options of any of ffmpeg's encoders. What the source does not say is passed as unknown: else ffmpeg
/// takes it from a segment's first picture, and where tags begin in the middle of a source, segments have other headers.
/// </summary>
internal static class ColorArguments
{
    private const string Unknown = "unknown";

    public static IReadOnlyList<string> For(ColorTags color) =>
        [
            "-color_range",
            color.Range ?? Unknown,
            "-color_primaries",
            color.Primaries ?? Unknown,
            "-color_trc",
            Transfer(color.Transfer) ?? Unknown,
            "-colorspace",
            (color.Matrix == "gbr" ? "rgb" : color.Matrix) ?? Unknown,
            "-chroma_sample_location",
            color.ChromaLocation ?? Unknown,
        ];

    /// <summary>Of these, ffmpeg's options know other words than ffprobe prints.</summary>
    private static string? Transfer(string? name) =>
        name switch
        {
            "bt470m" => "gamma22",
            "bt470bg" => "gamma28",
            _ => name,
        };
}
