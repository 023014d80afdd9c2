using EncodeFarm.Media.Analysis;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class FieldJudgeTests
{
    [Theory]
    [InlineData(61, 0, 0, "tt")]
    [InlineData(0, 61, 0, "bb")]
    [InlineData(55, 2, 3, "tt")]
    // Stills between the motion: idet can't tell, or takes them for whole.
    [InlineData(12, 0, 0, "tt")]
    [InlineData(21, 0, 10, "tt")]
    [InlineData(20, 0, 10, null)]
    // ffmpeg's testsrc2, progressive, in three sizes.
    [InlineData(49, 12, 0, null)]
    [InlineData(41, 13, 7, null)]
    [InlineData(41, 11, 9, null)]
    [InlineData(0, 0, 61, null)]
    [InlineData(0, 0, 0, null)]
    public void Counts_of_fields(long top, long bottom, long progressive, string? order) =>
        FieldJudge.Order(top, bottom, progressive).ShouldBe(order);
}
