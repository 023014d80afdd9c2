using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Tests;

/// <summary>Accepted segments that the mux can't use.</summary>
public sealed class DamagedSegmentTests
{
    static readonly SegmentId Second = new(0, 1);
    static readonly DecideContext Context = new(Samples.Start, RetryPolicy.Default, new Random(1));

    VideoState _state = VideoState.Empty;
    int _attempts;

    public DamagedSegmentTests()
    {
        var spec = Samples.Job();
        Take(new Submit(spec, Samples.Fingerprint));
        Take(Samples.Plan(spec, segments: 2, audio: 0));
        Encode(new SegmentId(0, 0), "aa");
        Encode(Second, "bb");
    }

    [Fact]
    public void One_that_does_not_fit_is_encoded_again_and_joined_when_it_came_out_otherwise()
    {
        Break(FailureKind.Invalid).ShouldBeOfType<SegmentInvalidated>().Segment.ShouldBe(Second);
        _state.Segment(Second).Done.ShouldBeNull();

        Encode(Second, "cc");
        Take(new MuxMade(0, Samples.Muxed(0)));

        _state.Renditions[0].Delivering.ShouldNotBeNull();
    }

    [Fact]
    public void One_that_comes_out_the_same_and_does_not_fit_again_fails_its_rendition()
    {
        Break(FailureKind.Invalid);
        Encode(Second, "bb");

        var failed = Break(FailureKind.Invalid).ShouldBeOfType<RenditionFailed>();

        failed.Failure.Kind.ShouldBe(FailureKind.Invalid);
        failed.Failure.Message.ShouldBe(
            "Segment 1 was encoded 2 times, to no avail: Why. With segment.unchunked=true nothing has to be joined."
        );
        _state.State.ShouldBe(JobState.Failed);
    }

    [Theory]
    [InlineData(FailureKind.Invalid)]
    [InlineData(FailureKind.Transfer)]
    public void Nothing_is_encoded_more_than_thrice(FailureKind kind)
    {
        Break(kind).ShouldBeOfType<SegmentInvalidated>();
        Encode(Second, "cc");
        Break(kind).ShouldBeOfType<SegmentInvalidated>();
        Encode(Second, "dd");

        var failed = Break(kind).ShouldBeOfType<RenditionFailed>();

        failed.Failure.Message.ShouldStartWith("Segment 1 was encoded 3 times, to no avail: Why.");
    }

    /// <summary>Encoders give the same bytes again; that a store lost them once says nothing of the next time.</summary>
    [Fact]
    public void One_that_got_lost_may_come_out_the_same()
    {
        Break(FailureKind.Transfer);
        Encode(Second, "bb");

        Break(FailureKind.Transfer).ShouldBeOfType<SegmentInvalidated>();
    }

    [Fact]
    public void A_retry_by_hand_tries_anew()
    {
        Break(FailureKind.Invalid);
        Encode(Second, "bb");
        Break(FailureKind.Invalid);

        Take(new Retry());

        Break(FailureKind.Invalid).ShouldBeOfType<SegmentInvalidated>();
    }

    void Encode(SegmentId id, string sha256)
    {
        var attempt = $"1-{++_attempts}";
        var encoded = Samples.Encoded(id, attempt);
        Take(
            new AttemptResult(
                attempt,
                "job",
                "plan-1",
                id,
                1,
                "n",
                encoded with
                {
                    Artifact = encoded.Artifact with { Sha256 = sha256 },
                }
            )
        );
    }

    VideoEvent Break(FailureKind kind) =>
        Take(new TaskBroke(new TaskId(TaskKind.Mux), new Failure(kind, "Why."), [1]))
            .ShouldHaveSingleItem();

    IReadOnlyList<VideoEvent> Take(VideoInput input)
    {
        var events = VideoDecider.Decide(_state, input, Context).Events;
        _state = events.Aggregate(_state, VideoFold.Apply);
        return events;
    }
}
