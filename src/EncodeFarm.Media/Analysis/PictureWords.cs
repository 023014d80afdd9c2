using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>
/// What pictures from all over a source say of themselves, as far as it differs: the first one can't speak for a
/// recording that begins with a logo or changes its programme. Pure.
/// </summary>
/// <param name="frames">ffprobe's description of each, in the order of time.</param>
internal sealed class PictureWords(IReadOnlyList<JsonElement> frames)
{
    private readonly int combed = frames.Count(frame => frame.Integer("interlaced_frame") == 1);

    /// <summary>The container's word is kept where no picture contradicts it.</summary>
    public VideoStream Fields(VideoStream video) =>
        combed == 0 || (video.Interlaced && combed == frames.Count)
            ? video
            : video with
            {
                Interlaced = true,
                PartlyInterlaced = combed < frames.Count,
                FieldOrder = video.Interlaced ? video.FieldOrder : Order(),
            };

    public IEnumerable<string> Warnings()
    {
        if (combed > 0 && combed < frames.Count)
        {
            yield return $"Of {frames.Count} pictures that were looked at, {combed} are interlaced: such pictures are deinterlaced, the others stay as they are.";
        }
        if (Different(Color) is { Count: > 1 } colors)
        {
            yield return $"What the source says of its colours changes ({string.Join("; ", colors)}): the whole output says what its beginning does.";
        }
        if (Different(Pixel) is { Count: > 1 } shapes)
        {
            yield return $"The source changes the shape of its pixels ({string.Join(", ", shapes)}): the whole output keeps to that of its beginning.";
        }
    }

    private string Order() =>
        frames.First(frame => frame.Integer("interlaced_frame") == 1).Integer("top_field_first")
        == 1
            ? "tt"
            : "bb";

    private List<string> Different(Func<JsonElement, string?> word) =>
        [.. frames.Select(word).OfType<string>().Distinct()];

    private static string Color(JsonElement frame) =>
        string.Join(
            ' ',
            new[] { "color_range", "color_primaries", "color_transfer", "color_space" }.Select(
                name => frame.Text(name) ?? "unknown"
            )
        );

    private static string? Pixel(JsonElement frame) =>
        frame.Ratio("sample_aspect_ratio") is null ? null : frame.Text("sample_aspect_ratio");
}
