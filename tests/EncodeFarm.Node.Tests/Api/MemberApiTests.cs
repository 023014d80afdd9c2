using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Node.Tests.Api;

/// <summary>Members and what they work on.</summary>
public sealed class MemberApiTests : ApiCaller
{
    [Fact]
    public async Task Members_are_drained_left_and_downed()
    {
        await Farm.Two_.MemberAsync("drain", new("two"), Stop);
        Two().Draining.ShouldBeTrue();
        await Farm.Two_.MemberAsync("undrain", new("farm://encodefarm@127.0.0.1:9111"), Stop);
        Two().Draining.ShouldBeFalse();
        await Farm.Two_.MemberAsync("leave", new("127.0.0.1:9111"), Stop);
        Two().Status.ShouldBe("leaving");
        (await FailsAsync(() => Farm.Two_.MemberAsync("drain", new("two"), Stop))).Problem.ShouldBe(
            new Problem("The member 'two' can't drain. It is leaving.", null, "conflict")
        );
        await Farm.Two_.MemberAsync("down", new("two.two1"), Stop);
        Two().Status.ShouldBe("down");

        MemberInfo Two() =>
            Farm.One_.MembersAsync(Stop).Result.Members.Single(m => m.Name == "two");
    }

    [Fact]
    public async Task An_address_that_two_living_members_have_names_neither()
    {
        // Workers on loopback of machines of their own.
        var other = ApiFixture.Two with
        {
            Address = new NodeAddress("three", "three1"),
        };
        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Join(other)
            .Then(table => table.Move(other.Address, MemberStatus.Up))
            .Table;

        foreach (var address in new[] { "127.0.0.1:9111", "farm://encodefarm@127.0.0.1:9111" })
        {
            (
                await FailsAsync(() => Farm.One_.MemberAsync("leave", new(address), Stop))
            ).Problem.ShouldBe(
                new Problem(
                    $"'{address}' is the address of two and three, each on a machine of its own.",
                    "Give the name.",
                    "conflict"
                )
            );
        }
        (await Farm.One_.MembersAsync(Stop)).Members.ShouldAllBe(member => member.Status == "up");

        await Farm.One_.MemberAsync("down", new("three"), Stop);
        await Farm.One_.MemberAsync("leave", new("127.0.0.1:9111"), Stop);
        (await Farm.One_.MembersAsync(Stop))
            .Members.Single(member => member.Name == "two")
            .Status.ShouldBe("leaving");
    }

    [Fact]
    public async Task An_unreachable_member_can_not_leave_but_can_be_downed()
    {
        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Reach(ApiFixture.Two.Address, true)
            .Table;

        var error = await FailsAsync(() => Farm.One_.MemberAsync("leave", new("two"), Stop));
        error.Status.ShouldBe(409);
        error.Message.ShouldEndWith("Use 'cluster down -a two' to give it up.");
        (await FailsAsync(() => Farm.One_.SlotsAsync("two", 3, Stop))).Status.ShouldBe(503);
        (await Farm.One_.DownUnreachableAsync(Stop)).Message.ShouldBe("Down: two.");
        (await Farm.One_.DownUnreachableAsync(Stop)).Message.ShouldBe("No member is unreachable.");
    }

    [Fact]
    public async Task The_coordinator_is_downed_by_force_only()
    {
        var error = await FailsAsync(() => Farm.Two_.MemberAsync("down", new("one"), Stop));
        error.Message.ShouldContain("--force");

        await Farm.Two_.MemberAsync("down", new("one", Force: true), Stop);
        Farm.Coordinator.Members.Members[0].IsAlive.ShouldBeFalse();
    }

    [Fact]
    public async Task Slots_of_a_worker_are_changed_by_its_coordinator()
    {
        await Farm.Two_.SlotsAsync("two", 5, Stop);

        Farm.Coordinator.Sent.ShouldBe([("two", new SetSlots(7, 5))]);
        (await FailsAsync(() => Farm.Two_.SlotsAsync("two", 0, Stop))).Status.ShouldBe(400);
        (await FailsAsync(() => Farm.Two_.SlotsAsync("three", 1, Stop))).Problem.ShouldBe(
            new Problem("No member is called 'three'.", "There are one, two.", "not-found")
        );
    }

