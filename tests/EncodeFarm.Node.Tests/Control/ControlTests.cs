using System.Text.Json;
using EncodeFarm.Actors;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Tests;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Tests.Api;

namespace EncodeFarm.Node.Tests.Control;

public sealed class ControlTests : IAsyncDisposable
{
    private readonly ApiFixture _farm = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public void Every_command_of_the_table_is_there()
    {
        var names = _farm
            .ControlOf()
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
        foreach (var palette in _farm.ControlOf().Palettes().Palettes)
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
        _farm.Coordinator.Members = _farm
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
        _farm.Coordinator.Members = MemberTable.Empty.Join(ApiFixture.One).Table;

        (await TextAsync("cluster show")).ShouldBe(
            """
            farm://encodefarm@127.0.0.1:9110 | [coordinator,worker] | joining |  | 0.1.0
            Count: 1 node
            """
        );
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
    [InlineData("system uptime", "up 0s, since 2026-01-02 03:04:05 UTC")]
    [InlineData("system tools", "tool    found  where\nffmpeg  5.1    /usr/bin/ffmpeg")]
    public async Task What_a_worker_answers(string line, string text) =>
        (await TextAsync(line, worker: true)).ShouldBe(text);

    [Fact]
    public async Task Slots_of_this_worker_change_at_once()
    {
        await TextAsync("node slots 3", worker: true);

        _farm.NodeTwo.Slots.ShouldBe(3);
    }

    [Fact]
    public async Task Labels_of_this_worker_change_at_once_and_are_shown()
    {
        await TextAsync("node label gpu=yes rack=2", worker: true);
        (await TextAsync("node label -r rack", worker: true)).ShouldBe("two | gpu=yes");
        _farm.NodeTwo.Labels!.ToString().ShouldBe("gpu=yes");

        _farm.NodeTwo.Labels = null;
        (await RunAsync("node label", worker: true))[^1]
            .Problem!.Error.ShouldBe("'two' is no worker.");
    }

    [Fact]
    public async Task A_node_leaves_by_itself_also_without_a_coordinator()
    {
        _farm.Silence();

        await TextAsync("cluster leave", worker: true);

        _farm.NodeTwo.HasLeft.ShouldBeTrue();
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
    [InlineData("node guard", 1, "'two' has no guard: it is no worker.")]
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
    public async Task Without_a_coordinator_what_only_it_knows_is_refused_within_2_s()
    {
        await using var farm = new ApiFixture(AnswerLimits.Standard);
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
            var clock = System.Diagnostics.Stopwatch.StartNew();
            var lines = await RunAsync(line, worker: true, farm: farm);

            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2.2), line);
            lines[^1].Exit.ShouldBe(1, line);
            lines[^1].Problem!.Advice.ShouldBe("Coordinators as last heard of: one (up).", line);
        }
        (await RunAsync("cluster show", worker: true, farm: farm))[^1].Exit.ShouldBe(0);
    }

    [Fact]
    public async Task Sharding_counts_videos_and_attempts_by_node()
    {
        _farm.Job("0123456789abcdef");
        _farm.Running("0123456789abcdef", (0, "two"), (2, "two"));

        (await TextAsync("cluster-sharding region-stats", worker: true)).ShouldBe(
            """
            videos | one | 1
            attempts | one | 0
            attempts | two | 2
            Count: 3 entities
            """
        );
        (await TextAsync("cluster-sharding locate 0123", worker: true)).ShouldBe(
            """
            videos | 0123456789abcdef | one | /films/a.mkv
            attempts | 7-1 | two | 0123456789abcdef/r0/0
            attempts | 7-2 | two | 0123456789abcdef/r0/2
            """
        );
        (await TextAsync("cluster-sharding locate 7-2")).ShouldBe(
            "attempts | 7-2 | two | 0123456789abcdef/r0/2"
        );
    }

    [Fact]
    public async Task Segments_are_a_table_and_a_map()
    {
        _farm.Job("job", segments: 4);
        _farm.Coordinator.Decide(
            "job",
            new AttemptResult(
                "7-9",
                "job",
                "plan-1",
                new SegmentId(0, 0),
                1,
                "two",
                Samples.Encoded(new SegmentId(0, 0), "7-9")
            )
        );
        _farm.Coordinator.Decide(
            "job",
            new AttemptResult(
                "7-8",
                "job",
                "plan-1",
                new SegmentId(0, 3),
                1,
                "two",
                new AttemptOutcome.Failed(FailureKind.Tool, "it broke")
            )
        );
        _farm.Running("job", (1, "one"));

        (await TextAsync("encode segments job --map")).ShouldBe("r0 [#>.!] 1/4");
        (await TextAsync("encode segments job")).ShouldBe(
            """
            rendition  seg  start  frames  state    node  tries   CRF   VMAF      size
            r0           0      0      48  done     two       1  31.0  93.00  0.98 KiB
            r0           1     48      48  running  one       0     –      –         –  encode 50 %
            r0           2     96      48  waiting            0     –      –         –  no free slot
            r0           3    144      48  waiting            1     –      –         –  tried again in 2s: it broke
            r0 [#>.!] 1/4
            """
        );
    }

    [Fact]
    public async Task A_job_is_shown_listed_and_commanded()
    {
        _farm.Job("job");
        _farm.Running("job", (1, "two"));

        (await TextAsync("encode show job")).ShouldBe(
            """
            job  encoding  /films/a.mkv
              profile test, priority 0, submitted 2026-01-02 03:04:05 UTC
              16 %, 0 of 3 segments, 1 running
              audio 0 of 1 track
              r0 → /out/0.mkv (encoding)
              runs 7-1 job job segment 1 of r0: encode, 50 %, 12.5 fps on two
            """
        );
        (await TextAsync("encode pause job --now")).ShouldBe(
            "job encoding (paused), priority 0: /films/a.mkv"
        );
        _farm.Coordinator.Monitor.Videos["job"].PausedNow.ShouldBeTrue();
        (await TextAsync("encode resume job")).ShouldBe("job encoding, priority 0: /films/a.mkv");
        (await TextAsync("encode priority job -3")).ShouldBe(
            "job encoding, priority -3: /films/a.mkv"
        );
        (await TextAsync("encode list")).ShouldBe(
            """
            id   state     done  segments  profile  source
            job  encoding  16 %       0/3  test     /films/a.mkv
            """
        );
        (await TextAsync("encode cancel job")).ShouldBe("job cancelled, priority -3: /films/a.mkv");
        (await TextAsync("encode list --open")).ShouldBe(
            "id  state  done  segments  profile  source"
        );
    }

    [Fact]
    public async Task Sources_are_submitted_one_by_one_and_a_failure_shows_in_the_exit_code()
    {
        _farm.Files.Write("a.mkv", "video");

        var lines = await RunAsync(
            "encode submit a.mkv b.mkv -p av1-crf",
            directory: _farm.Files.Path
        );

        lines[0].Text!.ShouldEndWith($" submitted: {_farm.Files.Path}/a.mkv with av1-crf");
        lines[0].Json!.Value.GetProperty("created").GetBoolean().ShouldBeTrue();
        lines[1].Problem!.Error.ShouldContain("b.mkv");
        lines[^1].Exit.ShouldBe(1);
    }

    [Fact]
    public async Task The_journal_and_the_report_are_shown()
    {
        _farm.Job("job");

        (await TextAsync("encode events job", worker: true)).ShouldBe(
            """
                1 2026-01-02 03:04:05 debug   Submitted /films/a.mkv with the profile test.
                2 2026-01-02 03:04:05 info    144 frames in 3 segments.
            """
        );
        var report = await RunAsync("encode report job", worker: true);
        report[0].Json!.Value.GetProperty("jobs")[0].GetProperty("id").GetString().ShouldBe("job");
        report.ShouldContain(line => line.Text == "✗ /films/a.mkv: encoding");
    }

    [Fact]
    public async Task Actors_are_a_tree()
    {
        ActorInfo Actor(string path, int depth = 0, int restarts = 0) =>
            new(path, "A", depth, restarts, ActorState.Running, restarts > 0 ? "it broke" : null);
        _farm.NodeOne.Tree =
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
    public async Task The_tail_of_the_cluster_shows_transitions()
    {
        await using var lines = _farm
            .ControlOf(worker: true)
            .RunAsync(Body("cluster tail"), Stop)
            .GetAsyncEnumerator(Stop);
        var next = lines.MoveNextAsync().AsTask();

        _farm.NodeTwo.Announce(
            new MemberReachability(ApiFixture.One.Address, true),
            new MemberChanged(ApiFixture.One.Address, MemberStatus.Up, MemberStatus.Down, "silent")
        );

        await next;
        lines.Current.Text.ShouldBe("03:04:05 | farm://encodefarm@127.0.0.1:9110 | unreachable");
        await lines.MoveNextAsync();
        lines.Current.Text.ShouldBe(
            "03:04:05 | farm://encodefarm@127.0.0.1:9110 | up -> down | silent"
        );
    }

    [Fact]
    public async Task Tails_say_how_much_they_have_dropped()
    {
        await using var events = _farm
            .ControlOf(worker: true)
            .RunAsync(Body("cluster tail"), Stop)
            .GetAsyncEnumerator(Stop);
        await using var log = _farm
            .ControlOf()
            .RunAsync(Body("log tail"), Stop)
            .GetAsyncEnumerator(Stop);
        var first = (events.MoveNextAsync().AsTask(), log.MoveNextAsync().AsTask());
        Happen(1);
        await Task.WhenAll(first.Item1, first.Item2);

        Happen(1003);

        await events.MoveNextAsync();
        await log.MoveNextAsync();
        events.Current.Text.ShouldBe("… 3 events were dropped: this reader is too slow.");
        events.Current.Json!.Value.GetProperty("dropped").GetInt64().ShouldBe(3);
        log.Current.Text.ShouldBe("… 3 lines were dropped: this reader is too slow.");
        await events.MoveNextAsync();
        events.Current.Text!.ShouldEndWith("unreachable");

        void Happen(int count)
        {
            for (var number = 0; number < count; number++)
            {
                _farm.NodeTwo.Announce(new MemberReachability(ApiFixture.One.Address, true));
                _farm.Log.Write(new LogLine(Samples.Start, LogLevel.Info, "a line"));
            }
        }
    }

    [Fact]
    public async Task The_log_is_peeked_and_tailed_by_level()
    {
        _farm.Log.Write(new LogLine(Samples.Start, LogLevel.Info, "one"));
        _farm.Log.Write(new LogLine(Samples.Start, LogLevel.Warning, "two"));

        (await TextAsync("log peek -n 1")).ShouldBe("03:04:05 warning two");

        await using var lines = _farm
            .ControlOf()
            .RunAsync(Body("log tail -l warning"), Stop)
            .GetAsyncEnumerator(Stop);
        var next = lines.MoveNextAsync().AsTask();
        _farm.Log.Write(new LogLine(Samples.Start, LogLevel.Info, "three"));
        _farm.Log.Write(new LogLine(Samples.Start, LogLevel.Error, "four"));
        await next;
        lines.Current.Text.ShouldBe("03:04:05 error   four");
    }

    [Fact]
    public async Task Completion_asks_for_jobs_nodes_and_profiles()
    {
        _farm.Job("job");
        var control = _farm.ControlOf(worker: true);

        (await control.ValuesAsync("job", Stop)).Values.ShouldBe(["job"]);
        (await control.ValuesAsync("node", Stop)).Values.ShouldBe(["one", "two"]);
        (await control.ValuesAsync("profile", Stop)).Values.ShouldContain("av1-vmaf");
        (await control.ValuesAsync("x", Stop)).Values.ShouldBeEmpty();
    }

    [Fact]
    public async Task Watching_ends_with_the_job_and_tells_how_it_went()
    {
        var control = new ControlHost(
            new ControlContext(
                _farm.NodeOne,
                new FarmApi(_farm.ApiOne.HandleAsync),
                _farm.Log,
                TimeProvider.System
            )
        );
        _farm.Job("job");
        _farm.Running("job", (1, "two"));
        await using var lines = control
            .RunAsync(Body("encode watch job"), Stop)
            .GetAsyncEnumerator(Stop);

        await lines.MoveNextAsync();
        lines.Current.Text.ShouldBe("job a.mkv: encoding, 16 %, segments 0/3");
        lines.Current.Json!.Value.GetProperty("id").GetString().ShouldBe("job");
        _farm.Coordinator.Decide("job", new Cancel());
        await lines.MoveNextAsync();
        lines.Current.Text.ShouldBe("✗ job cancelled: /films/a.mkv");
        await lines.MoveNextAsync();
        lines.Current.Exit.ShouldBe(1);
        (await lines.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task A_terminal_gets_bars_of_jobs_nodes_and_slots()
    {
        _farm.Job("job");
        _farm.Running("job", (1, "two"));
        await using var lines = _farm
            .ControlOf()
            .RunAsync(Body("encode watch", width: 100), Stop)
            .GetAsyncEnumerator(Stop);

        await lines.MoveNextAsync();

        string.Join('\n', lines.Current.Live!.Split('\n').Select(line => line.TrimEnd()))
            .ShouldBe(
                """
                a.mkv     ━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   16 %  encoding · 0/3 segments
                one       ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌    0/2
                two       ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌    1/2  12.5 fps
                  slot 1  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌   50 %  job segment 1 of r0 · encode · 12.5 fps

                """
            );
    }

    private async Task<string> TextAsync(string line, bool worker = false)
    {
        var lines = await RunAsync(line, worker);
        lines[^1].Exit.ShouldBe(0, lines[^1].Problem?.Sentence());
        return string.Join(
            '\n',
            lines.Select(l => l.Text).OfType<string>().Select(t => t.TrimEnd())
        );
    }

    private async Task<List<ControlLine>> RunAsync(
        string line,
        bool worker = false,
        string? directory = null,
        ApiFixture? farm = null
    )
    {
        var lines = new List<ControlLine>();
        await foreach (
            var reply in (farm ?? _farm)
                .ControlOf(worker)
                .RunAsync(Body(line, null, directory), Stop)
        )
        {
            lines.Add(reply);
        }
        return lines;
    }

    private static string Body(string line, int? width = null, string? directory = null) =>
        ContractsJson.Write(
            new ControlRequest(CommandText.Parse(line).Words, width, Directory: directory)
        );
}
