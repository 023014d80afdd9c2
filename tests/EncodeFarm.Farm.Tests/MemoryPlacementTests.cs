using System.Text.Json.Nodes;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Tests;

public sealed class MemoryPlacementTests
{
    const int Cases = 5000;
    const long Gibibyte = 1L << 30;

    [Fact]
    public void A_heartbeat_tells_of_the_machine_and_an_older_one_does_not()
    {
        var beat = new Heartbeat("n", "1", 1, "f", null, [], [])
        {
            Resources = new NodeResources(8, 16 * Gibibyte, 9 * Gibibyte, 1000)
            {
                ForeignLoad = 3,
                AttemptLimit = 12 * Gibibyte,
                AttemptRoom = 11 * Gibibyte,
            },
        };
        var sealedBeat = FarmCodecs.Wire.Seal(beat);

        ((Heartbeat)FarmCodecs.Wire.Open(sealedBeat)).Resources.ShouldBe(beat.Resources);
        var json = JsonNode.Parse(sealedBeat.Json)!;
        json["resources"]!.ToJsonString().Length.ShouldBeLessThan(200);

        json.AsObject().Remove("resources");
        var older = new Envelope(sealedBeat.Type, json.ToJsonString());
        ((Heartbeat)FarmCodecs.Wire.Open(older)).Resources.ShouldBeNull();
    }

    /// <summary>Whatever nodes, jobs and attempts there are: nothing goes where it does not fit, and what fits somewhere goes.</summary>
    [Fact]
    public void Work_goes_only_where_its_memory_is()
    {
        var random = new Random(5);
        var (placed, refused, blocked) = (0, 0, 0);
        for (var round = 0; round < Cases; round++)
        {
            var videos = Enumerable.Range(0, 2).Select(index => Video(index, random)).ToArray();
            var nodes = Enumerable
                .Range(0, random.Next(1, 4))
                .Select(index => Node(index, random))
                .ToArray();
            var leases = nodes.SelectMany(node => Some(node, random)).ToArray();
            var input = Input(videos, nodes, leases);

            if (Placement.Next(input) is { } next)
            {
                placed++;
                Free(next.Node, leases).ShouldBeTrue();
                Roomy(next.Node, next.Offer.Memory, leases).ShouldBeTrue();
            }
            else
            {
                refused++;
                // What fits is left alone only to keep its node for the first of a video that gets nothing else.
                var waiting = videos.SelectMany(video => video.Offers).ToList();
                var left = waiting.Count(offer =>
                    nodes.Any(node => Free(node, leases) && Roomy(node, offer.Memory, leases))
                );
                (left == 0 || left < waiting.Count).ShouldBeTrue();
            }
            foreach (var video in videos)
            {
                var least = video.Offers.Min(offer => offer.Memory);
                var able = nodes.Any(node => !(least > node.Resources?.AttemptLimit));
                var why = Placement.WaitingFor(video, input)!;
                why.StartsWith("blocked: needs", StringComparison.Ordinal).ShouldBe(!able);
                blocked += able ? 0 : 1;
            }
        }
        placed.ShouldBeGreaterThan(Cases / 10);
        refused.ShouldBeGreaterThan(Cases / 10);
        blocked.ShouldBeGreaterThan(Cases / 20);
    }

    /// <summary>All attempts of a node together never need more than it has, from the first to the last of a job.</summary>
    [Fact]
    public void A_job_runs_to_its_end_and_no_node_is_ever_overfilled()
    {
        var random = new Random(6);
        for (var round = 0; round < 500; round++)
        {
            var nodes = Enumerable
                .Range(0, random.Next(1, 4))
                .Select(index => Node(index, random))
                .ToArray();
            var videos = Enumerable.Range(0, 3).Select(index => Video(index, random)).ToArray();
            var running = new List<Lease>();
            while (true)
            {
                while (Placement.Next(Input(videos, nodes, running)) is { } next)
                {
                    running.Add(Lease(next.Video.Video, next.Offer, next.Node.Name));
                    Roomy(next.Node, 0, running).ShouldBeTrue();
                }
                if (running.Count == 0)
                {
                    break;
                }
                var done = running[random.Next(running.Count)];
                running.Remove(done);
                videos =
                [
                    .. videos.Select(video =>
                        video.Video == done.Video
                            ? video with
                            {
                                Offers = video.Offers.RemoveAll(o => o.Segment == done.Segment),
                            }
                            : video
                    ),
                ];
            }
            // What is left could run nowhere, even on empty nodes.
            videos
                .SelectMany(video => video.Offers)
                .ShouldAllBe(offer => !nodes.Any(node => Roomy(node, offer.Memory, running)));
        }
    }

    [Fact]
    public void Small_attempts_do_not_starve_a_large_one()
    {
        var node = Node("n", 4, limit: 4 * Gibibyte);
        var large = Video("large", 3 * Gibibyte);
        var small = Video("small", [.. Enumerable.Repeat(Gibibyte, 50)]);
        var running = Enumerable
            .Range(100, 3)
            .Select(index => Lease("small", Offer(index, Gibibyte), "n"))
            .ToList();
        // The large one is next and has no room: what falls free is kept for it.
        for (; running.Count > 1; running.RemoveAt(0))
        {
            Placement.Next(Input([small, large], [node], running)).ShouldBeNull();
        }
        Placement.Next(Input([small, large], [node], running))!.Video.Video.ShouldBe("large");
        // One of its video runs: the rest of the node is for others.
        var first = Lease("large", Offer(100, 3 * Gibibyte), "n");
        Placement.Next(Input([small, large], [node], [first]))!.Video.Video.ShouldBe("small");
    }

