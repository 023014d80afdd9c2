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
    public async Task Every_frame_is_decoded_once_and_in_order(string clip) =>
        await CheckAsync(await AllClips.PathAsync(clip), segmentSeconds: 1, pieces: [0, 2]);

    public static TheoryData<string> LongClips => [.. TestMedia.LongClips.ByName.Keys];

    [Theory]
    [MemberData(nameof(LongClips))]
    public async Task So_it_is_where_the_decoder_has_to_seek(string clip) =>
        await CheckAsync(
            await TestMedia.LongClips.ByName[clip](),
            segmentSeconds: 3,
            pieces: [0, 3]
        );

    /// <summary>The margin is what makes it exact: this must fail, or the tests above prove nothing.</summary>
    [Fact]
    public async Task Without_the_margin_frames_are_lost()
    {
        using var work = new TestDirectory();
        var path = await TestMedia.LongClips.Mpeg2Ts();
        var source = await ClipAnalysisTests.AnalyzeAsync(path, work);
        var settings = SettingsOf(source.Analysis);

        var segments = new List<string>();
        var cutAnywhere = source.Frames with { Keyframes = [] };
        foreach (var segment in SegmentPlanner.Plan(cutAnywhere, 3).Segments)
        {
            var range = SourceRanges.Create(
                source.Analysis,
                source.Frames,
                segment,
                marginSeconds: 0
            );
            segments.AddRange(await DecodeAsync(range, settings));
        }

        segments.ShouldNotBe(await WholeAsync(source, settings));
    }

    private static async Task CheckAsync(string path, double segmentSeconds, int[] pieces)
    {
        using var work = new TestDirectory();
        var source = await ClipAnalysisTests.AnalyzeAsync(path, work);
        var settings = SettingsOf(source.Analysis);
        var plan = SegmentPlanner.Plan(source.Frames, segmentSeconds);
        var cutter = new PieceCutter(await TestTools.SetAsync(), TestTools.Runner);

        var whole = await WholeAsync(source, settings);
        var segments = new List<string>();
        foreach (var segment in plan.Segments)
        {
            var range = SourceRanges.Create(source.Analysis, source.Frames, segment);
            var frames = await DecodeAsync(range, settings);
            if (pieces.Contains(segment.Index))
            {
                var piece = await cutter.CutAsync(
                    source.Analysis,
                    source.Frames,
                    segment,
                    work.File($"piece {segment.Index}"),
                    CancellationToken.None
                );
                piece.Size.ShouldBe(new FileInfo(piece.Path).Length);
                (await DecodeAsync(piece, settings)).ShouldBe(frames);
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
