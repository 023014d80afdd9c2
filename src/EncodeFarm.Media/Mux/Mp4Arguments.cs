using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <summary>ffmpeg's command line that stores a finished Matroska file as MP4, packet by packet.</summary>
internal static class Mp4Arguments
{
    /// <param name="plan">What is in the Matroska file.</param>
    public static IReadOnlyList<string> Build(
        string matroska,
        CarryPlan plan,
        MuxRequest request,
        string destination
    ) =>
        [
            "-nostdin",
            "-v",
            "error",
            "-y",
            // Else a file that begins late would be moved to 0.
            "-copyts",
            "-i",
            DecodeArguments.FileArgument(matroska),
            "-map",
            "0:V:0",
            "-map",
            "0:a?",
            .. plan
                .Subtitles.Index()
                .Where(subtitle => CarryPlan.IsText(subtitle.Item))
                .SelectMany(subtitle => new[] { "-map", $"0:s:{subtitle.Index}" }),
            "-c:v",
            "copy",
            "-c:a",
            "copy",
            "-c:s",
            "mov_text",
            // Players of Apple take H.265 under this name alone.
            .. request.Settings.Video.Codec == VideoCodec.H265
                ? ["-tag:v", "hvc1"]
                : Array.Empty<string>(),
            .. Titles(plan, request),
            "-max_interleave_delta",
            "0",
            "-movflags",
            "+faststart",
            "-fflags",
            "+bitexact",
            "-f",
            "mp4",
            DecodeArguments.FileArgument(destination),
        ];

    /// <summary>ffmpeg does not write a track's title, but its handler's name, which players show instead.</summary>
    private static IEnumerable<string> Titles(CarryPlan plan, MuxRequest request) =>
        [
            .. Title("v:0", plan.Video),
            .. request.Audio.SelectMany(
                (audio, index) => Title($"a:{index}", plan.Audio[audio.StreamIndex])
            ),
            .. plan
                .Subtitles.Where(CarryPlan.IsText)
                .SelectMany((subtitle, index) => Title($"s:{index}", subtitle.Labels)),
        ];

    private static string[] Title(string stream, TrackLabels labels) =>
        labels.Title is { Length: > 0 } title
            ? [$"-metadata:s:{stream}", $"handler_name={title}"]
            : [];
}
