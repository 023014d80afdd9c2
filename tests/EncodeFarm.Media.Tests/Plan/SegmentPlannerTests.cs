using System.Diagnostics;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;

namespace EncodeFarm.Media.Tests.Plan;

public sealed class SegmentPlannerTests
{
    private const int Cases = 3000;

    [Fact]
    public void Every_frame_is_in_exactly_one_segment_in_order()
    {
        foreach (var (frames, seconds) in Random())
        {
            var segments = SegmentPlanner.Plan(frames, seconds).Segments;

            var next = 0;
            for (var i = 0; i < segments.Count; i++)
            {
                segments[i].Index.ShouldBe(i);
                segments[i].StartFrame.ShouldBe(next);
                segments[i].Frames.ShouldBeGreaterThan(0);
                segments[i].StartPts.ShouldBe(frames.Pts[next]);
                next += segments[i].Frames;
            }
            next.ShouldBe(frames.Count);
            segments
                .Sum(s => s.DurationSeconds)
                .ShouldBe((frames.EndPts - frames.Pts[0]) * frames.TimeBase.Value, 1e-6);
        }
    }

    [Fact]
    public void Segments_stay_near_the_length()
    {
        foreach (var (frames, seconds) in Random())
        {
            var segments = SegmentPlanner.Plan(frames, seconds).Segments;

            foreach (var segment in segments.Take(segments.Count - 1))
            {
                var longest = LongestFrame(frames, segment);
                segment.DurationSeconds.ShouldBeLessThan(seconds * 1.5 + longest + 1e-6);
                segment.DurationSeconds.ShouldBeGreaterThan(seconds * 0.5 - 1e-6);
            }
            var last = segments[^1];
            last.DurationSeconds.ShouldBeLessThan(
                seconds * (1.5 + 1.0 / 3) + LongestFrame(frames, last) + 1e-6
            );
            if (segments.Count > 1)
            {
                last.DurationSeconds.ShouldBeGreaterThanOrEqualTo(seconds / 3 - 1e-6);
            }
        }
    }

    [Fact]
    public void Cuts_are_the_nearest_keyframe_where_one_is_near()
    {
        foreach (var (frames, seconds) in Random())
        {
            var tick = frames.TimeBase.Value;
            var segments = SegmentPlanner.Plan(frames, seconds).Segments;
            foreach (var (segment, next) in segments.Zip(segments.Skip(1)))
            {
                double Miss(int key) =>
                    Math.Abs((frames.Pts[key] - segment.StartPts) * tick - seconds);
                var best = frames
                    .Keyframes.Where(key => key > segment.StartFrame && Miss(key) <= seconds / 2)
                    .Select(Miss)
                    .DefaultIfEmpty(double.NaN)
                    .Min();
                if (!double.IsNaN(best))
                {
                    Miss(next.StartFrame).ShouldBe(best, 1e-9);
                    frames.Keyframes.ShouldContain(next.StartFrame);
                }
            }
        }
    }

    [Fact]
    public void Equal_input_gives_an_equal_plan_and_other_input_another()
    {
        var frames = Constant(1000, 24);
        var same = Constant(1000, 24);

        var plan = SegmentPlanner.Plan(frames, 15);

        SegmentPlanner.Plan(same, 15).Hash.ShouldBe(plan.Hash);
        SegmentPlanner.Plan(same, 15).Segments.ShouldBe(plan.Segments);
        SegmentPlanner.Plan(same, 14).Hash.ShouldNotBe(plan.Hash);
        SegmentPlanner.Plan(Constant(1001, 24), 15).Hash.ShouldNotBe(plan.Hash);
        SegmentPlanner
            .Plan(frames with { EndPts = frames.EndPts + 1 }, 15)
            .Hash.ShouldNotBe(plan.Hash);
    }

    [Fact]
    public void One_frame_is_one_segment() =>
        SegmentPlanner.Plan(Constant(1, 24), 15).Segments.Single().Frames.ShouldBe(1);

    [Theory]
    [InlineData(100, 1)] // 10 s
    [InlineData(199, 1)] // 19.9 s: a tail of 4.9 s joins
    [InlineData(201, 2)] // 20.1 s: a tail of 5.1 s stays
    public void A_tail_below_a_third_joins_its_neighbour(int frames, int segments) =>
        SegmentPlanner
            .Plan(Constant(frames, 10, keyEvery: frames), 15)
            .Segments.Count.ShouldBe(segments);

