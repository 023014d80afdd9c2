using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Plan;

/// <summary>That pieces decode to the right frames is the matter of <see cref="FrameExactTests"/>.</summary>
public sealed class PieceCutterTests
{
    [Fact]
    public async Task A_piece_holds_little_more_than_its_segment()
    {
        using var work = new TestDirectory();
        var (source, piece) = await CutAsync(await LongClips.H264OpenGopTs(), 3, 3, work);

        piece.Path.ShouldBe(work.File("piece.nut"));
        piece.SeekSeconds.ShouldBeNull();
        // 3 s of segment, 5 s before and 1 s after it, and up to 2 s to the keyframe: of 14 s.
        piece.Size.ShouldBeLessThan(source.Analysis.Source.Size * 12 / 14);
        Directory.GetFiles(work.Path).ShouldBe([piece.Path]);
    }

    [Fact]
    public async Task Nothing_is_cut_and_the_whole_file_is_needed_where_packets_have_no_timestamps()
    {
        using var work = new TestDirectory();
        var (source, piece) = await CutAsync(await TestClips.AviPackedB(), 1.5, 1, work);

        (piece.Path, piece.Size).ShouldBe(
            (source.Analysis.WorkingPath, source.Analysis.Source.Size)
        );
        Directory.GetFiles(work.Path).ShouldBeEmpty();
    }

    private static async Task<(AnalyzedSource Source, SourceRange Piece)> CutAsync(
        string path,
        double seconds,
        int segment,
        TestDirectory work
    )
    {
        var source = await Analyze.FileAsync(path, work);
        var plan = SegmentPlanner.Plan(source.Frames, seconds);
        var piece = await new PieceCutter(await TestTools.SetAsync(), TestTools.Runner).CutAsync(
            source.Analysis,
            source.Frames,
            plan.Segments[segment],
            work.File("piece.nut"),
            CancellationToken.None
        );
        return (source, piece);
    }
}
