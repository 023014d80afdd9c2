using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Node.Tests.Hosting;

/// <summary>A coordinator with SQLite starts, and the clock stands still but where a test moves it.</summary>
public sealed class SecondCoordinatorTests
{
    private static readonly ClusterSettings Alone = new()
    {
        Roles = NodeRoles.Coordinator,
        Broker = "amqp://b",
    };

    private readonly ManualTimeProvider _time = new();
    private readonly InProcessNetwork _network;

    public SecondCoordinatorTests() => _network = new InProcessNetwork(_time, _ => { });

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_answers_is_found_however_seldom_it_announces_itself()
    {
        await using var first = _network.Join(new NodeAddress("one", "one1"));
        var leader = new LeaderInfo("farm://encodefarm@127.0.0.1:9110", "one", 7);
        await first.AnswerAsync(
            ApiForwarding.Answer(
                (_, _) => Task.FromResult(Replies.Ok(leader)),
                AnswerLimits.Standard
            ),
            rank: 7,
            Stop
        );

        await RefusesAsync();
    }

    [Fact]
    public async Task One_that_does_not_answer_is_found_by_its_announcement()
    {
        await using var first = _network.Join(new NodeAddress("one", "one1"));
        var card = new NodeCard(first.Self, "another home", ["coordinator"], "0.1.0", null);
        var table = MemberTable.Empty.Join(card).Table;

        await RefusesAsync(() => first.AnnounceAsync(ClusterCodec.Seal(table), Stop));
    }

    [Fact]
    public async Task Alone_it_goes_on_after_a_moment()
    {
        await using var node = await NodeAsync();

        var looking = LookAsync(node);
        looking.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1.2));

        await looking;
    }

    private async Task RefusesAsync(Func<Task>? meanwhile = null)
    {
        await using var node = await NodeAsync();
        var looking = LookAsync(node);
        await (meanwhile?.Invoke() ?? Task.CompletedTask);
        (await Should.ThrowAsync<FarmException>(() => looking)).Message.ShouldStartWith(
            "The cluster has a coordinator already, 'one', and this one keeps its journal in SQLite."
        );
    }

    private async Task<ClusterNode> NodeAsync()
    {
        var node = new ClusterNode(
            _network.Join(new NodeAddress("two", "two1")),
            self => new NodeCard(self, "home", ["coordinator"], "0.1.0", null),
            _time,
            _ => { }
        );
        await node.ListenAsync(Stop);
        return node;
    }

    private Task LookAsync(ClusterNode node) =>
        SecondCoordinator.RefuseAsync(
            Alone,
            node,
            _network.Join(new NodeAddress("asker", "asker1")),
            "home",
            _time,
            Stop
        );
}
