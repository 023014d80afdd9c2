using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class ProbeFramesTests
{
    private static readonly IReadOnlyList<QualityTier> Tiers = QualityTiers.For(
        new QualitySettings()
    );

    [Fact]
    public void Tiers_are_those_of_the_requirement()
    {
        Tiers.ShouldBe([new(1, 93, 3, 1), new(2, 93, 6, 2), new(3, 91, 6, 2), new(4, 93, 6, 2)]);
        QualityTiers.For(new QualitySettings { BestEffort = false }).Count.ShouldBe(3);
    }

    [Fact]
    public void Samples_are_evenly_spread()
    {
        var frames = ProbeFrames.For(Tiers[0], 360, 15, []);

        frames.Key.ShouldBe("3x1");
        frames.Starts.ShouldBe([48, 168, 288]);
        frames.Length.ShouldBe(24);
        frames.Count.ShouldBe(72);
        ProbeFrames.For(Tiers[1], 720, 30, []).Starts.ShouldBe([36, 156, 276, 396, 516, 636]);
    }

    [Fact]
    public void Short_segments_and_nearly_covered_ones_are_probed_whole()
    {
        ProbeFrames.For(Tiers[0], 144, 6, []).IsWhole.ShouldBeTrue();
        ProbeFrames.For(Tiers[0], 150, 6.25, []).IsWhole.ShouldBeFalse();
        ProbeFrames.For(Tiers[1], 360, 15, []).IsWhole.ShouldBeTrue();
        ProbeFrames.For(Tiers[0], 3, 15, []).IsWhole.ShouldBeTrue();
    }

    [Fact]
    public void Once_the_whole_segment_was_measured_samples_are_not_asked_again()
    {
        ProbeFrames.For(Tiers[1], 720, 30, [Curves.Point(30, 91)]).IsWhole.ShouldBeTrue();
        ProbeFrames.For(Tiers[1], 720, 30, [Curves.Point(30, 91, "3x1")]).IsWhole.ShouldBeFalse();
    }

    [Fact]
    public void Samples_lie_inside_any_segment_and_do_not_overlap()
    {
        for (var frames = 1; frames < 2000; frames += 7)
        {
            foreach (var tier in Tiers)
            {
                var probe = ProbeFrames.For(tier, frames, frames / 23.976, []);
                probe.Starts[0].ShouldBeGreaterThanOrEqualTo(0);
                (probe.Starts[^1] + probe.Length).ShouldBeLessThanOrEqualTo(frames);
                probe
                    .Starts.Zip(probe.Starts.Skip(1))
                    .ShouldAllBe(pair => pair.First + probe.Length <= pair.Second);
            }
        }
    }

    [Theory]
    [InlineData(360, 15, 10, 180)]
    [InlineData(120, 5, 10, 120)]
    [InlineData(240, 10, 10, 240)]
    [InlineData(241, 10.04, 10, 121)]
    [InlineData(1, 0.04, 10, 1)]
    public void Keyframes_are_evenly_spread(
        int frames,
        double seconds,
        double every,
        int interval
    ) => KeyframeInterval.Of(frames, seconds, every).ShouldBe(interval);
}
