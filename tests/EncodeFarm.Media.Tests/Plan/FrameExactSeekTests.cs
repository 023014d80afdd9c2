using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Plan;

/// <summary>As <see cref="FrameExactTests"/>, on clips so long that the decoder has to seek.</summary>
public sealed class FrameExactSeekTests
{
    public static TheoryData<string> Clips => [.. LongClips.ByName.Keys];

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task Every_frame_is_decoded_once_and_in_order(string clip) =>
        await FrameExactTests.CheckAsync(
            await LongClips.ByName[clip](),
            segmentSeconds: 3,
            piece: 3
        );

    /// <summary>The margin is what makes it exact: this must fail, or the test above proves nothing.</summary>
    [Fact]
    public async Task Without_the_margin_frames_are_lost()
    {
        using var work = new TestDirectory();
        var path = await LongClips.Mpeg2Ts();
        var source = await Analyze.FileAsync(path, work);
        var settings = FrameExactTests.SettingsOf(source.Analysis);

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
            segments.AddRange(await FrameExactTests.DecodeAsync(range, settings));
        }

        segments.ShouldNotBe(await FrameExactTests.WholeAsync(source, settings));
    }
}
