using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Tests;

public sealed class VideoPropertyTests
{
    const int Worlds = 2500;

    public static TheoryData<double> Troubles => [0.0, 0.05, 0.15, 0.3];

    [Theory]
    [MemberData(nameof(Troubles))]
    public void A_job_comes_to_its_end_whatever_happens(double trouble)
    {
        for (var seed = 0; seed < Worlds; seed++)
        {
            var world = World(seed, trouble);
            world.Play(20_000).ShouldBeTrue($"seed {seed} did not end: {world.State.State}");
            CheckJournal(world, seed);
            if (trouble == 0)
            {
                world.State.State.ShouldBe(JobState.Completed, $"seed {seed}");
            }
        }
    }

    [Fact]
    public void A_crash_after_any_event_leaves_a_state_from_which_the_job_completes()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var calm = World(seed, 0);
            calm.Play(20_000).ShouldBeTrue();
            for (var cut = 1; cut < calm.Journal.Count; cut++)
            {
                var state = calm.Journal.Take(cut).Aggregate(VideoState.Empty, VideoFold.Apply);
                var wanted = VideoWants.Wanted(state, calm.Now + TimeSpan.FromHours(1));
                var idle = wanted.Tasks.IsEmpty && wanted.Offers.IsEmpty;
                idle.ShouldBe(
                    state.Finished && state.Cleaned,
                    $"seed {seed} would stand still after event {cut}: {calm.Journal[cut - 1]}"
                );
            }
        }
    }

    [Fact]
    public void The_state_survives_its_snapshot()
    {
        var codec = new VideoStateCodec();
        for (var seed = 0; seed < 300; seed++)
        {
            var world = World(seed, 0.1);
            world.Play(20_000);
            var json = codec.Write(world.State);
            codec.Write(codec.Read(json)).ShouldBe(json);
        }
    }

    static VideoWorld World(int seed, double trouble)
    {
        var shape = new Random(seed);
        var renditions = shape.Next(1, 4);
        var spec = Samples.Job(
            renditions,
            bestEffort: shape.Next(4) > 0,
            pieces: shape.Next(3) == 0
        );
        return new VideoWorld(
            seed,
            spec,
            shape.Next(1, 7),
            shape.Next(0, 3),
            trouble,
            skipped: shape.Next(renditions)
        );
    }

    static void CheckJournal(VideoWorld world, int seed)
    {
        var codec = new VideoStateCodec();
        codec.Write(world.Replay()).ShouldBe(codec.Write(world.State), $"seed {seed}: replay");

        (world.State.Spent ?? SpentCpu.None).ShouldBe(world.Spent, $"seed {seed}: CPU of tasks");

        var done = new HashSet<SegmentId>();
        var delivered = new HashSet<int>();
        var invalidated = new List<SegmentId>();
        foreach (var happened in world.Journal)
        {
            switch (happened)
            {
                case SegmentEncoded encoded:
                    done.Add(encoded.Segment)
                        .ShouldBeTrue($"seed {seed}: {encoded.Segment} was accepted twice");
                    break;
                case SegmentInvalidated invalid:
                    done.Remove(invalid.Segment)
                        .ShouldBeTrue($"seed {seed}: {invalid.Segment} was not done");
                    invalidated.Add(invalid.Segment);
                    break;
                case RenditionDelivered delivery:
                    delivered.Add(delivery.Rendition).ShouldBeTrue($"seed {seed}: delivered twice");
                    for (var index = 0; index < world.State.Plan!.Segments.Count; index++)
                    {
                        done.ShouldContain(new SegmentId(delivery.Rendition, index));
                    }
                    break;
            }
        }
        invalidated
            .CountBy(segment => segment)
            .ShouldAllBe(
                times => times.Value < TaskRules.InvalidationsBeforeFailing,
                $"seed {seed}: encoded again and again"
            );
        CheckAudio(world, seed);
        foreach (var (rendition, index) in world.State.Renditions.Select((r, i) => (r, i)))
        {
            var accounted = delivered.Contains(index) ^ rendition.Failure is not null;
            if (rendition.Skipped is not null)
            {
                accounted.ShouldBeFalse($"seed {seed}: the skipped rendition {index} was made");
                continue;
            }
            (accounted || world.State.Failure is not null).ShouldBeTrue(
                $"seed {seed}: rendition {index} is neither delivered nor reported failed"
            );
        }
    }

    /// <summary>Sound that only skipped renditions would have is not encoded.</summary>
    static void CheckAudio(VideoWorld world, int seed)
    {
        var state = world.State;
        for (var variant = 0; variant < state.Audio.Length; variant++)
        {
            var wanted = state
                .Renditions.Where((_, index) => state.Spec!.AudioVariantOf(index) == variant)
                .Any(rendition => rendition.Skipped is null);
            if (!wanted)
            {
                state
                    .Audio[variant]
                    .ShouldAllBe(track => track.Done == null, $"seed {seed}: variant {variant}");
            }
        }
    }
}
