using System.Globalization;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Plan;

/// <summary>
/// The frame table is what a full decode shows, and segments decoded one by one are, bit for bit, its pictures: all,
/// once, in order.
/// </summary>
public sealed class FrameExactTests
{
    public static TheoryData<string> Clips => [.. AllClips.Names];

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task Every_frame_is_decoded_once_and_in_order(string clip) =>
        await CheckAsync(await AllClips.PathAsync(clip), segmentSeconds: 1.5, piece: 1);

    /// <param name="piece">Number of the segment that is also decoded from a piece cut for it.</param>
    internal static async Task CheckAsync(string path, double segmentSeconds, int piece)
    {
        using var work = new TestDirectory();
        var source = await Analyze.FileAsync(path, work);
        var settings = SettingsOf(source.Analysis);
        var plan = SegmentPlanner.Plan(source.Frames, segmentSeconds);
        var cutter = new PieceCutter(await TestTools.SetAsync(), TestTools.Runner);

        var whole = await WholeAsync(source, settings);
        var segments = new List<string>();
        foreach (var segment in plan.Segments)
        {
            var range = SourceRanges.Create(source.Analysis, source.Frames, segment);
            var frames = await DecodeAsync(range, settings);
            if (segment.Index == Math.Min(piece, plan.Segments.Count - 1))
            {
                var cut = await cutter.CutAsync(
                    source.Analysis,
                    source.Frames,
                    segment,
                    work.File($"piece {segment.Index}"),
                    CancellationToken.None
                );
                cut.Size.ShouldBe(new FileInfo(cut.Path).Length);
                (await DecodeAsync(cut, settings)).ShouldBe(frames);
            }
            segments.AddRange(frames);
        }

        segments.ShouldBe(whole);
    }

    internal static EncodeSettings SettingsOf(SourceAnalysis analysis, string filters = "") =>
        new(
            new VideoSettings { PixelFormat = analysis.Video.PixelFormat },
            filters,
            analysis.Video.Width,
            analysis.Video.Height,
            analysis.Video.FrameRate,
            analysis.Video.VariableFrameRate,
            analysis.Video.Color,
            analysis.Video.Hdr,
            analysis.Video.Mastering,
            analysis.Video.Light
        );

    internal static async Task<IReadOnlyList<string>> DecodeAsync(
        SourceRange range,
        EncodeSettings settings
    ) =>
        Hashes(
            await TestTools.FfmpegAsync([
                .. DecodeArguments.Input(range),
                "-vf",
                DecodeArguments.FilterGraph(range, settings),
                .. DecodeArguments.Output(range, settings),
                "-f",
                "framemd5",
                "-",
            ])
        );

    internal static async Task<IReadOnlyList<string>> WholeAsync(
        AnalyzedSource source,
        EncodeSettings settings
    )
    {
        var format = $"format={settings.Video.PixelFormat}";
        var moments = "select='isnan(prev_selected_pts)+gt(pts\\,prev_selected_pts)'";
        var lines = await TestTools.FfmpegAsync(
            "-noautorotate",
            "-flags:v",
            "+unaligned",
            "-copyts",
            "-i",
            "file:" + source.Analysis.WorkingPath,
            "-map",
            "0:V:0",
            "-sws_flags",
            FilterChain.ScalerFlags,
            "-vf",
            settings.Filters.Length > 0
                ? $"{moments},{settings.Filters},{format}"
                : $"{moments},{format}",
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            "-1",
            "-f",
            "framemd5",
            "-"
        );
        var frames = Frames(lines);
        if (settings.Filters.Length == 0)
        {
            source.Frames.Pts.ShouldBe(frames.Select(frame => frame.Pts));
        }
        return [.. frames.Select(frame => frame.Hash)];
    }

    internal static IReadOnlyList<string> Hashes(string frameMd5) =>
        [.. Frames(frameMd5).Select(frame => frame.Hash)];

    private static IReadOnlyList<(long Pts, string Hash)> Frames(string frameMd5) =>
        [
            .. frameMd5
                .Split('\n')
                .Where(line => line.Length > 0 && !line.StartsWith('#'))
                .Select(line => line.Split(','))
                .Select(fields =>
                    (long.Parse(fields[2], CultureInfo.InvariantCulture), fields[^1].Trim())
                ),
        ];
}
