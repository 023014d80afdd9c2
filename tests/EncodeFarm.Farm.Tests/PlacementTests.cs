using System.Collections.Immutable;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Tests;

public sealed class PlacementTests
{
    [Fact]
    public void The_longest_segment_goes_first_and_a_failed_one_before_it()
    {
        var video = Video("a", Offer(0, frames: 100), Offer(1, frames: 300), Offer(2, 200));
        Next([video], [Node("n", 1)])!.Offer.Segment.Index.ShouldBe(1);

        var again = video with { Offers = video.Offers.Add(Offer(3, 50) with { Again = true }) };
        Next([again], [Node("n", 1)])!.Offer.Segment.Index.ShouldBe(3);
    }

    [Fact]
    public void Priority_comes_before_fairness_and_fairness_before_order()
    {
        var low = Video("low", Offer(0, 100));
        var high = Video("high", Offer(0, 1)) with { Priority = 5, Order = 9 };
        Next([low, high], [Node("n", 4)])!.Video.Video.ShouldBe("high");

        var first = Video("first", Offer(0, 100), Offer(1, 100));
        var second = Video("second", Offer(0, 100)) with { Order = 1 };
        Next([second, first], [Node("n", 4)])!.Video.Video.ShouldBe("first");
        Next([first, second], [Node("n", 4)], Lease("first", 0, "n"))!
            .Video.Video.ShouldBe("second");
    }

    [Fact]
    public void A_segment_that_runs_is_not_given_out_twice_even_when_its_attempt_has_finished()
    {
        var video = Video("a", Offer(0, 100));
        Next([video], [Node("n", 4)], Lease("a", 0, "n")).ShouldBeNull();
        Next([video], [Node("n", 4)], Lease("a", 0, "n") with { Finished = true }).ShouldBeNull();
    }

    [Fact]
    public void A_finished_attempt_holds_no_slot()
    {
        var video = Video("a", Offer(0, 100), Offer(1, 100));
        Next([video], [Node("n", 1)], Lease("a", 0, "n")).ShouldBeNull();
        Next([video], [Node("n", 1)], Lease("a", 0, "n") with { Finished = true })!
            .Offer.Segment.Index.ShouldBe(1);
    }

    [Fact]
    public void Tasks_of_the_coordinator_take_slots()
    {
        var input = new PlacementInput(
            [Video("a", Offer(0, 100))],
            [Node("n", 1)],
            [],
            new Dictionary<string, int> { ["n"] = 1 }
        );
        Placement.Next(input).ShouldBeNull();
    }

    [Fact]
    public void The_fastest_node_with_a_slot_is_taken_and_of_equal_ones_the_less_loaded()
    {
        var video = Video("a", Offer(0, 100));
        var slow = Node("slow", 4) with { Speed = 100 };
        var fast = Node("fast", 4) with { Speed = 300 };
        var equal = Node("equal", 4) with { Speed = 301 };
        Next([video], [slow, fast], Lease("b", 1, "fast"))!.Node.Name.ShouldBe("fast");
        Next([video], [slow, fast, equal], Lease("b", 1, "equal"))!.Node.Name.ShouldBe("fast");
        Next([video], [slow, fast with { Slots = 1 }], Lease("b", 1, "fast"))!
            .Node.Name.ShouldBe("slow");
        // Of a node that is not known anything can be hoped.
        Next([video], [slow, fast, Node("new", 1)])!.Node.Name.ShouldBe("new");
    }

    [Fact]
    public void No_free_slot_is_much_faster_than_the_one_that_is_taken()
    {
        var dice = new Random(7);
        for (var trial = 0; trial < 2000; trial++)
        {
            var nodes = Enumerable
                .Range(0, dice.Next(1, 8))
                .Select(n => Node($"n{n}", dice.Next(1, 4)) with { Speed = 1 + dice.Next(1000) })
                .ToList();
            var leases = nodes
                .SelectMany(
                    (node, n) =>
                        Enumerable
                            .Range(0, dice.Next(node.Slots + 1))
                            .Select(slot => Lease("b", 10 * n + slot, node.Name))
                )
                .ToArray();
            var free = nodes
                .Where(node => leases.Count(lease => lease.Node == node.Name) < node.Slots)
                .ToList();
            var placed = Next([Video("a", Offer(0, 100))], [.. nodes], leases);
            (placed is null).ShouldBe(free.Count == 0);
            if (placed is not null)
            {
                free.Max(node => node.Speed!.Value)
                    .ShouldBeLessThanOrEqualTo(NodeSpeed.Step * placed.Node.Speed!.Value);
            }
        }
    }