    [Fact]
    public void A_single_keyframe_means_cuts_at_any_frame() =>
        SegmentPlanner
            .Plan(Constant(1000, 10, keyEvery: 1000), 15)
            .Segments.Select(s => s.StartFrame)
            .ShouldBe([0, 150, 300, 450, 600, 750, 900]);

    [Fact]
    public void A_gap_longer_than_the_length_belongs_to_the_frame_before_it()
    {
        var pts = Enumerable.Range(0, 20).Select(i => (long)(i < 10 ? i : i + 600)).ToArray();
        var frames = new FrameTable(new Rational(1, 10), pts, [0, 10], 620);

        var segments = SegmentPlanner.Plan(frames, 2).Segments;

        segments.Select(s => s.StartFrame).ShouldBe([0, 10]);
        segments[0].DurationSeconds.ShouldBe(61, 1e-9);
    }

    [Fact]
    public void Timestamps_may_be_negative_and_start_late()
    {
        var frames = Constant(100, 10);
        var shifted = frames with
        {
            Pts = [.. frames.Pts.Select(p => p - 12345)],
            EndPts = frames.EndPts - 12345,
        };

        SegmentPlanner
            .Plan(shifted, 2)
            .Segments.Select(s => s.StartFrame)
            .ShouldBe(SegmentPlanner.Plan(frames, 2).Segments.Select(s => s.StartFrame));
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(301)]
    [InlineData(double.NaN)]
    public void Lengths_out_of_range_are_refused(double seconds) =>
        Should.Throw<ArgumentOutOfRangeException>(() =>
            SegmentPlanner.Plan(Constant(10, 24), seconds)
        );

    private static readonly TimeSpan Once = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void A_long_film_is_planned_at_once()
    {
        var frames = Constant(2 * 3600 * 60, 60, keyEvery: 60);

        var all = Stopwatch.StartNew();
        TimeSpan took;
        // Where the machine does other things for a while, it is tried again.
        do
        {
            var clock = Stopwatch.StartNew();
            SegmentPlanner.Plan(frames, 15).Segments.Count.ShouldBe(480);
            took = clock.Elapsed;
        } while (took >= Once && all.Elapsed < TimeSpan.FromSeconds(30));

        took.ShouldBeLessThan(Once);
    }

    private static double LongestFrame(FrameTable frames, PlannedSegment segment) =>
        Enumerable
            .Range(segment.StartFrame, segment.Frames)
            .Max(i => frames.PtsOrEnd(i + 1) - frames.Pts[i]) * frames.TimeBase.Value;

    private static FrameTable Constant(int frames, int rate, int keyEvery = 24) =>
        new(
            new Rational(1, rate),
            [.. Enumerable.Range(0, frames).Select(i => (long)i)],
            [.. Enumerable.Range(0, frames).Where(i => i % keyEvery == 0)],
            frames
        );

    /// <summary>Sources of every sort: constant and variable, gaps, many keyframes and none, odd time bases.</summary>
    private static IEnumerable<(FrameTable Frames, double Seconds)> Random()
    {
        var random = new Random(20_24);
        Rational[] timeBases = [new(1, 1000), new(1, 90000), new(1001, 24000), new(1, 12288)];
        for (var i = 0; i < Cases; i++)
        {
            var timeBase = timeBases[random.Next(timeBases.Length)];
            var count = 1 + (int)(Math.Pow(random.NextDouble(), 3) * 800);
            var frame = Math.Max((long)(1 / (24 * timeBase.Value)), 1);
            var gaps = random.Next(3) == 0;
            var pts = new long[count];
            var at = (long)random.Next(-100_000, 100_000);
            for (var n = 0; n < count; n++)
            {
                pts[n] = at;
                at += 1 + random.NextInt64(frame * 2);
                at += gaps && random.Next(50) == 0 ? frame * random.Next(2000) : 0;
            }
            var density = random.NextDouble() * random.Next(2) * 0.1;
            int[] keys =
            [
                .. Enumerable.Range(0, count).Where(n => n == 0 || random.NextDouble() < density),
            ];
            yield return (
                new FrameTable(timeBase, pts, keys, at),
                1 + Math.Round(random.NextDouble() * 10, 2)
            );
        }
    }
}
