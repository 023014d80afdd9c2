using EncodeFarm.Cluster.Members;
using static EncodeFarm.Cluster.Tests.Members.Nodes;

namespace EncodeFarm.Cluster.Tests.Members;

public sealed class MembershipTests
{
    readonly NodeAddress _worker = NodeAddress.New("w");

    [Fact]
    public void A_node_is_joining_until_its_first_heartbeat()
    {
        var joined = Start().Join(Request(Card(_worker)), At(0));
        joined.Refusal.ShouldBeNull();
        joined.Next.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Joining);

        var up = joined.Next.Hear(_worker, At(1));

        up.Events.ShouldBe([
            new MemberChanged(_worker, MemberStatus.Joining, MemberStatus.Up, null),
        ]);
        up.Next.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);
    }

    /// <summary>Its first try may have announced members before it failed: nobody would listen to older numbers.</summary>
    [Fact]
    public void A_coordinator_that_begins_anew_goes_on_counting()
    {
        var first = Start().Join(Request(Card(_worker)), At(0)).Next.Table;

        first.TakenOver(first.Epoch).IsNewerThan(first).ShouldBeTrue();
        first.TakenOver(first.Epoch + 1).IsNewerThan(first).ShouldBeTrue();
    }

    [Fact]
    public void Asking_twice_is_joining_once()
    {
        var once = Start().Join(Request(Card(_worker)), At(0)).Next;

        var twice = once.Join(Request(Card(_worker)), At(1));

        twice.Refusal.ShouldBeNull();
        twice.Events.ShouldBeEmpty();
        twice.Next.Table.ShouldBe(once.Table);
    }

    /// <summary>A new coordinator does not know of it, and a new incarnation is a new member.</summary>
    [Fact]
    public void A_node_that_was_drained_joins_as_one_that_takes_no_work()
    {
        var request = Request(Card(_worker)) with { Draining = true };

        var joined = Start().Join(request, At(0));

        joined.Events.ShouldContain(new MemberDraining(_worker, true));
        var up = joined.Next.Hear(_worker, At(1)).Next;
        up.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);
        up.Table.Find(_worker)!.Draining.ShouldBeTrue();
        // Asking is no wish: what was decided meanwhile stays.
        var freed = up.Change(table => table.Drain(_worker, false), At(2)).Next;
        freed.Join(request, At(3)).Next.Table.Find(_worker)!.Draining.ShouldBeFalse();
    }

    [Theory]
    [InlineData("another", 1, "token is not the cluster's", "does not know the cluster's token")]
    [InlineData(Token, 2, "Upgrade the coordinators", "speaks protocol 2, this coordinator 1")]
    [InlineData(Token, 0, "Upgrade this node", "speaks protocol 0, this coordinator 1")]
    public void A_node_that_does_not_fit_is_told_so_on_both_sides(
        string token,
        int protocol,
        string toNode,
        string toCoordinator
    )
    {
        var answer = Start().Join(Request(Card(_worker), token, protocol), At(0));

        answer.Refusal.ShouldNotBeNull();
        answer.Refusal.Advice.ShouldBe(JoinAdvice.GiveUp);
        answer.Refusal.ToNode.ShouldContain(toNode);
        answer.Refusal.ToCoordinator.ShouldContain(toCoordinator);
        answer.Refusal.ToCoordinator.ShouldContain("'w'");
        answer.Next.Table.Members.ShouldBeEmpty();
    }

    [Fact]
    public void A_proof_is_of_no_use_to_another_process()
    {
        var stolen = Request(Card(_worker)).Proof;

        var answer = Start().Join(new JoinRequest(Card(NodeAddress.New("w")), 1, stolen), At(0));

        answer.Refusal.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("ä")]
    public void A_name_that_no_queue_could_carry_is_refused(string name) =>
        Start()
            .Join(Request(Card(NodeAddress.New(name))), At(0))
            .Refusal!.Advice.ShouldBe(JoinAdvice.GiveUp);

    [Fact]
    public void A_second_node_of_the_same_name_is_refused_while_the_first_lives()
    {
        var cluster = Start().With(_worker);

        var answer = cluster.Join(Request(Card(NodeAddress.New("w"))), At(1));

        answer.Refusal!.ToNode.ShouldContain("Another node is called 'w'");
        answer.Refusal.Advice.ShouldBe(JoinAdvice.AskAgain);
        answer.Next.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);
    }

    [Fact]
    public void A_restarted_process_takes_the_place_of_the_one_before_at_once()
    {
        var cluster = Start().Join(Request(Card(_worker, "its home")), At(0)).Next;
        var restarted = NodeAddress.New("w");

        var answer = cluster.Join(Request(Card(restarted, "its home")), At(1));

        answer
            .Events.OfType<MemberChanged>()
            .Select(change => (change.Address, change.To))
            .ShouldBe([
                (_worker, MemberStatus.Down),
                (_worker, MemberStatus.Removed),
                (restarted, MemberStatus.Joining),
            ]);
    }

    [Fact]
    public void A_second_store_is_refused_while_the_first_lives()
    {
        var first = NodeAddress.New("s");
        var cluster = Start().Join(Request(Store(first)), At(0)).Next;
        var second = Request(Store(NodeAddress.New("t")));

        var answer = cluster.Join(second, At(1));

        answer.Refusal!.Advice.ShouldBe(JoinAdvice.GiveUp);
        answer.Refusal.ToNode.ShouldContain("has a store already, 's'");
        answer.Refusal.ToNode.ShouldContain("without the role store (--roles)");
        answer.Refusal.ToCoordinator.ShouldContain("'t' was refused");
        // The same one after its restart, and another one when the first is given up.
        var restarted = Request(Store(NodeAddress.New("s"), $"home of {first}"));
        cluster.Join(restarted, At(1)).Refusal.ShouldBeNull();
        var down = cluster.Change(table => table.Down(first, "an operator said so"), At(1)).Next;
        down.Join(second, At(2)).Refusal.ShouldBeNull();
    }

    [Fact]
    public void Where_the_coordinator_keeps_the_store_no_other_node_may()
    {
        var at = new StoreHouse.AtCoordinator("c", "its home");
        var cluster = Start() with { Check = Check with { Store = at } };

        var refusal = cluster.Join(Request(Store(NodeAddress.New("s"))), At(0)).Refusal;

        refusal!.Advice.ShouldBe(JoinAdvice.GiveUp);
        refusal.ToNode.ShouldContain("The coordinator 'c' keeps the store itself");
        cluster.Join(Request(Card(_worker)), At(0)).Refusal.ShouldBeNull();
        var itself = Store(NodeAddress.New("c"), "its home");
        cluster.Join(Request(itself), At(0)).Refusal.ShouldBeNull();
    }

    [Fact]
    public void Where_all_see_the_store_the_role_means_nothing()
    {
        var cluster = Start() with { Check = Check with { Store = new StoreHouse.Shared() } };
        cluster = cluster.Join(Request(Store(NodeAddress.New("s"))), At(0)).Next;

        cluster.Join(Request(Store(NodeAddress.New("t"))), At(0)).Refusal.ShouldBeNull();
    }

    static NodeCard Store(NodeAddress address, string? home = null) =>
        Card(address, home) with
        {
            Roles = ["store"],
        };

    [Fact]
    public void Silence_makes_unreachable_after_4_seconds_and_down_after_20()
    {
        var cluster = Start().With(_worker).Until(1, 3);
        cluster.Table.Find(_worker)!.Unreachable.ShouldBeFalse();

        cluster = cluster.Until(4, 4);
        cluster.Table.Find(_worker)!.Unreachable.ShouldBeTrue();
        cluster.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);

        cluster = cluster.Until(5, 19);
        cluster.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);
        cluster.Until(20, 20).Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Down);
    }

    [Fact]
    public void A_heartbeat_makes_reachable_again()
    {
        var cluster = Start().With(_worker).Until(1, 6);

        var heard = cluster.Hear(_worker, At(6.5));

        heard.Events.ShouldBe([new MemberReachability(_worker, false)]);
        heard.Next.Until(7, 10).Table.Find(_worker)!.Unreachable.ShouldBeFalse();
    }

    [Fact]
    public void While_the_broker_is_away_nobody_is_silent()
    {
        var cluster = Start().With(_worker).Until(1, 3);

        // A minute without any message; then our own heartbeat is the first to come back.
        // The others have 6 s to connect again, and are silent from then on.
        cluster = cluster.Until(63, 72);

        cluster.Table.Find(_worker)!.Unreachable.ShouldBeFalse();
        cluster.Until(73, 73).Table.Find(_worker)!.Unreachable.ShouldBeTrue();
    }

    [Fact]
    public void After_a_short_outage_the_time_to_connect_again_is_as_short()
    {
        var cluster = Start().With(_worker).Until(1, 3);

        // Our heartbeats of 4 and 5 are lost.
        cluster = cluster.Until(6, 12);

        cluster.Table.Find(_worker)!.Unreachable.ShouldBeFalse();
        cluster.Until(13, 13).Table.Find(_worker)!.Unreachable.ShouldBeTrue();
    }

    [Fact]
    public void A_late_heartbeat_of_our_own_proves_nothing()
    {
        var cluster = Start().With(_worker).Until(1, 3);

        // Five heartbeats stood in the broker and come at once.
        for (var sent = 4; sent <= 8; sent++)
        {
            cluster = cluster.Echo(At(sent), At(11)).Next;
        }

        cluster.Table.Find(_worker)!.Unreachable.ShouldBeFalse();
    }

    [Fact]
    public void Who_was_unreachable_before_the_gap_stays_so_and_is_down_in_time()
    {
        var cluster = Start().With(_worker).Until(1, 6);

        cluster = cluster.Until(60, 75);
        cluster.Table.Find(_worker)!.Unreachable.ShouldBeTrue();
        cluster.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);

        cluster.Until(76, 76).Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Down);
    }

    [Fact]
    public void A_takeover_keeps_the_members_and_gives_each_a_fresh_time()
    {
        var silent = NodeAddress.New("s");
        var before = Start().With(silent).Until(1, 4).With(_worker, 4);

        var after = Membership.Start(Check, new FailureLimits(), before.Table, 2, At(100));

        after.Table.Epoch.ShouldBe(2);
        after.Table.IsNewerThan(before.Table).ShouldBeTrue();
        after = after.Until(101, 103);
        after.Table.Find(_worker)!.Unreachable.ShouldBeFalse();
        after.Table.Find(silent)!.Unreachable.ShouldBeTrue();
        after.Until(104, 104).Table.Find(_worker)!.Unreachable.ShouldBeTrue();
    }

    [Fact]
    public void A_process_that_is_down_is_not_heard_and_must_join_again()
    {
        var cluster = Start().With(_worker).Until(1, 20);
        cluster.Table.MustJoin(_worker).ShouldBeTrue();

        cluster.Hear(_worker, At(21)).Events.ShouldBeEmpty();
        cluster.Join(Request(Card(_worker)), At(21)).Refusal!.Advice.ShouldBe(JoinAdvice.Renew);

        var again = NodeAddress.New("w");
        var joined = cluster.Join(Request(Card(again)), At(22));
        joined.Refusal.ShouldBeNull();
        joined.Next.Table.Members.ShouldHaveSingleItem().Address.ShouldBe(again);
    }

    [Fact]
    public void Who_is_down_leaves_the_table_after_a_minute()
    {
        var cluster = Start().With(_worker).Until(1, 79);
        cluster.Table.Members.ShouldHaveSingleItem();

        cluster.Until(80, 80).Table.Members.ShouldBeEmpty();
    }

    [Fact]
    public void A_graceful_leave_ends_in_silence_without_being_down()
    {
        var cluster = Start().With(_worker);
        cluster = cluster.Change(table => table.Leave(_worker), At(1)).Next;
        cluster.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Leaving);
        cluster = cluster.Change(table => table.Move(_worker, MemberStatus.Exiting), At(2)).Next;

        var ends = new List<MemberEvent>();
        for (var second = 1; second <= 6; second++)
        {
            var step = cluster.Echo(At(second), At(second));
            (cluster, ends) = (step.Next, [.. ends, .. step.Events]);
        }

        ends.ShouldBe([
            new MemberChanged(_worker, MemberStatus.Exiting, MemberStatus.Removed, null),
        ]);
    }

    [Fact]
    public void An_unreachable_member_cannot_leave_and_the_way_out_is_named()
    {
        var cluster = Start().With(_worker).Until(1, 5);

        var error = Should.Throw<ClusterException>(() =>
            cluster.Change(table => table.Leave(_worker), At(5))
        );

        error.Error.ShouldBe(ClusterError.IllegalTransition);
        error.Message.ShouldContain("unreachable");
        error.Message.ShouldContain("cluster down -a w");
    }

    /// <summary>It would be told that it leaves, and goes on running where it is only cut off.</summary>
    [Fact]
    public void One_that_fell_silent_while_it_was_leaving_cannot_leave_again()
    {
        var cluster = Start().With(_worker);
        cluster = cluster.Change(table => table.Leave(_worker), At(1)).Next;
        cluster.Change(table => table.Leave(_worker), At(1)).Events.ShouldBeEmpty();
        cluster = cluster.Until(1, 5);

        Should
            .Throw<ClusterException>(() => cluster.Change(table => table.Leave(_worker), At(5)))
            .Message.ShouldContain("cluster down -a w");
    }

    [Fact]
    public void One_that_is_down_is_not_to_be_given_up_again()
    {
        var cluster = Start().With(_worker).Until(1, 21);

        Should
            .Throw<ClusterException>(() => cluster.Change(table => table.Leave(_worker), At(21)))
            .Message.ShouldBe("The member 'w' can't leave. It is down.");
    }

    /// <summary>A new coordinator waits for what they tell of it.</summary>
    [Theory]
    [InlineData(MemberStatus.Up, true)]
    [InlineData(MemberStatus.Leaving, true)]
    [InlineData(MemberStatus.Exiting, false)]
    [InlineData(MemberStatus.Down, false)]
    public void A_member_that_takes_no_new_work_may_still_run_some(MemberStatus status, bool runs)
    {
        var member = Start().With(_worker).Table.Find(_worker)!;

        var drained = member with { Status = status, Draining = true };

        drained.MayRunWork.ShouldBe(runs);
        (drained with { Unreachable = true }).MayRunWork.ShouldBeFalse();
    }

    [Fact]
    public void Down_unreachable_takes_only_those()
    {
        var other = NodeAddress.New("o");
        var cluster = Start().With(_worker).Until(1, 4).With(other, 4);

        var step = cluster.Change(table => table.DownUnreachable("an operator said so"), At(4));

        step.Next.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Down);
        step.Next.Table.Find(_worker)!.Reason.ShouldBe("an operator said so");
        step.Next.Table.Find(other)!.Status.ShouldBe(MemberStatus.Up);
    }

    [Fact]
    public void A_draining_member_stays_and_takes_no_work()
    {
        var cluster = Start().With(_worker);

        cluster = cluster.Change(table => table.Drain(_worker, true), At(1)).Next;
        cluster.Table.Find(_worker)!.Draining.ShouldBeTrue();
        cluster.Table.Find(_worker)!.Status.ShouldBe(MemberStatus.Up);

        cluster = cluster.Change(table => table.Drain(_worker, false), At(2)).Next;
        cluster.Table.Find(_worker)!.Draining.ShouldBeFalse();
    }

    [Fact]
    public void Limits_that_contradict_each_other_are_refused() =>
        Should
            .Throw<ClusterException>(() =>
                new FailureLimits { Unreachable = TimeSpan.FromSeconds(30) }.Validated()
            )
            .Error.ShouldBe(ClusterError.BadConfiguration);

    [Fact]
    public void Messages_travel_as_versioned_json()
    {
        var table = Start().With(_worker).Until(1, 5).Table;

        var envelope = ClusterCodec.Seal(table);
        envelope.Type.ShouldBe("members.v1");
        envelope.Json.ShouldContain("\"status\":\"Up\"");
        var read = ClusterCodec.Open(envelope).ShouldBeOfType<MemberTable>();
        read.Members.ShouldBe(table.Members);
        (read.Epoch, read.Revision).ShouldBe((table.Epoch, table.Revision));

        var request = Request(Card(_worker));
        ClusterCodec.Open(ClusterCodec.Seal(request)).ShouldBe(request);
        ClusterCodec.Open(new("something.v1", "{}")).ShouldBeNull();
        Should.Throw<Cluster.Messaging.UnreadableMessageException>(() =>
            ClusterCodec.Open(new("join.v1", "[]"))
        );
    }
}