    [Fact]
    public void A_speed_follows_the_measurements_and_needs_some_time_to_pass()
    {
        NodeSpeed.After(null, 100, TimeSpan.FromSeconds(2)).ShouldBe(50);
        NodeSpeed.After(50, 200, TimeSpan.FromSeconds(2)).ShouldBe(65);
        NodeSpeed.After(50, 200, TimeSpan.Zero).ShouldBe(50);
        NodeSpeed.After(null, 200, TimeSpan.Zero).ShouldBeNull();
    }

    [Fact]
    public void A_node_on_which_it_failed_is_avoided_while_there_is_another()
    {
        var video = Video("a", Offer(0, 100) with { Avoid = ["bad"] });
        Next([video], [Node("bad", 4), Node("good", 1)])!.Node.Name.ShouldBe("good");
        // The other one is busy: wait for it rather than fail again.
        Next([video], [Node("bad", 4), Node("good", 1)], Lease("b", 7, "good")).ShouldBeNull();
        Next([video], [Node("bad", 4)])!.Node.Name.ShouldBe("bad");
    }

    [Fact]
    public void A_segment_that_must_be_alone_gets_a_node_of_its_own_and_is_not_starved()
    {
        var alone = Offer(0, 100) with { Alone = true, Again = true };
        var video = Video("a", alone, Offer(1, 100));
        // Both nodes are busy: one of them is kept free for it, the other goes on.
        var placed = Next(
            [video],
            [Node("one", 2), Node("two", 2)],
            Lease("b", 1, "one"),
            Lease("b", 2, "two")
        );
        placed!.Offer.Segment.Index.ShouldBe(1);
        placed.Node.Name.ShouldBe("two");
        Next([video], [Node("one", 2), Node("two", 2)], Lease("b", 2, "two"))!
            .ShouldSatisfyAllConditions(
                next => next.Offer.Segment.Index.ShouldBe(0),
                next => next.Node.Name.ShouldBe("one")
            );
        // While it runs, nothing else goes there.
        Next([video], [Node("one", 2)], Lease("a", 0, "one") with { Alone = true }).ShouldBeNull();
    }

    [Fact]
    public void Only_nodes_with_the_same_tools_and_open_doors_get_work()
    {
        var video = Video("a", Offer(0, 100));
        Next([video], [Node("n", 4) with { Fingerprint = "other" }]).ShouldBeNull();
        Next([video], [Node("n", 4) with { Closed = "draining" }]).ShouldBeNull();
    }

    [Fact]
    public void What_waits_says_why()
    {
        var video = Video("a", Offer(0, 100));
        string? Why(params NodeState[] nodes) =>
            Placement.WaitingFor(
                video,
                new PlacementInput([video], nodes, [], new Dictionary<string, int>())
            );

        Why().ShouldBe("no worker has joined");
        Why(Node("n", 1) with { Fingerprint = "other" })
            .ShouldBe($"blocked: needs a worker with the tools {Samples.Fingerprint}");
        Why(Node("n", 1) with { Closed = "disk full" }).ShouldBe("n: disk full");
        Why(Node("n", 1)).ShouldBe("no free slot");
    }

    static Placed? Next(VideoOffers[] videos, NodeState[] nodes, params Lease[] leases) =>
        Placement.Next(new PlacementInput(videos, nodes, leases, new Dictionary<string, int>()));

    static VideoOffers Video(string id, params SegmentOffer[] offers) =>
        new(id, 0, 0, Samples.Fingerprint, "plan-1", [.. offers]);

    static SegmentOffer Offer(int index, int frames)
    {
        var range = Samples.Range(new(index, index * 48, frames, index * 48048, index * 2, 2));
        var settings = Samples.Settings(new VideoSettings());
        return new SegmentOffer(
            new SegmentId(0, index),
            1,
            new SegmentTask(range, settings, null, []),
            null,
            false,
            ImmutableArray<string>.Empty,
            false
        );
    }

    static NodeState Node(string name, int slots) =>
        new(name, slots, Samples.Fingerprint, null, Samples.Start);

    static Lease Lease(string video, int segment, string node) =>
        new(
            $"1-{video}{segment}",
            video,
            new SegmentId(0, segment),
            1,
            node,
            Samples.Start,
            false,
            true,
            false,
            0,
            null
        );
}
