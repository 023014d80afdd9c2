using EncodeFarm.Cluster.Members;

namespace EncodeFarm.Cluster.Tests.Members;

/// <summary>Thousands of generated histories of a small cluster in simulated time.</summary>
public sealed class MembershipHistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_history_keeps_the_rules(int block)
    {
        for (var seed = block * 1000; seed < (block * 1000) + 500; seed++)
        {
            var world = new SimulatedCluster(seed);
            world.Run(seconds: 90);
            world.Broken.ShouldBeEmpty($"seed {seed}");
        }
    }

    /// <summary>What the histories must contain for the test above to mean something.</summary>
    [Fact]
    public void The_histories_are_not_dull()
    {
        var worlds = Enumerable
            .Range(0, 60)
            .Select(seed =>
            {
                var world = new SimulatedCluster(seed);
                world.Run(seconds: 90);
                return world;
            })
            .ToList();
        var events = worlds.SelectMany(world => world.Events).ToList();

        foreach (var status in Enum.GetValues<MemberStatus>())
        {
            events.OfType<MemberChanged>().ShouldContain(change => change.To == status);
        }
        events.OfType<MemberReachability>().ShouldContain(change => change.Unreachable);
        events.OfType<MemberReachability>().ShouldContain(change => !change.Unreachable);
        worlds.Sum(world => world.Outages).ShouldBeGreaterThan(60);
        worlds.Sum(world => world.Refusals).ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Every_pair_of_states_is_judged_as_the_list_says()
    {
        var allowed = SimulatedCluster.Allowed;
        foreach (var from in Enum.GetValues<MemberStatus>())
        {
            foreach (var to in Enum.GetValues<MemberStatus>())
            {
                Transitions.Allow(from, to).ShouldBe(allowed[from].Contains(to), $"{from} -> {to}");
            }
        }
    }
}
