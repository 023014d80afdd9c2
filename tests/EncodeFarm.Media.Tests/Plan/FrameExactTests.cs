using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Plan;

/// <summary>Segments decoded one by one are, bit for bit, the pictures of a full decode: all, once, in order.</summary>
public sealed class FrameExactTests
{
    public static TheoryData<string> Clips => [.. AllClips.Names];

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task Segments_decode_to_the_frames_of_the_whole(string clip)
    {
        using var work = new TestDirectory();
        var source = await ClipAnalysisTests.AnalyzeAsync(await AllClips.PathAsync(clip), work);
        var settings = SettingsOf(source.Analysis);
        var plan = SegmentPlanner.Plan(source.Frames, 1);
        var whole = await WholeAsync(source, settings);

        var fromSource = new List<string>();
        foreach (var segment in plan.Segments)
        {
            var range = SourceRanges.Create(source.Analysis, source.Frames, segment);
            fromSource.AddRange(await DecodeAsync(range, settings));
        }

        fromSource.ShouldBe(whole);
    }

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task Pieces_decode_to_the_frames_of_the_whole(string clip)
    {
        using var work = new TestDirectory();
        var source = await ClipAnalysisTests.AnalyzeAsync(await AllClips.PathAsync(clip), work);
        var settings = SettingsOf(source.Analysis);
        var plan = SegmentPlanner.Plan(source.Frames, 1);
        var whole = await WholeAsync(source, settings);
        var cutter = new PieceCutter(await TestTools.SetAsync(), TestTools.Runner);

        var fromPieces = new List<string>();
        foreach (var segment in plan.Segments)
        {
            var piece = await cutter.CutAsync(
                source.Analysis,
                source.Frames,
                segment,
                work.File($"piece {segment.Index}.nut"),
                CancellationToken.None
            );
            piece.Size.ShouldBe(new FileInfo(piece.Path).Length);
            fromPieces.AddRange(await DecodeAsync(piece, settings));
        }

        fromPieces.ShouldBe(whole);
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
        var hashes = Hashes(
            await TestTools.FfmpegAsync(
                "-noautorotate",
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
                "-f",
                "framemd5",
                "-"
            )
        );
        hashes.Count.ShouldBe(source.Frames.Count);
        return hashes;
    }

    internal static List<string> Hashes(string frameMd5) =>
        [
            .. frameMd5
                .Split('\n')
                .Where(line => line.Length > 0 && !line.StartsWith('#'))
                .Select(line => line.Split(',')[^1].Trim()),
        ];
}
