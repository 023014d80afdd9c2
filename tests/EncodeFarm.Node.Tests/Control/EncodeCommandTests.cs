using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Control;

namespace EncodeFarm.Node.Tests.Control;

/// <summary>Jobs, their segments and their sources.</summary>
public sealed class EncodeCommandTests : ControlCaller
{
    [Fact]
    public async Task Sharding_counts_videos_and_attempts_by_node()
    {
        Farm.Job("0123456789abcdef");
        Farm.Running("0123456789abcdef", (0, "two"), (2, "two"));

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
        Farm.Job("job", segments: 4);
        Farm.Coordinator.Decide(
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
        Farm.Coordinator.Decide(
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
        Farm.Running("job", (1, "one"));

        (await TextAsync("encode segments job --map")).ShouldBe("r0 [#>.!] 1/4");
        (await RunAsync("encode segments job --map"))[0]
            .Json!.Value.GetRawText()
            .ShouldBe(ContractsJson.Write(new SegmentMapRow("r0", "#>.!", 1, 4)));
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
        Farm.Job("job");
        Farm.Running("job", (1, "two"));

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
        Farm.Coordinator.Monitor.Videos["job"].PausedNow.ShouldBeTrue();
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
        Farm.Files.Write("a.mkv", "video");

        var lines = await RunAsync(
            "encode submit a.mkv b.mkv -p av1-crf",
            directory: Farm.Files.Path
        );

        lines[0].Text!.ShouldEndWith($" submitted: {Farm.Files.Path}/a.mkv with av1-crf");
        lines[0].Json!.Value.GetProperty("created").GetBoolean().ShouldBeTrue();
        lines[1].Problem!.Error.ShouldContain("b.mkv");
        lines[^1].Exit.ShouldBe(1);
    }

    [Fact]
    public async Task The_journal_and_the_report_are_shown()
    {
        Farm.Job("job");

        (await TextAsync("encode events job", worker: true)).ShouldBe(
            """
                1 2026-01-02 03:04:05 debug   Submitted /films/a.mkv with the profile test.
                2 2026-01-02 03:04:05 info    144 frames in 3 segments.
            """
        );
        var report = await RunAsync("encode report job", worker: true);
        report[0].Json!.Value.GetProperty("jobs")[0].GetProperty("id").GetString().ShouldBe("job");
        report.ShouldContain(line => line.Text == "… /films/a.mkv: encoding");
    }

    [Fact]
    public async Task Watching_ends_with_the_job_and_tells_how_it_went()
    {
        var control = new ControlHost(
            new ControlContext(Farm.NodeOne, Farm.ApiOne.HandleAsync, Farm.Log, TimeProvider.System)
        );
        Farm.Job("job");
        Farm.Running("job", (1, "two"));
        await using var lines = control
            .RunAsync(Body("encode watch job"), Stop)
            .GetAsyncEnumerator(Stop);

        await lines.MoveNextAsync();
        lines.Current.Text.ShouldBe("job a.mkv: encoding, 16 %, segments 0/3");
        lines.Current.Json!.Value.GetProperty("id").GetString().ShouldBe("job");
        Farm.Coordinator.Decide("job", new Cancel());
        await lines.MoveNextAsync();
        lines.Current.Text.ShouldBe("✗ job cancelled: /films/a.mkv");
        await lines.MoveNextAsync();
        lines.Current.Exit.ShouldBe(1);
        (await lines.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Watching_asks_again_when_something_has_changed()
    {
        var asked = new SemaphoreSlim(0);
        var control = new ControlHost(
            new ControlContext(
                Farm.NodeOne,
                (request, cancellation) =>
                {
                    var answer = Farm.ApiOne.HandleAsync(request, cancellation);
                    if (request.Path == "nodes")
                    {
                        asked.Release();
                    }
                    return answer;
                },
                Farm.Log,
                TimeProvider.System
            )
        );
        Farm.Job("job");
        Farm.Running("job", (1, "two"));
        await using var lines = control
            .RunAsync(Body("encode watch job", width: 100), Stop)
            .GetAsyncEnumerator(Stop);
        await lines.MoveNextAsync();
        await asked.WaitAsync(Stop);

        // The farm's clock stands still: without a change the answer would not come.
        var next = lines.MoveNextAsync().AsTask();
        await asked.WaitAsync(Stop);
        next.IsCompleted.ShouldBeFalse();
        Farm.Running("job", (1, "two"), (2, "one"));

        await next.WaitAsync(Stop);
        lines.Current.Live!.ShouldContain("job segment 2 of r0");
        asked.CurrentCount.ShouldBe(0);
    }

    [Fact]
    public async Task A_terminal_gets_bars_of_jobs_nodes_and_slots()
    {
        Farm.Job("job");
        Farm.Running("job", (1, "two"));

        (await BarsAsync()).ShouldBe(
            """
            a.mkv     ━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌   16 %  encoding · 0/3 segments
            one       ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌    0/2
            two       ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌    1/2  12.5 fps
              slot 1  ━━━━━━━━━━━━╌╌╌╌╌╌╌╌╌╌╌╌   50 %  job segment 1 of r0 · encode · 12.5 fps

            """
        );
    }

    [Fact]
    public async Task A_node_that_is_not_heard_of_stays_among_the_bars_and_is_marked()
    {
        Farm.Job("job");
        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Reach(ApiFixture.Two.Address, true)
            .Table;

        (await BarsAsync()).ShouldBe(
            """
            a.mkv  ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌    0 %  encoding · 0/3 segments
            two    ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌      –  ⚠ unreachable

            """
        );

        Farm.Coordinator.Members = Farm
            .Coordinator.Members.Down(ApiFixture.Two.Address, "it died")
            .Table;
        (await BarsAsync()).ShouldNotContain("two");
    }

    private async Task<string> BarsAsync()
    {
        await using var lines = Farm.ControlOf()
            .RunAsync(Body("encode watch", width: 100), Stop)
            .GetAsyncEnumerator(Stop);
        await lines.MoveNextAsync();
        return string.Join('\n', lines.Current.Live!.Split('\n').Select(line => line.TrimEnd()));
    }
}
