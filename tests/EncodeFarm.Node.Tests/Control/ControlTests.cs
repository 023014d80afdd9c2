using EncodeFarm.Actors;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Tests.Control;

/// <summary>The palettes themselves, members and nodes.</summary>
public sealed class ControlTests : ControlCaller
{
    [Fact]
    public void Every_command_of_the_table_is_there()
    {
        var names = Farm.ControlOf()
            .Palettes()
            .Palettes.Select(palette =>
                $"{palette.Name}: {string.Join(' ', palette.Commands.Select(command => command.Name))}"
            );

        string.Join('\n', names)
            .ShouldBe(
                """
                cluster: show status leader join leave down down-unreachable tail drain undrain
                cluster-sharding: list-regions region-stats entities locate
                actor: system hierarchy
                log: tail peek
                system: uptime version tools
                encode: submit list show segments watch pause resume cancel retry priority report events
                node: list show slots label guard
                """
            );
    }

    [Fact]
    public void Definitions_are_sound()
    {
        foreach (var palette in Farm.ControlOf().Palettes().Palettes)
        {
            foreach (var command in palette.Commands)
            {
                var name = $"{palette.Name} {command.Name}";
                command.Description.ShouldEndWith(".", customMessage: name);
                command.Arguments.Select(a => a.Name).ShouldBeUnique(name);
                command
                    .Arguments.SelectMany(a => a.Switches ?? [])
                    .ToList()
                    .ForEach(s => s.ShouldMatch("^(-[a-z]|--[a-z-]+)$", name));
                // Whatever follows a place that repeats could never be reached.
                command
                    .Arguments.Where(a => a.Positional)
                    .SkipLast(1)
                    .ShouldAllBe(a => !a.Repeats, name);
            }
        }
    }

    [Fact]
    public async Task Cluster_show_has_its_form()
    {
        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Reach(ApiFixture.Two.Address, true)
            .Table;

        (await TextAsync("cluster show")).ShouldBe(
            """
            farm://encodefarm@127.0.0.1:9110 | [coordinator,worker] | up |  | 0.1.0
            farm://encodefarm@127.0.0.1:9111 | [worker] | up | unreachable | 0.1.0
            Count: 2 nodes
            """
        );
    }

    [Fact]
    public async Task Cluster_show_of_one_node_counts_one()
    {
        Farm.Coordinator.Members = MemberTable.Empty.Join(ApiFixture.One).Table;

        (await TextAsync("cluster show")).ShouldBe(
            """
            farm://encodefarm@127.0.0.1:9110 | [coordinator,worker] | joining |  | 0.1.0
            Count: 1 node
            """
        );
    }

    [Fact]
    public async Task Cluster_show_says_where_no_coordinator_is_heard()
    {
        Farm.NodeTwo.Silence = TimeSpan.FromSeconds(2.5);
        (await RunAsync("cluster show", worker: true)).ShouldAllBe(line => line.Problem == null);

        Farm.NodeTwo.Silence = TimeSpan.FromSeconds(12);
        var lines = await RunAsync("cluster show", worker: true);

        lines[^1].Exit.ShouldBe(0);
        lines[^2]
            .Problem!.Sentence()
            .ShouldBe(
                "As of 12 s ago: no coordinator is heard. Coordinators as last heard of: one (up)."
            );
        // The lines that scripts read are as ever.
        (await TextAsync("cluster show", worker: true)).ShouldBe(await TextAsync("cluster show"));
        (await Farm.Two_.MembersAsync(Stop)).AgeSeconds.ShouldBe(12);
    }

    [Theory]
    [InlineData("cluster status", "farm://encodefarm@127.0.0.1:9111 | [worker] | up |  | 0.1.0")]
    [InlineData("cluster leader", "farm://encodefarm@127.0.0.1:9110")]
    [InlineData("cluster join", "'two' is a member: up.")]
    [InlineData("cluster-sharding list-regions", "videos\nattempts")]
    [InlineData("cluster drain", "'two' finishes what it runs and takes nothing new.")]
    [InlineData("cluster drain -a one", "'one' finishes what it runs and takes nothing new.")]
    [InlineData("cluster down-unreachable", "No member is unreachable.")]
    [InlineData("node slots 3", "'two' encodes 3 at a time from now on.")]
    [InlineData("node slots 3 -a one", "'one' encodes 3 at a time from now on.")]
    [InlineData("node label", "two | no labels")]
    [InlineData("node label gpu=yes rack=2", "two | gpu=yes,rack=2")]
    [InlineData("node label rack=2 gpu=yes -r gpu -r disk", "two | gpu=yes,rack=2")]
    [InlineData("node label gpu=yes -a one", "one | gpu=yes")]
    [InlineData(
        "node guard",
        "two | closes above 50 %, opens below 30 %, foreign load 3 %: takes work"
    )]
    [InlineData(
        "node guard --high 60 --low 60",
        "two | closes above 60 %, opens below 60 %, foreign load 3 %: takes work"
    )]
    [InlineData(
        "node guard --high 100 --low 100",
        "two | never closes, foreign load 3 %: takes work"
    )]
    [InlineData("system uptime", "up 0s, since 2026-01-02 03:04:05 UTC")]
    [InlineData("system tools", "tool    found  where\nffmpeg  5.1    /usr/bin/ffmpeg")]
    public async Task What_a_worker_answers(string line, string text) =>
        (await TextAsync(line, worker: true)).ShouldBe(text);

