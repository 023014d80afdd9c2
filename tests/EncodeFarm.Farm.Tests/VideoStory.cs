using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Tests;

/// <summary>One job that takes one input after the other, for what a single decision leads to.</summary>
public sealed class VideoStory
{
    public VideoStory(JobSpec spec, int segments = 1, int audio = 0)
    {
        Take(new Submit(spec, Samples.Fingerprint));
        Take(Samples.Plan(spec, segments, audio));
    }

    public VideoState State { get; private set; } = VideoState.Empty;
    public DateTimeOffset Now { get; set; } = Samples.Start;
    public Wanted Wanted => VideoWants.Wanted(State, Now);

    /// <returns>What it led to.</returns>
    public IReadOnlyList<VideoEvent> Take(VideoInput input)
    {
        // Without jitter, so that a test can name the times.
        var policy = RetryPolicy.Default with
        {
            RandomFactor = 0,
        };
        var decision = VideoDecider.Decide(
            State,
            input,
            new DecideContext(Now, policy, new Random(1))
        );
        // Through JSON, as in the journal.
        State = decision
            .Events.Select(happened => FarmCodecs.Events.Read(FarmCodecs.Events.Write(happened)))
            .Aggregate(State, VideoFold.Apply);
        return decision.Events;
    }

    /// <summary>An attempt at a segment of the first rendition has ended.</summary>
    public IReadOnlyList<VideoEvent> End(
        string attempt,
        AttemptOutcome outcome,
        int segment = 0,
        string node = "n"
    )
    {
        var id = new SegmentId(0, segment);
        return Take(
            new AttemptResult(attempt, "job", "plan-1", id, State.Segment(id).Tier, node, outcome)
        );
    }
}
