using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
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

    [Fact]
    public async Task Where_only_some_pictures_are_combed_only_these_are_deinterlaced()
    {
        var analysis = await AnalyzeFileAsync(
            await HardPictures.PartlyInterlaced(),
            CropSetting.Off
        );

        (analysis.Video.Interlaced, analysis.Video.PartlyInterlaced).ShouldBe((true, true));
        analysis.Warnings.ShouldContain(warning => warning.Contains("are interlaced"));
        PictureGeometry
            .Resolve(analysis, new VideoSettings())
            .Filters.ShouldBe("bwdif=mode=send_frame:parity=auto:deint=interlaced");
    }

    [Fact]
    public async Task Colours_and_pixels_that_change_are_told_of()
    {
        var colors = await AnalyzeFileAsync(await HardPictures.ChangesColors(), CropSetting.Off);
        var pixels = await AnalyzeFileAsync(await HardPictures.ChangesPixels(), CropSetting.Off);

        colors.Warnings.ShouldContain(
            "What the source says of its colours changes (unknown unknown unknown unknown; tv bt709 bt709 bt709): the whole output says what its beginning does."
        );
        pixels.Warnings.ShouldContain(
            "The source changes the shape of its pixels (16:15, 64:45): the whole output keeps to that of its beginning."
        );
    }

    /// <summary>The thin lines of this pattern look combed to a detector; the codec's word counts.</summary>
    [Fact]
    public async Task A_codec_that_can_say_so_is_believed()
    {
        using var home = new TestDirectory();
        var path = home.File("pattern.flv");
        await TestTools.FfmpegAsync("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", path);

        var analysis = await AnalyzeFileAsync(path, CropSetting.Off);

        analysis.Video.Interlaced.ShouldBeFalse();
    }

    private static async Task<SourceAnalysis> AnalyzeAsync(string clip, CropSetting crop) =>
        await AnalyzeFileAsync(await AllClips.PathAsync(clip), crop);

    private static async Task<SourceAnalysis> AnalyzeFileAsync(string path, CropSetting crop)
    {
        using var work = new TestDirectory();
        var options = new AnalysisOptions { Crop = crop };
        return (await Analyze.FileAsync(path, work, options)).Analysis;
    }
}
