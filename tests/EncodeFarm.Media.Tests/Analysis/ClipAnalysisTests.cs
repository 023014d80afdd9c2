using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class ClipAnalysisTests
{
    public static TheoryData<string> Clips => [.. AllClips.Names];

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task The_frame_table_is_what_a_full_decode_shows(string clip)
    {
        var path = await AllClips.PathAsync(clip);
        using var work = new TestDirectory();

        var source = await AnalyzeAsync(path, work);

        var decoded = await FrameOracle.DecodeAsync(source.Analysis.WorkingPath);
        source.Frames.Pts.ShouldBe(decoded.Pts);
        source.Analysis.Frames.ShouldBe(decoded.Count);
        source.Analysis.FrameTableHash.ShouldBe(source.Frames.Hash);
    }

    internal static async Task<AnalyzedSource> AnalyzeAsync(string path, TestDirectory work) =>
        await new SourceAnalyzer(await TestTools.SetAsync(), TestTools.Runner).AnalyzeAsync(
            path,
            new AnalysisOptions { Crop = CropSetting.Off },
            work.Path,
            CancellationToken.None
        );
}
