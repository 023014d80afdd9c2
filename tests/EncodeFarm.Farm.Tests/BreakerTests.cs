using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Tests;

public sealed class BreakerTests
{
    static readonly DateTimeOffset Now = Samples.Start;

    static Breaker Fail(
        Breaker breaker,
        int segment,
        AttemptVerdict verdict = AttemptVerdict.Failed,
        bool elsewhere = false,
        bool only = false,
        double at = 0
    ) =>
        breaker.After(
            verdict,
            new NodeFailure("a", new SegmentId(0, segment), $"1-{segment}"),
            elsewhere,
            only,
            Now.AddSeconds(at)
        );

    static Breaker Opened => Fail(Fail(Fail(Breaker.Closed, 0), 1), 2);

    [Fact]
    public void Three_different_segments_in_a_row_open_it_for_300_s()
    {
        Opened.IsOpen(Now.AddSeconds(299)).ShouldBeTrue();
        Opened.IsOpen(Now.AddSeconds(300)).ShouldBeFalse();
        Opened.OnTrial(Now.AddSeconds(300)).ShouldBeTrue();
    }

    [Fact]
    public void The_same_segment_again_counts_once() =>
        Fail(Fail(Fail(Breaker.Closed, 0), 0), 1).OpenUntil.ShouldBeNull();

    [Fact]
    public void A_success_between_begins_anew() =>
        Fail(Fail(Fail(Fail(Breaker.Closed, 0), 1), 9, AttemptVerdict.Works), 2)
            .Failures.Count.ShouldBe(1);

    [Fact]
    public void A_segment_that_failed_elsewhere_too_says_nothing_of_the_node() =>
        Fail(Fail(Fail(Breaker.Closed, 0), 1), 2, elsewhere: true).OpenUntil.ShouldBeNull();

    [Fact]
    public void The_only_node_rests_for_its_tools_and_its_disk_alone()
    {
        var failed = Enumerable
            .Range(0, 9)
            .Aggregate(Breaker.Closed, (breaker, n) => Fail(breaker, n, only: true));
        failed.OpenUntil.ShouldBeNull();
        var unfit = Enumerable
            .Range(0, 3)
            .Aggregate(
                Breaker.Closed,
                (breaker, n) => Fail(breaker, n, AttemptVerdict.Unfit, only: true)
            );
        unfit.IsOpen(Now).ShouldBeTrue();
    }

    [Fact]
    public void A_store_that_is_away_is_no_fault_of_the_node() =>
        Enumerable
            .Range(0, 9)
            .Aggregate(Breaker.Closed, (breaker, n) => Fail(breaker, n, AttemptVerdict.Nothing))
            .ShouldBe(Breaker.Closed);

    [Fact]
    public void A_trial_closes_it_or_opens_it_again()
    {
        Fail(Opened, 3, at: 301).IsOpen(Now.AddSeconds(600)).ShouldBeTrue();
        Fail(Opened, 3, AttemptVerdict.Works, at: 301).OpenUntil.ShouldBeNull();
        // Late results of before do not lengthen its rest.
        Fail(Opened, 3, at: 100).OpenUntil.ShouldBe(Opened.OpenUntil);
    }

    /// <summary>What fails everywhere is tried again first: it would keep a sound node closed for as long as it lasts.</summary>
    [Fact]
    public void A_trial_with_a_segment_that_failed_elsewhere_too_proves_nothing() =>
        Fail(Opened, 3, elsewhere: true, at: 301).OnTrial(Now.AddSeconds(301)).ShouldBeTrue();
}