    [Fact]
    public async Task Labels_of_a_worker_are_changed_by_its_coordinator()
    {
        Farm.Running(Farm.Job(), (0, "two"));
        var asked = new LabelsRequest(new Dictionary<string, string> { ["gpu"] = "yes" }, ["rack"]);

        var labels = (await Farm.Two_.LabelsAsync("two", asked, Stop)).Labels;

        labels.ShouldBe(new Dictionary<string, string> { ["gpu"] = "yes" });
        Farm.Coordinator.Sent.Single()
            .ShouldSatisfyAllConditions(
                sent => sent.Node.ShouldBe("two"),
                sent =>
                    sent.Message.ShouldBeOfType<SetLabels>()
                        .Change.ShouldSatisfyAllConditions(
                            change => change.Set.ToString().ShouldBe("gpu=yes"),
                            change => change.Remove.ShouldBe(["rack"])
                        )
            );
        var wrong = new LabelsRequest(new Dictionary<string, string> { ["gpu"] = "a b" });
        (await FailsAsync(() => Farm.Two_.LabelsAsync("two", wrong, Stop))).Status.ShouldBe(400);
        var many = Enumerable.Range(0, 65).ToDictionary(n => $"k{n}", _ => "v");
        (await FailsAsync(() => Farm.Two_.LabelsAsync("two", new(many), Stop))).Status.ShouldBe(
            400
        );
    }

    [Fact]
    public async Task The_guard_of_a_worker_is_changed_by_its_coordinator()
    {
        Farm.Running(Farm.Job(), (0, "two"));

        var guard = await Farm.Two_.GuardAsync("two", new GuardRequest(High: 70), Stop);

        (guard.Node, guard.High, guard.Low).ShouldBe(("two", 70, 30));
        Farm.Coordinator.Sent.ShouldBe([("two", new SetGuard(7, 70, 30))]);
        (await Farm.One_.GuardAsync("two", Stop)).ShouldBe(guard);
        foreach (var wrong in new GuardRequest[] { new(0), new(101), new(Low: -1), new(20, 30) })
        {
            (await FailsAsync(() => Farm.Two_.GuardAsync("two", wrong, Stop))).Status.ShouldBe(400);
        }
    }

    [Fact]
    public async Task The_guard_of_a_worker_that_was_not_heard_is_not_known()
    {
        (await FailsAsync(() => Farm.Two_.GuardAsync("two", Stop))).Problem.ShouldBe(
            new Problem(
                "The guard of 'two' is not known: it has not told of it.",
                "See 'cluster show'.",
                ProblemKind.Unavailable
            )
        );
        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Reach(ApiFixture.Two.Address, true)
            .Table;
        (
            await FailsAsync(() => Farm.One_.GuardAsync("two", new GuardRequest(70), Stop))
        ).Message.ShouldStartWith("The guard of 'two' is not known: it is unreachable.");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task A_worker_that_does_not_answer_has_done_nothing(int slots)
    {
        Farm.Running(Farm.Job(), (0, "two"));
        Farm.Coordinator.IsFrozen = true;
        // What it was heard of before is no answer, also where it is as wished.
        Farm.Time.Advance(TimeSpan.FromSeconds(1));

        var asked = FailsAsync(() => Farm.One_.SlotsAsync("two", slots, Stop));
        var labels = new LabelsRequest(new Dictionary<string, string> { ["gpu"] = "yes" });
        var labelled = FailsAsync(() => Farm.One_.LabelsAsync("two", labels, Stop));
        var guarded = FailsAsync(() => Farm.One_.GuardAsync("two", new GuardRequest(70), Stop));
        asked.IsCompleted.ShouldBeFalse();
        Farm.Time.Advance(TimeSpan.FromSeconds(1.2));

        (await asked).Problem.ShouldBe(
            new Problem(
                "'two' has not answered yet. The wish was sent and is not recorded: 'two' carries it out when it goes on soon, or forgets it.",
                "See 'node show -a two', and ask again.",
                ProblemKind.Timeout
            )
        );
        (await labelled).Status.ShouldBe(504);
        (await guarded).Status.ShouldBe(504);
    }

    [Fact]
    public async Task Nodes_show_what_they_work_on()
    {
        Farm.Job("job");
        Farm.Running("job", (0, "two"), (1, "two"), (2, "one"));

        var two = await Farm.Two_.NodeAsync("two", Stop);

        (two.Slots, two.Running, two.Closed).ShouldBe((2, 2, null));
        two.Attempts.Select(a => (a.Job, a.Rendition, a.Segment))
            .ShouldBe([("job", "r0", 0), ("job", "r0", 1)]);
        (await Farm.Two_.NodesAsync(Stop)).Nodes.Count.ShouldBe(2);
        (await Farm.Two_.LeaderAsync(Stop)).ShouldBe(
            new LeaderInfo("farm://encodefarm@127.0.0.1:9110", "one", 7)
        );
    }
}
