using System.Text;
using EncodeFarm.Media.Measure;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Measure;

public sealed class VmafLogTests
{
    private const string Log = """
        { "version": "2.3.1", "fps": 50.1, "frames": [
            { "frameNum": 0, "metrics": { "integer_motion2": 0.0, "vmaf": 97.428043, "psnr_y": 40.5, "float_ssim": 0.99 } },
            { "frameNum": 3, "metrics": { "integer_motion2": 1.0, "vmaf": 89.5, "psnr_y": 39.5, "float_ssim": 0.97 } } ],
          "pooled_metrics": { "vmaf": { "min": 89.5, "mean": 1 } } }
        """;

    [Fact]
    public void Scores_are_read_in_order()
    {
        var scores = VmafLog.Parse(Encoding.UTF8.GetBytes(Log));

        scores.Vmaf.ShouldBe([97.428043, 89.5]);
        scores.Psnr.ShouldBe([40.5, 39.5]);
        scores.Ssim.ShouldBe([0.99, 0.97]);
        VmafLog
            .Parse(Encoding.UTF8.GetBytes("""{"frames":[{"metrics":{"vmaf":1}}]}"""))
            .Psnr.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"frames":[]}""")]
    [InlineData("""{"frames":[{"metrics":{"psnr_y":1}}]}""")]
    [InlineData("""{"frames":[{"metrics":{"vmaf":"x"}}]}""")]
    [InlineData("""{"frames":[{"metrics":{"vmaf":1}},{"metrics":{}}]}""")]
    public void What_is_not_a_log_is_refused(string text) =>
        Should
            .Throw<FarmException>(() => VmafLog.Parse(Encoding.UTF8.GetBytes(text)))
            .Error.ShouldBe(FarmError.ToolFailed);

    [Fact]
    public void Every_cut_of_a_log_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Log.TrimEnd());
        for (var length = 0; length < bytes.Length; length++)
        {
            Should.Throw<FarmException>(() => VmafLog.Parse(bytes.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Statistics()
    {
        var scores = ScoreStatistics.Of(
            new FrameScores([.. Enumerable.Range(1, 200).Select(n => n / 2.0)], null, null),
            "model"
        );

        scores.Mean.ShouldBe(50.25, 1e-9);
        scores.Min.ShouldBe(0.5);
        scores.P1.ShouldBe(1);
        scores.P5.ShouldBe(5);
        scores.Model.ShouldBe("model");
        ScoreStatistics
            .Of(new FrameScores([0, 100], [30, 40], [0.5, 1]), "")
            .ShouldSatisfyAllConditions(
                few => few.HarmonicMean.ShouldBe(2 / (1 + 1 / 101.0) - 1, 1e-12),
                few => few.P1.ShouldBe(0),
                few => few.Psnr.ShouldBe(35),
                few => few.Ssim.ShouldBe(0.75)
            );
    }

    [Theory]
    [InlineData(2560, 1440, "vmaf_v0.6.1")]
    [InlineData(2562, 1440, "vmaf_4k_v0.6.1")]
    [InlineData(1080, 1920, "vmaf_4k_v0.6.1")]
    public void Model_goes_by_the_size(int width, int height, string model) =>
        VmafModel.For(width, height).ShouldBe(model);
}