    [Fact]
    public async Task Nodes_show_what_their_machines_have()
    {
        Farm.Job("job");
        Farm.Running("job");
        Farm.Coordinator.Resources = new NodeResources(8, 16L << 30, 9L << 30, 500L << 30)
        {
            ForeignLoad = 3,
            AttemptLimit = 12L << 30,
        };

        (await TextAsync("node list")).ShouldBe(
            """
            node  roles               status  slots  running  cores  memory free  disk free  labels  takes work
            one   coordinator,worker  up          2        0      8     9.00 GiB    500 GiB          yes
            two   worker              up          2        0      8     9.00 GiB    500 GiB          yes
            """
        );
        (await TextAsync("node show -a two")).ShouldEndWith(
            "\n  machine: 8 cores, 9.00 GiB of 16.0 GiB memory free (12.0 GiB for an attempt), 500 GiB disk free, foreign load 3 %"
        );
        var json = (await RunAsync("node show -a two"))[0].Json!.Value;
        json.GetProperty("machine")
            .GetProperty("attemptMemoryBytes")
            .GetInt64()
            .ShouldBe(12L << 30);

        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Down(ApiFixture.Two.Address, "it died")
            .Table;
        (await TextAsync("node show -a two")).ShouldNotContain("machine");

        Farm.Coordinator.Resources = null;
        (await TextAsync("node list")).ShouldContain(
            "0      –            –          –          yes"
        );
    }

    [Fact]
    public async Task Slots_of_this_worker_change_at_once()
    {
        await TextAsync("node slots 3", worker: true);

        Farm.NodeTwo.Slots.ShouldBe(3);
    }

    [Fact]
    public async Task Labels_of_this_worker_change_at_once_and_are_shown()
    {
        await TextAsync("node label gpu=yes rack=2", worker: true);
        (await TextAsync("node label -r rack", worker: true)).ShouldBe("two | gpu=yes");
        Farm.NodeTwo.Labels!.ToString().ShouldBe("gpu=yes");

        Farm.NodeTwo.Labels = null;
        (await RunAsync("node label", worker: true))[^1]
            .Problem!.Error.ShouldBe("'two' is no worker.");
    }

    [Fact]
    public async Task The_guard_of_another_node_is_shown_and_changed()
    {
        Farm.Running(Farm.Job());

        (await TextAsync("node guard -a 127.0.0.1:9110", worker: true)).ShouldBe(
            "one | closes above 50 %, opens below 30 %, foreign load –: takes work"
        );
        (await TextAsync("node guard --low 20 -a one", worker: true)).ShouldBe(
            "one | closes above 50 %, opens below 20 %, foreign load 3 %: takes work"
        );
        (await TextAsync("node guard --high 20 -a one", worker: true)).ShouldStartWith(
            "one | closes above 20 %, opens below 20 %"
        );
        Farm.NodeTwo.Guard!.High.ShouldBe(50);

        Farm.NodeTwo.Guard = null;
        (await RunAsync("node guard", worker: true))[^1]
            .Problem!.Sentence()
            .ShouldBe("'two' is no worker. Name one with -a.");
    }

    [Fact]
    public async Task A_node_leaves_by_itself_also_without_a_coordinator()
    {
        Farm.Silence();

        await TextAsync("cluster leave", worker: true);

        Farm.NodeTwo.HasLeft.ShouldBeTrue();
    }