    [Fact]
    public void What_waits_for_memory_says_so()
    {
        var video = Video("v", 6 * Gibibyte + 1);
        string? Why(NodeState[] nodes, params Lease[] leases) =>
            Placement.WaitingFor(video, Input([video], nodes, leases));

        Why([Node("one", 1, 2 * Gibibyte), Node("two", 1, 4 * Gibibyte - 1)])
            .ShouldBe(
                "blocked: needs 6.1 GiB of memory; the largest worker, two, has 3.9 GiB for it"
            );
        var busy = Lease("other", Offer(7, 2 * Gibibyte), "one");
        Why([Node("one", 2, 7 * Gibibyte)], busy)
            .ShouldBe("no room: needs 6.1 GiB of memory; one has 5.0 GiB left");
        Why([Node("one", 1, 7 * Gibibyte)], busy).ShouldBe("no free slot");
        Why([Node("one", 2, 7 * Gibibyte), Node("two", 1, null)], busy).ShouldBe("no free slot");
        Why([Node("one", 2, 7 * Gibibyte) with { Closed = "draining" }]).ShouldBe("one: draining");
        // Others use the machine.
        Why([Node("one", 1, 7 * Gibibyte, room: Gibibyte)])
            .ShouldBe("no room: needs 6.1 GiB of memory; one has 1.0 GiB left");
    }

    [Fact]
    public void A_node_without_the_memory_is_no_other_node_to_wait_for()
    {
        var video = Video("v", 2 * Gibibyte);
        video = video with { Offers = [video.Offers[0] with { Avoid = ["one"] }] };

        Placement
            .Next(Input([video], [Node("one", 1, 4 * Gibibyte), Node("two", 1, Gibibyte)], []))!
            .Node.Name.ShouldBe("one");
    }

    [Fact]
    public void Further_threads_take_no_more_than_half_of_the_memory()
    {
        var random = new Random(8);
        for (var round = 0; round < Cases; round++)
        {
            var (slots, attempts) = (random.Next(1, 33), random.Next(1, 33));
            var (memory, one) = (random.NextInt64(1, 1000), random.NextInt64(1, 300));
            var share = new SlotShare();
            share.Divide(slots, attempts, memory);

            var threads = share.Threads(threads => one * threads);

            threads.ShouldBeInRange(1, share.Each);
            (threads == 1 || 2 * attempts * one * threads <= memory).ShouldBeTrue();
            (threads == share.Each || 2 * attempts * one * (threads + 1) > memory).ShouldBeTrue();
            share.Divide(slots, attempts);
            share.Threads(threads => one * threads).ShouldBe(share.Each);
        }
    }

    static PlacementInput Input(
        IReadOnlyCollection<VideoOffers> videos,
        IReadOnlyCollection<NodeState> nodes,
        IReadOnlyCollection<Lease> leases
    ) => new(videos, nodes, leases, new Dictionary<string, int>());

    static bool Free(NodeState node, IEnumerable<Lease> leases) =>
        leases.Count(lease => lease.Node == node.Name) < node.Slots;

    static bool Roomy(NodeState node, long memory, IEnumerable<Lease> leases) =>
        node.Resources is not { } machine
        || memory + leases.Where(lease => lease.Node == node.Name).Sum(lease => lease.Memory)
            <= machine.AttemptRoom;

    static VideoOffers Video(int index, Random random) =>
        Video(
            $"v{index}",
            [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.NextInt64(1, 16))]
        ) with
        {
            Order = index,
        };

    static VideoOffers Video(string id, params long[] memory) =>
        new(id, 0, 0, Samples.Fingerprint, "plan", [.. memory.Select((m, i) => Offer(i, m))]);

    static SegmentOffer Offer(int index, long memory)
    {
        var range = Samples.Range(new(index, index * 48, 48, index * 48048, index * 2, 2));
        var task = new SegmentTask(range, Samples.Settings(new VideoSettings()), null, []);
        return new SegmentOffer(new SegmentId(0, index), 1, task, null, false, [], false)
        {
            Memory = memory,
        };
    }

    /// <summary>One in four is of an older version, and one in four is used by others too.</summary>
    static NodeState Node(int index, Random random)
    {
        var limit = random.NextInt64(1, 16);
        return Node(
            $"n{index}",
            random.Next(1, 5),
            random.Next(4) == 0 ? null : limit,
            random.Next(4) == 0 ? random.NextInt64(0, limit) : limit
        );
    }

    static NodeState Node(string name, int slots, long? limit, long? room = null) =>
        new(name, slots, Samples.Fingerprint, null, Samples.Start)
        {
            Resources = limit is null
                ? null
                : new NodeResources(slots, limit, limit, null)
                {
                    AttemptLimit = limit,
                    AttemptRoom = room ?? limit,
                },
        };

    static IEnumerable<Lease> Some(NodeState node, Random random) =>
        Enumerable
            .Range(100, random.Next(node.Slots + 1))
            .Select(index =>
                Lease($"on {node.Name}", Offer(index, random.NextInt64(1, 5)), node.Name)
            );

    static Lease Lease(string video, SegmentOffer offer, string node) =>
        new(
            $"1-{video}{offer.Segment.Index}",
            video,
            offer.Segment,
            1,
            node,
            Samples.Start,
            false,
            true,
            false,
            0,
            null
        )
        {
            Memory = offer.Memory,
        };
}
