using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <param name="Subtitles">A Matroska file with the plan's subtitles in order, on the output's clock; null where there are none.</param>
internal sealed record ExtractedPassengers(string? Subtitles, IReadOnlyList<ExtractedCover> Covers);

/// <summary>
/// Takes subtitles and covers out of sources that mkvmerge doesn't read, or reads with another idea of time: ffmpeg
/// copies them, one run for all.
/// </summary>
internal sealed class PassengerExtractor(ToolSet tools, IToolRunner runner)
{
    private const string SubtitleName = "subtitles.mkv";

    /// <param name="directory">Gets the files.</param>
    public async Task<ExtractedPassengers> ExtractAsync(
        SourceAnalysis analysis,
        CarryPlan plan,
        string directory,
        CancellationToken cancellation
    )
    {
        if (plan.Subtitles.Count == 0 && plan.Attachments.Count == 0)
        {
            return new ExtractedPassengers(null, []);
        }
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            [
                "-nostdin",
                "-v",
                "warning",
                "-y",
                .. Demuxers.Opening(analysis.Source.Path),
                "-copyts",
                "-i",
                DecodeArguments.FileArgument(analysis.Source.Path),
                .. SubtitleOutput(analysis, plan),
                .. plan.Attachments.SelectMany(CoverOutput),
            ],
            WorkKind.Mux
        )
        {
            // Names in it are relative: a muxer for pictures takes "%" for a pattern.
            Directory = directory,
        };
        await runner.RunAsync(command, cancellation);
        return new ExtractedPassengers(
            plan.Subtitles.Count > 0 ? Path.Combine(directory, SubtitleName) : null,
            [.. plan.Attachments.Select((cover, index) => Cover(directory, cover, index))]
        );
    }

    private static IEnumerable<string> SubtitleOutput(SourceAnalysis analysis, CarryPlan plan) =>
        plan.Subtitles.Count == 0
            ? []
            :
            [
                .. plan.Subtitles.SelectMany(
                    (subtitle, index) =>
                        new[]
                        {
                            "-map",
                            $"0:{subtitle.Track.StreamIndex}",
                            $"-c:s:{index}",
                            subtitle.Converted ? "srt" : "copy",
                        }
                ),
                "-map_metadata",
                "-1",
                "-map_chapters",
                "-1",
                "-output_ts_offset",
                (-OutputClock.ZeroSeconds(analysis)).ToString("0.000000"),
                "-fflags",
                "+bitexact",
                "-f",
                "matroska",
                SubtitleName,
            ];

    private static IEnumerable<string> CoverOutput(Attachment cover, int index) =>
        [
            "-map",
            $"0:{cover.StreamIndex}",
            "-c",
            "copy",
            "-frames:v",
            "1",
            "-update",
            "1",
            "-f",
            "image2",
            CoverName(index),
        ];

    private static string CoverName(int index) => $"cover{index}";

    private static ExtractedCover Cover(string directory, Attachment cover, int index)
    {
        var path = Path.Combine(directory, CoverName(index));
        using var file = File.OpenRead(path);
        var isPng = file.ReadByte() == 0x89;
        // Players look for these names; the second and further pictures are numbered.
        var stem = index == 0 ? "cover" : $"cover_{index + 1}";
        return new ExtractedCover(
            path,
            cover.FileName ?? stem + (isPng ? ".png" : ".jpg"),
            cover.MimeType ?? (isPng ? "image/png" : "image/jpeg")
        );
    }
}
