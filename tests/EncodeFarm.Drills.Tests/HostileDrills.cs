using System.Diagnostics;

namespace EncodeFarm.Drills.Tests;

/// <summary>Several losses at once, losses at bad moments, and work directories that go bad.</summary>
[Collection("broker")]
public sealed class HostileDrills(BrokerServer broker, PostgresServer postgres)
{
    static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Two coordinators, a store, and workers.</summary>
    async Task<(TestCluster Cluster, FarmNode Anybody)> StartAsync(Pace pace)
    {
        var cluster = await TestCluster.StartAsync(broker, postgres, pace);
        var anybody = cluster.Start("store", "store");
        cluster.Start("c1", "coordinator");
        cluster.Start("c2", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        await cluster.UpAsync(anybody, "store", "c1", "c2", "w1", "w2");
        return (cluster, anybody);
    }

    static Task<double> SomeDoneAsync(TestCluster cluster, FarmNode at, string job, int segments) =>
        cluster.UntilAsync(
            $"{segments} segments done",
            () => at.Api.JobAsync(job, default),
            detail => detail.Job.SegmentsDone >= segments
        );

    static async Task OnceEachAsync(TestCluster cluster, FarmNode at, string job)
    {
        await cluster.CompletedAsync(at, job);
        (await cluster.HashAsync(at, job)).ShouldBe(await DrillClip.QuickHashAsync());
        (await cluster.EventsAsync(at, job))
            .Count(e => e.Type == "segment-encoded.v1")
            .ShouldBe(DrillClip.Segments, cluster.Logs());
        new DirectoryInfo(cluster.Outputs)
            .EnumerateFileSystemInfos()
            .Select(entry => entry.Name)
            .ShouldBe(["job.mkv"]);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task Worker_and_coordinator_are_killed_in_the_same_second()
    {
        var (cluster, anybody) = await StartAsync(Pace.Quick);
        await using var _ = cluster;
        var job = await cluster.SubmitAsync(anybody, settings: DrillClip.QuickSettings);
        await SomeDoneAsync(cluster, anybody, job, 1);
        var old = cluster.Node(
            (await TestCluster.TryAsync(() => anybody.Api.LeaderAsync(default))).Name
        );
        await Task.WhenAll(old.KillAsync(), cluster.Node("w1").KillAsync());
        cluster.Start("w1", "worker");
        cluster.Start(old.Name, "coordinator");
        await OnceEachAsync(cluster, anybody, job);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task The_broker_is_killed_during_a_takeover()
    {
        var (cluster, anybody) = await StartAsync(Pace.Real);
        await using var _ = cluster;
        var job = await cluster.SubmitAsync(anybody, settings: DrillClip.QuickSettings);
        await SomeDoneAsync(cluster, anybody, job, 1);
        await cluster
            .Node((await TestCluster.TryAsync(() => anybody.Api.LeaderAsync(default))).Name)
            .KillAsync();
        await Task.Delay(2 * Moment);
        await broker.KillAsync();
        await Task.Delay(6 * Moment);
        await broker.StartAsync();
        await OnceEachAsync(cluster, anybody, job);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task The_database_stands_still_for_15_seconds()
    {
        var (cluster, anybody) = await StartAsync(Pace.Real);
        await using var _ = cluster;
        var job = await cluster.SubmitAsync(anybody, settings: DrillClip.QuickSettings);
        await SomeDoneAsync(cluster, anybody, job, 1);
        postgres.Freeze();
        await Task.Delay(15 * Moment);
        postgres.Thaw();
        await OnceEachAsync(cluster, anybody, job);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_worker_stands_still_again_and_again_and_another_dies_as_soon_as_it_joins()
    {
        var (cluster, anybody) = await StartAsync(Pace.Real);
        await using var _ = cluster;
        var job = await cluster.SubmitAsync(anybody, settings: DrillClip.QuickSettings);
        for (var time = 0; time < 4; time++)
        {
            await cluster.Node("w1").FreezeAsync();
            var young = cluster.Start("young", "worker");
            await cluster
                .UntilAsync(
                    "it has joined",
                    () => Task.FromResult(young.Said),
                    said => said.Contains("young is up.", StringComparison.Ordinal),
                    3 * Moment
                )
                .ContinueWith(_ => { }, TaskScheduler.Default);
            await young.KillAsync();
            await cluster.Node("w1").ThawAsync();
            await Task.Delay(Moment);
        }
        await OnceEachAsync(cluster, anybody, job);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_coordinator_is_restarted_within_a_second_three_times()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        await cluster.UpAsync(coordinator, "w1");
        var job = await cluster.SubmitAsync(coordinator, settings: DrillClip.QuickSettings);
        for (var done = 1; done <= 3; done++)
        {
            await SomeDoneAsync(cluster, coordinator, job, done);
            await coordinator.KillAsync();
            coordinator = cluster.Start("c", "coordinator");
        }
        await OnceEachAsync(cluster, coordinator, job);
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task The_store_is_killed_again_and_again_while_workers_upload()
    {
        var (cluster, anybody) = await StartAsync(Pace.Real);
        await using var _ = cluster;
        var c1 = cluster.Node("c1");
        var job = await cluster.SubmitAsync(anybody, settings: DrillClip.QuickSettings);
        for (var done = 1; done <= 3; done++)
        {
            await SomeDoneAsync(cluster, c1, job, done);
            await cluster.Node("store").KillAsync();
            await Task.Delay(2 * Moment);
            cluster.Start("store", "store");
        }
        await OnceEachAsync(cluster, c1, job);
    }

    /// <summary>All are started at once, and the database is the last to be ready.</summary>
    [Fact]
    public async Task A_coordinator_waits_for_its_database()
    {
        await using var cluster = await TestCluster.StartAsync(broker, postgres, Pace.Quick);
        var anybody = cluster.Start("store", "store");
        await postgres.StopAsync();
        var early = cluster.Start("c1", "coordinator");
        await cluster.UntilAsync(
            "it waits",
            () => Task.FromResult(early.Said),
            said => said.Contains("Is PostgreSQL running there? Trying again.")
        );
        await postgres.StartAsync();
        await cluster.UpAsync(anybody, "c1");
    }

    /// <summary>Somebody makes room with a broom.</summary>
    [Fact]
    [Trait("Length", "Long")]
    public async Task A_worker_whose_work_directory_vanishes_works_on()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator");
        var worker = cluster.Start("w1", "worker", slots: 2);
        await cluster.UpAsync(coordinator, "w1");
        var job = await cluster.SubmitAsync(coordinator, settings: DrillClip.QuickSettings);
        await SomeDoneAsync(cluster, coordinator, job, 1);
        Directory.Delete(worker.Work, recursive: true);
        await OnceEachAsync(cluster, coordinator, job);
        worker.HasExited.ShouldBeFalse(worker.Said);
        (
            await TestCluster.TryAsync(() => coordinator.Api.NodeAsync("w1", default))
        ).Closed.ShouldBeNull(cluster.Logs());
    }

    [Theory]
    [Trait("Length", "Long")]
    [InlineData("full", "disk full")]
    [InlineData("read-only", "Read-only file system")]
    public async Task A_worker_whose_disk_goes_bad_says_so_and_the_others_do_its_work(
        string how,
        string words
    )
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var place = cluster.WorkOf("bad");
        await MountAsync("mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", place);
        try
        {
            var coordinator = cluster.Start("c", "coordinator");
            var bad = cluster.Start("bad", "worker", slots: 2);
            await cluster.UpAsync(coordinator, "bad");
            var job = await cluster.SubmitAsync(coordinator, settings: DrillClip.QuickSettings);
            await SomeDoneAsync(cluster, coordinator, job, 1);
            if (how == "full")
            {
                await MountAsync("fallocate", "-l", "44m", Path.Combine(place, "ballast"));
            }
            else
            {
                await MountAsync("mount", "--bind", place, place);
                await MountAsync("mount", "-o", "remount,bind,ro", place);
            }
            cluster.Start("good", "worker");
            await OnceEachAsync(cluster, coordinator, job);
            bad.HasExited.ShouldBeFalse(bad.Said);
            var events = await cluster.EventsAsync(coordinator, job);
            events.Count(e => e.Type == "attempt-failed.v1").ShouldBeLessThanOrEqualTo(5);
            var told =
                $"{(await TestCluster.TryAsync(() => coordinator.Api.NodeAsync("bad", default))).Closed} {cluster.Logs()} {string.Join(' ', events.Select(e => e.Text))}";
            told.ShouldContain(words);
        }
        finally
        {
            cluster.Nodes.ForEach(node => node.Dispose());
            if (how == "read-only")
            {
                await MountAsync("umount", "-l", place);
            }
            await MountAsync("umount", "-l", place);
        }
    }

    static async Task MountAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardError = true }
        )!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.SkipUnless(process.ExitCode == 0, $"{program}: {error}");
    }
}
