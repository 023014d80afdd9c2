using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class EncodeLimitsTests
{
    private static readonly EncodeLimits Usual = new(
        TimeSpan.FromSeconds(120),
        TimeSpan.FromHours(4)
    );

    /// <summary>One keyframe in 20 s: each segment is decoded from the very first picture.</summary>
    [Fact]
    public async Task A_long_way_from_the_keyframe_is_no_stall()
    {
        using var work = new TestDirectory();
        var source = await Analyze.FileAsync(await HardPictures.LongGop(), work);
        var last = SegmentPlanner.Plan(source.Frames, 1.5).Segments[^1];

        var range = SourceRanges.Create(source.Analysis, source.Frames, last);

        range.PreRollSeconds.ShouldBe(last.StartSeconds, 0.001);
        Usual.For(range).Stall.ShouldBe(TimeSpan.FromSeconds(120 + 4 * range.PreRollSeconds));
        new EncodeLimits().For(range).Stall.ShouldBeNull();
    }

    [Fact]
    public async Task Decoding_begins_at_the_keyframe_before_the_margin()
    {
        using var work = new TestDirectory();
        var source = await Analyze.FileAsync(await TestClips.H264ClosedGop(), work);
        var segments = SegmentPlanner.Plan(source.Frames, 1).Segments;

        var ranges = segments.Select(segment =>
            SourceRanges.Create(source.Analysis, source.Frames, segment, marginSeconds: 1)
        );

        ranges.First().PreRollSeconds.ShouldBe(0);
        ranges.Skip(1).ShouldAllBe(range => range.PreRollSeconds >= 1 && range.PreRollSeconds < 3);
    }
}
