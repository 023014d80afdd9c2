using EncodeFarm.TestMedia;

namespace EncodeFarm.Drills.Tests;

/// <summary>Work goes where it can run, and where it can't run anywhere, somebody says so.</summary>
[Collection("broker")]
public sealed class ResourceDrills(BrokerServer broker, PostgresServer postgres)
{
    static readonly string[] Fast =
    [
        "encoding.preset=12",
        "encoding.crf=40",
        "segment.seconds=2",
        "crop=off",
    ];

    [Fact]
    public async Task A_job_waits_for_a_worker_with_the_memory_and_runs_there_alone()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var one = cluster.Start("one", "coordinator");
        cluster.Start("small", "worker", settings: ["memory.limit=256MiB"]);
        await cluster.UpAsync(one, "one", "small");
        var source = await ClipAsync();
        var job = await cluster.SubmitAsync(one, source: source, settings: Fast);

        const string blocked =
            "blocked: needs 0.4 GiB of memory; the largest worker, small, has 0.2 GiB for it";
        await cluster.UntilAsync(
            "it is blocked",
            () => PbmProcess.RunAsync(one, "encode", "list"),
            list => list.Out.Contains(blocked, StringComparison.Ordinal)
        );
        (await PbmProcess.AnsweredAsync(one, "encode", "segments", job)).Out.ShouldContain(blocked);
        (await PbmProcess.AnsweredAsync(one, "node", "show", "-a", "small")).Out.ShouldContain(
            "(256 MiB for an attempt)"
        );

        cluster.Start("large", "worker");
        await cluster.CompletedAsync(one, job);
        var segments = await TestCluster.TryAsync(() =>
            one.Api.SegmentsAsync(job, TestContext.Current.CancellationToken)
        );
        segments.Segments.ShouldAllBe(segment => segment.Node == "large");

        // All members tell of their machines, also the one that encodes nothing.
        var nodes = await TestCluster.TryAsync(() =>
            one.Api.NodesAsync(TestContext.Current.CancellationToken)
        );
        nodes.Nodes.ShouldAllBe(node =>
            node.Machine!.Cores == Environment.ProcessorCount
            && node.Machine.MemoryFreeBytes > 0
            && node.Machine.DiskFreeBytes > 0
        );
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task Coordinators_with_a_database_and_no_store_end_and_say_why()
    {
        await using var cluster = await TestCluster.StartAsync(broker, postgres, Pace.Quick);
        var lonely = cluster.Start("lonely", "coordinator", broker: false);
        await lonely.EndAsync();
        lonely.ExitCode.ShouldBe(2);
        lonely.Said.ShouldContain("without a broker (cluster.broker) none can join");

        var coordinator = cluster.Start("c", "coordinator");
        await coordinator.EndAsync();
        coordinator.ExitCode.ShouldBe(2);
        coordinator.Said.ShouldContain("none has joined within 30 s. Start one");
    }

    /// <summary>4 s of 1280x720.</summary>
    static async Task<string> ClipAsync()
    {
        var path = Path.Combine(DrillClip.Folder, "hd.mkv");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=1280x720:r=24:d=4",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-g",
            "48",
            path
        );
        return path;
    }
}
