using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Node.Tests.Hosting;

public sealed class StoreWatchTests : IDisposable
{
    private static readonly NodeAddress Self = new("c", "c1");
    private static readonly ClusterSettings Shared = new()
    {
        Roles = NodeRoles.Coordinator,
        Broker = "amqp://b",
        Journal = "Host=db",
    };

    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _warnings = [];
    private readonly List<string> _ends = [];
    private MemberTable _table = MemberTable.Empty;
    private StoreWatch? _watch;

    [Fact]
    public void A_coordinator_that_never_sees_a_store_ends_and_says_what_to_do()
    {
        Start(Shared);
        _warnings.ShouldBeEmpty();

        Add(Self, "coordinator");
        _warnings.ShouldHaveSingleItem().ShouldStartWith("No node with the role store has joined");
        _time.Advance(StoreWatch.Patience - TimeSpan.FromSeconds(1));
        _ends.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));

        _ends
            .ShouldHaveSingleItem()
            .ShouldBe(
                "cluster.store is auto and the journal is in PostgreSQL, so pieces and encoded segments need a node with the role store, which outlives this coordinator, but none has joined within 30 s. Start one (node --roles store) and then this coordinator, or give all nodes a shared directory or a bucket (cluster.store)."
            );
    }

    [Fact]
    public void A_store_that_comes_in_time_and_goes_later_is_waited_for()
    {
        var store = new NodeAddress("s", "s1");
        Start(Shared);
        Add(Self, "coordinator");
        _time.Advance(StoreWatch.Patience / 2);
        Add(store, "store");
        Change(table => table.Down(store, "it died"));
        Change(table => table.Move(store, MemberStatus.Removed));
        _time.Advance(10 * StoreWatch.Patience);

        _ends.ShouldBeEmpty();
        _warnings.Count.ShouldBe(2);
    }

    [Fact]
    public void A_store_that_is_down_at_the_start_is_waited_for()
    {
        var store = new NodeAddress("s", "s1");
        Start(Shared);
        Add(store, "store");
        Change(table => table.Down(store, "it died"));
        Add(Self, "coordinator");
        _time.Advance(2 * StoreWatch.Patience);

        _ends.ShouldBeEmpty();
        _warnings.ShouldHaveSingleItem();
    }

    [Fact]
    public void Others_need_none()
    {
        ClusterSettings[] all =
        [
            Shared with
            {
                Store = "/srv/store",
            },
            Shared with
            {
                Journal = null,
            },
            Shared with
            {
                Roles = NodeRoles.Worker,
            },
        ];
        foreach (var settings in all)
        {
            _table = MemberTable.Empty;
            Start(settings);
            Add(Self, "coordinator");
            _time.Advance(2 * StoreWatch.Patience);
        }
        _ends.ShouldBeEmpty();
        _warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_broker_no_store_can_ever_join()
    {
        var farm = new FarmSettings
        {
            Cluster = Shared with { Broker = null, SharedRoots = ["/srv"] },
            SourceRoots = ["/srv"],
            OutputRoots = ["/srv"],
        };

        Should
            .Throw<FarmException>(() => NodeStores.Require(farm, "c"))
            .Message.ShouldContain("without a broker (cluster.broker) none can join");
        NodeStores.Require(farm with { Cluster = Shared with { SharedRoots = ["/srv"] } }, "c");
    }

    private void Start(ClusterSettings settings)
    {
        _watch?.Dispose();
        _watch = new StoreWatch(
            settings,
            () => Self,
            () => _table,
            _time,
            _warnings.Add,
            _ends.Add
        );
        _watch.Look();
    }

    private void Add(NodeAddress node, string role)
    {
        var card = new NodeCard(node, $"/home/{node.Name}", [role], "0.1.0", null);
        Change(table => table.Join(card).Then(next => next.Move(node, MemberStatus.Up)));
    }

    private void Change(Func<MemberTable, TableChange> change)
    {
        _table = change(_table).Table;
        _watch!.Look();
    }

    public void Dispose() => _watch?.Dispose();
}
