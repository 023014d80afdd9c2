using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class PictureSamplerTests
{
    [Theory]
    [InlineData(nameof(TestClips.Letterboxed))]
    [InlineData(nameof(TestClips.LetterboxedHdr))]
    public async Task Black_bars_are_found(string clip)
    {
        var analysis = await AnalyzeAsync(clip, CropSetting.Automatic);

        analysis.Crop.Rectangle.ShouldBe(new CropRectangle(320, 136, 0, 22));
        analysis.Crop.Confidence.ShouldBe(1);
    }

    [Fact]
    public async Task A_full_picture_is_left()
    {
        var analysis = await AnalyzeAsync(nameof(TestClips.H264ClosedGop), CropSetting.Automatic);

        analysis.Crop.ShouldBe(new CropDecision(null, 1, "no black bars"));
    }

    [Fact]
    public async Task Nobody_looks_when_crop_is_off()
    {
        var analysis = await AnalyzeAsync(nameof(TestClips.Letterboxed), CropSetting.Off);

        analysis.Crop.ShouldBe(new CropDecision(null, 1, "off"));
    }

    [Fact]
    public async Task A_given_rectangle_is_taken()
    {
        var given = new CropRectangle(200, 100, 10, 20);

        var analysis = await AnalyzeAsync(
            nameof(TestClips.Letterboxed),
            new CropSetting(false, given)
        );

        analysis.Crop.Rectangle.ShouldBe(given);
    }

    [Theory]
    [InlineData(300, 100, 30, 0)]
    [InlineData(100, 100, -2, 0)]
    [InlineData(62, 100, 0, 0)]
    [InlineData(100, 100, int.MaxValue, 0)]
    public async Task A_given_rectangle_must_lie_in_the_picture(int w, int h, int x, int y)
    {
        var error = await Should.ThrowAsync<FarmException>(
            AnalyzeAsync(
                nameof(TestClips.Letterboxed),
                new CropSetting(false, new CropRectangle(w, h, x, y))
            )
        );

        error.Error.ShouldBe(FarmError.BadConfiguration);
        error.Message.ShouldContain("320x180");
    }

    [Theory]
    [InlineData(nameof(TestClips.InterlacedTs), true, "tt")]
    [InlineData(nameof(TestClips.Mpeg2InterlacedTs), true, "bb")]
    [InlineData(nameof(TestClips.InterlacedUnflagged), true, "tt")]
    [InlineData(nameof(TestClips.AviPackedB), false, null)]
    [InlineData(nameof(TestClips.H264ClosedGop), false, "progressive")]
    [InlineData(nameof(TestClips.Vp9), false, "progressive")]
    public async Task Combed_pictures_are_recognized(string clip, bool interlaced, string? order)
    {
        var analysis = await AnalyzeAsync(clip, CropSetting.Off);

        analysis.Video.Interlaced.ShouldBe(interlaced);
        analysis.Video.FieldOrder.ShouldBe(order);
    }

    private static async Task<SourceAnalysis> AnalyzeAsync(string clip, CropSetting crop)
    {
        using var work = new TestDirectory();
        var analyzer = new SourceAnalyzer(await TestTools.SetAsync(), TestTools.Runner);
        var source = await analyzer.AnalyzeAsync(
            await AllClips.PathAsync(clip),
            new AnalysisOptions { Crop = crop },
            work.Path,
            CancellationToken.None
        );
        return source.Analysis;
    }
}
