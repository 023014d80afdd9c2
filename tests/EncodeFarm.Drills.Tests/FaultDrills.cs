namespace EncodeFarm.Drills.Tests;

/// <summary>Nodes that fail everything, and segments that fail everywhere.</summary>
[Collection("broker")]
public sealed class FaultDrills(BrokerServer broker) : IDisposable
{
    readonly TestDirectory _tools = new("encodefarm-bad-tools");

    public void Dispose() => _tools.Dispose();

    /// <summary>
    /// The tools of all nodes of a drill, the same file for each, or they would not be given each other's work: an ffmpeg
    /// that fails on some nodes, or in some jobs.
    /// </summary>
    /// <param name="condition">Of the shell, about "$DRILL $*".</param>
    /// <param name="disaster">What it does then.</param>
    /// <param name="mark">The node's DRILL.</param>
    Dictionary<string, string> Tools(string condition, string disaster, string mark = "")
    {
        var path = _tools.File("ffmpeg");
        if (!File.Exists(path) && !OperatingSystem.IsWindows())
        {
            File.WriteAllText(
                path,
                $"""
                #!/bin/sh
                case "$DRILL $*" in
                    {condition}) {disaster} ;;
                esac
                exec ffmpeg "$@"

                """
            );
            File.SetUnixFileMode(
                path,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        return new Dictionary<string, string> { ["ENCODEFARM_FFMPEG"] = path, ["DRILL"] = mark };
    }

    [Fact]
    public async Task A_worker_that_fails_everything_gets_a_rest_after_three_segments()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var tools = Tools("bad*libsvtav1*", "exit 1");
        var bad = Tools("bad*libsvtav1*", "exit 1", mark: "bad");
        var coordinator = cluster.Start("c", "coordinator", environment: tools);
        cluster.Start("bad", "worker", slots: 2, environment: bad);
        cluster.Start("good", "worker", environment: tools);
        await cluster.UpAsync(coordinator, "bad", "good");
        var job = await cluster.SubmitAsync(coordinator);
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        var failures = (await cluster.EventsAsync(coordinator, job)).Count(e =>
            e.Type == "attempt-failed.v1"
        );
        failures.ShouldBeInRange(3, 5, cluster.Logs());
        var node = await TestCluster.TryAsync(() => coordinator.Api.NodeAsync("bad", default));
        node.Closed.ShouldNotBeNull().ShouldContain("breaker open until");
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_segment_that_fails_everywhere_fails_its_job_and_no_other()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        // The encoder of this one job is killed on whichever node it runs.
        var tools = Tools("*-crf\\ 63*", "kill -9 $$");
        var coordinator = cluster.Start("c", "coordinator", environment: tools);
        cluster.Start("w1", "worker", environment: tools);
        cluster.Start("w2", "worker", environment: tools);
        await cluster.UpAsync(coordinator, "w1", "w2");
        var poisoned = await cluster.SubmitAsync(
            coordinator,
            "poisoned",
            settings:
            [
                .. DrillClip.LongSegments.Where(s =>
                    !s.StartsWith("encoding.crf", StringComparison.Ordinal)
                ),
                "encoding.crf=63",
            ]
        );
        var healthy = await cluster.SubmitAsync(coordinator, "healthy");
        await cluster.CompletedAsync(coordinator, healthy);
        await cluster.UntilAsync(
            "the poisoned job failed",
            async () => (await coordinator.Api.JobAsync(poisoned, default)).Job,
            info => info.State == "Failed"
        );
        var failed = (
            await TestCluster.TryAsync(() => coordinator.Api.JobAsync(poisoned, default))
        ).Job;
        failed.Error.ShouldNotBeNull().ShouldContain("failed 4 times");
        var events = await cluster.EventsAsync(coordinator, poisoned);
        var attempts = events.Where(e => e.Type == "attempt-failed.v1").ToList();
        attempts.Count.ShouldBeGreaterThanOrEqualTo(4);
        foreach (var node in new[] { "w1", "w2" })
        {
            attempts.ShouldContain(e => e.Text.Contains($" on {node}:", StringComparison.Ordinal));
        }
        (await cluster.HashAsync(coordinator, healthy)).ShouldBe(await DrillClip.CalmHashAsync());
    }

    [Fact]
    public async Task Two_nodes_with_one_name_and_a_wrong_token_are_told_so()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Quick);
        var coordinator = cluster.Start(
            "c",
            "coordinator",
            settings: ["node.token=a-token-of-the-cluster"]
        );
        var good = cluster.Start("w", "worker", settings: ["node.token=a-token-of-the-cluster"]);
        await cluster.UntilAsync(
            "w is up",
            () => Task.FromResult(good.Said),
            said => said.Contains("w is up.", StringComparison.Ordinal)
        );
        var stranger = cluster.Start(
            "x",
            "worker",
            settings: ["node.token=another-token-altogether"]
        );
        await stranger.EndAsync();
        stranger.ExitCode.ShouldBe(2, stranger.Said);
        stranger.Said.ShouldContain("its token is not the cluster's");
        await cluster.UntilAsync(
            "the coordinator says it",
            () => Task.FromResult(coordinator.Said),
            said => said.Contains("The node 'x' was refused", StringComparison.Ordinal)
        );

        using var twin = cluster.StartTwin("w", ["node.token=a-token-of-the-cluster"]);
        await cluster.UntilAsync(
            "the twin is refused",
            () => Task.FromResult(twin.Said),
            said => said.Contains("Another node is called 'w'", StringComparison.Ordinal)
        );
        good.HasExited.ShouldBeFalse();
    }

    /// <summary>The first coordinator announces itself more seldom than the second one listens.</summary>
    [Fact]
    public async Task A_second_coordinator_or_store_beside_one_with_SQLite_is_told_so()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        string[] seldom =
        [
            "cluster.beat_seconds=3",
            "cluster.unreachable_seconds=12",
            "cluster.down_seconds=30",
        ];
        var first = cluster.Start("one", "coordinator", settings: seldom);
        await cluster.UpAsync(first, "one");
        var second = cluster.Start("two", "coordinator", settings: seldom);
        var store = cluster.Start("three", "store", settings: seldom);

        await second.EndAsync();
        second.ExitCode.ShouldBe(2, second.Said);
        second.Said.ShouldContain("has a coordinator already, 'one'");
        await store.EndAsync();
        store.ExitCode.ShouldBe(2, store.Said);
        store.Said.ShouldContain("The coordinator 'one' keeps the store itself");
        first.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task Wrong_credentials_of_the_broker_are_said_in_words()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Quick);
        var node = cluster.Start(
            "w",
            "worker",
            settings: [$"cluster.broker={broker.Address.Replace("guest:guest", "guest:wrong")}"],
            broker: false
        );
        await node.EndAsync();
        node.ExitCode.ShouldNotBe(0);
        node.Said.ShouldContain("refuses");
        node.Said.ShouldNotContain("guest:wrong");
    }
}