    [Theory]
    [InlineData("encode show nojob", 6, "There is no job 'nojob'. See 'encode list'.")]
    [InlineData("encode shwo", 2, "There is no command 'encode shwo'. Did you mean 'encode show'?")]
    [InlineData("node slots 0", 2, "<n> is '0', but must be a whole number of 1..256.")]
    [InlineData("node label gpu", 2, "'gpu' is not what labels look like: key=value pairs")]
    [InlineData("node label gpu=yes gpu=no", 2, "each key once. For example gpu=yes.")]
    [InlineData("node label -r gpu=yes", 2, "'gpu=yes' is no key of a label.")]
    [InlineData("node label -a one", 1, "The labels of 'one' are not known")]
    [InlineData("node label gpu=yes -a nobody", 6, "No member is called 'nobody'.")]
    [InlineData("node guard --high 0", 2, "<high> is '0', but must be a whole number of 1..100.")]
    [InlineData("node guard --low 51", 2, "The guard's low, 51, is above its high, 50. Give both.")]
    [InlineData("node guard -a one", 1, "The guard of 'one' is not known")]
    [InlineData("node guard -a nobody", 6, "No member is called 'nobody'.")]
    [InlineData("cluster down -a nobody", 6, "No member is called 'nobody'.")]
    [InlineData("cluster down -a one", 1, "'one' is the coordinator that decides.")]
    [InlineData("cluster undrain -a three", 6, "No member is called 'three'.")]
    [InlineData("cluster-sharding region-stats -r x", 6, "There is no region 'x'.")]
    [InlineData("cluster-sharding locate x", 6, "No unfinished job and no attempt is called 'x'.")]
    [InlineData("actor hierarchy -s /nowhere", 6, "There is no actor '/nowhere' on 'two'.")]
    [InlineData("log tail -l loud", 2, "'loud' is no level.")]
    [InlineData("encode submit a.mkv --key k b.mkv", 2, "--key is for one source.")]
    [InlineData("encode submit a.mkv", 2, "'a.mkv' is not an absolute path.")]
    [InlineData("encode submit /nowhere/a.mkv", 1, "The coordinator 'one' does not see")]
    public async Task What_can_not_be_done_has_its_exit_code(string line, int exit, string words)
    {
        var lines = await RunAsync(line, worker: true);

        lines.Where(l => l.Problem is not null).Single().Problem!.Sentence().ShouldContain(words);
        lines[^1].Exit.ShouldBe(exit);
    }

    [Fact]
    public async Task Without_a_coordinator_what_only_it_knows_is_refused()
    {
        await using var farm = new ApiFixture(
            // Else a slow machine's node says that it took too long, and not why.
            AnswerLimits.Standard with
            {
                Node = TimeSpan.FromMinutes(1),
            }
        );
        farm.Silence();
        foreach (
            var line in new[]
            {
                "encode list",
                "node list",
                "cluster-sharding entities",
                "cluster leader",
            }
        )
        {
            var lines = await RunAsync(line, worker: true, farm: farm);

            lines[^1].Exit.ShouldBe(1, line);
            lines[^1].Problem!.Advice.ShouldBe("Coordinators as last heard of: one (up).", line);
        }
        (await RunAsync("cluster show", worker: true, farm: farm))[^1].Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Actors_are_a_tree()
    {
        ActorInfo Actor(string path, int depth = 0, int restarts = 0) =>
            new(path, "A", depth, restarts, ActorState.Running, restarts > 0 ? "it broke" : null);
        Farm.NodeOne.Tree =
        [
            Actor("/user/videos"),
            Actor("/user/videos-more"),
            Actor("/user/videos/job", 3, 1),
            Actor("/user/videos/job/muxer-0"),
        ];

        (await TextAsync("actor hierarchy")).ShouldBe(
            """
            /user/videos  A, running
              job  A, running, 3 messages waiting, 1 restart, last failure: it broke
                muxer-0  A, running
            /user/videos-more  A, running
            """
        );
        (await TextAsync("actor hierarchy -s /user/videos/job -d 1")).ShouldBe(
            "/user/videos/job  A, running, 3 messages waiting, 1 restart, last failure: it broke"
        );
        (await TextAsync("actor system")).ShouldBe(
            "encodefarm@one | 4 actors | 3 messages waiting | 1 restart"
        );
    }

    [Fact]
    public async Task Completion_asks_for_jobs_nodes_and_profiles()
    {
        Farm.Job("job");
        var control = Farm.ControlOf(worker: true);

        (await OffersAsync("job")).ShouldBe(["job"]);
        (await OffersAsync("node")).ShouldBe(["one", "two"]);
        (await OffersAsync("profile")).ShouldContain("av1-vmaf");
        (await OffersAsync("x")).ShouldBeEmpty();

        async Task<IReadOnlyList<string>> OffersAsync(string kind) =>
            (await control.ValuesAsync(kind, "", Stop)).Values;
    }

    [Fact]
    public async Task Addresses_are_completed_where_they_name_one_member()
    {
        var three = new NodeCard(
            new NodeAddress("three", "three1"),
            "/home/three",
            ["worker"],
            "0.1.0",
            "127.0.0.1:9111"
        );
        var control = Farm.ControlOf();

        (await OffersAsync("1")).ShouldBe([
            "one",
            "two",
            "127.0.0.1:9110",
            "farm://encodefarm@127.0.0.1:9110",
            "127.0.0.1:9111",
            "farm://encodefarm@127.0.0.1:9111",
        ]);

        Farm.Coordinator.Members = Farm.Coordinator.Members.Join(three).Table;
        (await OffersAsync("f")).ShouldBe([
            "one",
            "two",
            "three",
            "127.0.0.1:9110",
            "farm://encodefarm@127.0.0.1:9110",
        ]);

        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Down(ApiFixture.Two.Address, "it died")
            .Table;
        (await OffersAsync("1")).ShouldContain("127.0.0.1:9111");

        async Task<IReadOnlyList<string>> OffersAsync(string word) =>
            (await control.ValuesAsync("node", word, Stop)).Values;
    }
}
