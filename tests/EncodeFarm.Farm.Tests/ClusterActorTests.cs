using EncodeFarm.Actors;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Members;

namespace EncodeFarm.Farm.Tests;

/// <summary>Whose word the coordinator takes, on a clock that the test moves.</summary>
public sealed class ClusterActorTests
{
    readonly NodeAddress _worker = NodeAddress.New("w");

    [Theory]
    [InlineData(false, MemberStatus.Leaving)]
    [InlineData(true, MemberStatus.Exiting)]
    public async Task A_node_that_was_thought_to_be_unreachable_may_say_that_it_goes(
        bool exiting,
        MemberStatus status
    )
    {
        var time = new ManualTimeProvider();
        var (table, logs) = (MemberTable.Empty, new List<ActorLog>());
        await using var system = new ActorSystem(
            "test",
            new ActorSystemOptions { Time = time, Log = logs.Add }
        );
        var transport = new InProcessNetwork(time, error => throw error).Join(NodeAddress.New("c"));
        var options = new ClusterOptions(
            7,
            new JoinCheck("", JoinCheck.CurrentProtocol),
            new FailureLimits(),
            Unreachable(),
            new TestProbe<DispatchMessage>(),
            () => TimeSpan.Zero,
            (next, _) => table = next
        );
        var cluster = system.Spawn("cluster", () => new ClusterActor(options, transport));

        cluster.Tell(
            new MemberSignal(exiting ? new ExitingNotice(_worker) : new LeavingNotice(_worker))
        );
        await system.IdleAsync();

        logs.ShouldBeEmpty();
        var member = table.Find(_worker)!;
        (member.Status, member.Unreachable).ShouldBe((status, false));
    }

    MemberTable Unreachable() =>
        MemberTable
            .Empty.Join(new NodeCard(_worker, "/home/w", ["worker"], "0.1.0", null))
            .Then(table => table.Move(_worker, MemberStatus.Up))
            .Then(table => table.Reach(_worker, true))
            .Table;
}
