using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Encode;

/// <summary>Colour tags as options of any of ffmpeg's encoders; what the source does not say stays unsaid.</summary>
internal static class ColorArguments
{
    public static IReadOnlyList<string> For(ColorTags color) =>
        [
            .. Option("-color_range", color.Range),
            .. Option("-color_primaries", color.Primaries),
            .. Option("-color_trc", Transfer(color.Transfer)),
            .. Option("-colorspace", color.Matrix == "gbr" ? "rgb" : color.Matrix),
            .. Option("-chroma_sample_location", color.ChromaLocation),
        ];

    /// <summary>Of these, ffmpeg's options know other words than ffprobe prints.</summary>
    private static string? Transfer(string? name) =>
        name switch
        {
            "bt470m" => "gamma22",
            "bt470bg" => "gamma28",
            _ => name,
        };

    private static IEnumerable<string> Option(string name, string? value) =>
        value is null ? [] : [name, value];
}
