using System.Globalization;

namespace EncodeFarm.Drills.Tests;

/// <summary>Workers come, go, die and return; the file is always the same.</summary>
[Collection("broker")]
public sealed class WorkerDrills(BrokerServer broker, ITestOutputHelper output)
{
    [Fact]
    public async Task A_coordinator_and_three_workers_make_the_same_file_as_one_machine()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        cluster.Start("w3", "worker");
        await cluster.UpAsync(coordinator, "c", "w1", "w2", "w3");
        var job = await cluster.SubmitAsync(coordinator);
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        var events = await cluster.EventsAsync(coordinator, job);
        events.Count(e => e.Type == "segment-encoded.v1").ShouldBe(DrillClip.Segments);
        // The nodes share no directory: the source has reached the workers in pieces.
        events.Count(e => e.Type == "piece-cut.v1").ShouldBe(DrillClip.Segments);
    }

    /// <summary>A single trial on a busy machine has more time than <see cref="A_worker_that_is_lost_often_is_replaced_in_time"/> measures.</summary>
    [Fact]
    public Task A_worker_that_is_killed_is_replaced_in_time() => LoseAsync("kill", 60, trials: 1);

    [Theory]
    [InlineData("kill", 6, 12)]
    [InlineData("freeze", 10, 12)]
    [InlineData("cut", 10, 12)]
    [Trait("Length", "Long")]
    public Task A_worker_that_is_lost_often_is_replaced_in_time(
        string how,
        double limit,
        int trials
    ) => LoseAsync(how, limit, trials);

    [Fact]
    public Task A_worker_that_is_cut_off_is_replaced_in_time_and_works_on_when_the_network_heals() =>
        LoseAsync("cut", 60, trials: 1);

    async Task LoseAsync(string how, double limit, int trials)
    {
        var network = how == "cut" ? await TestNetwork.MakeAsync() : null;
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real, network);
        var coordinator = cluster.Start("c", "coordinator");
        string[] names = ["w1", "w2", "w3"];
        foreach (var name in names)
        {
            cluster.Start(name, "worker");
        }
        await cluster.UpAsync(coordinator, names);
        var seconds = new List<double>();
        var jobs = new List<string>();
        for (var trial = 0; trial < trials; trial++)
        {
            // Two long segments on three workers: one slot is free.
            var job = await cluster.SubmitAsync(
                coordinator,
                $"job{trial}",
                settings: DrillClip.LongSegments
            );
            // A result that comes late may find its segment running elsewhere, or its job done.
            var late = how == "cut" && trial % 2 == 1;
            var (node, took) = await LoseOneAsync(cluster, coordinator, how, late ? job : null);
            seconds.Add(took);
            await cluster.CompletedAsync(coordinator, job);
            jobs.Add(job);
            if (how == "cut")
            {
                await WorksOnAsync(cluster, coordinator, node, $"after{trial}");
            }
        }
        foreach (var job in jobs)
        {
            (await cluster.HashAsync(coordinator, job)).ShouldBe(
                await cluster.HashAsync(coordinator, jobs[0])
            );
            (await cluster.EventsAsync(coordinator, job))
                .Count(e => e.Type == "segment-encoded.v1")
                .ShouldBe(2);
        }
        Say($"{how} of a worker, seconds until its segment ran elsewhere", seconds);
        seconds.Max().ShouldBeLessThanOrEqualTo(limit);
    }

    /// <summary>The same process gets work again, and what it held back is gone.</summary>
    static async Task WorksOnAsync(
        TestCluster cluster,
        FarmNode coordinator,
        FarmNode node,
        string key
    )
    {
        var job = await cluster.SubmitAsync(coordinator, key);
        await RunsOnAsync(cluster, coordinator, node.Name);
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        node.HasExited.ShouldBeFalse(node.Said);
        await cluster.UntilAsync(
            $"{node.Name} keeps no result",
            () =>
                Task.FromResult(
                    Directory.GetFiles(
                        Path.Combine(node.Work, "worker"),
                        "*",
                        SearchOption.AllDirectories
                    )
                ),
            files => !files.Any(file => file.Contains("/results/", StringComparison.Ordinal))
        );
    }

    /// <param name="job">Which is waited for before the node comes back; null where it comes back as soon as it is replaced.</param>
    /// <returns>The node, and seconds from its loss to the start of its segment on another.</returns>
    static async Task<(FarmNode Node, double Seconds)> LoseOneAsync(
        TestCluster cluster,
        FarmNode coordinator,
        string how,
        string? job
    )
    {
        Contracts.AttemptInfo? victim = null;
        await cluster.UntilAsync(
            "an attempt runs",
            () => cluster.AttemptsAsync(coordinator),
            attempts =>
                (
                    victim = attempts.FirstOrDefault(attempt =>
                        attempt is { Started: true, Fraction: < 0.25 }
                    )
                )
                    is not null
        );
        var node = cluster.Node(victim!.Node);
        await (
            how switch
            {
                "kill" => node.KillAsync(),
                "freeze" => node.FreezeAsync(),
                _ => cluster.CutAsync(node.Name),
            }
        );
        var seconds = await cluster.UntilAsync(
            $"segment {victim.Segment} of {victim.Job} elsewhere",
            () => cluster.AttemptsAsync(coordinator),
            attempts =>
                attempts.Any(attempt =>
                    attempt.Job == victim.Job
                    && attempt.Segment == victim.Segment
                    && attempt.Node != victim.Node
                    && attempt.Started
                )
        );
        if (job is not null)
        {
            await cluster.CompletedAsync(coordinator, job);
        }
        switch (how)
        {
            case "kill":
                cluster.Start(node.Name, "worker");
                break;
            case "freeze":
                await node.ThawAsync();
                break;
            default:
                await cluster.HealAsync(node.Name);
                break;
        }
        await cluster.UpAsync(coordinator, node.Name);
        return (node, seconds);
    }

    void Say(string what, List<double> seconds)
    {
        var sorted = seconds.Order().ToList();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what}: median {sorted[sorted.Count / 2]:0.00}, worst {sorted[^1]:0.00}, {sorted.Count} trials"
            )
        );
    }

    [Fact]
    public async Task A_worker_that_joins_late_gets_work_and_a_drained_one_no_more()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        await cluster.UpAsync(coordinator, "w1");
        var job = await cluster.SubmitAsync(coordinator);
        await RunsOnAsync(cluster, coordinator, "w1");
        // However long a start takes here, there is work left then.
        await TestCluster.OrderAsync(() => coordinator.Api.PauseAsync(job, now: false, default));
        cluster.Start("w2", "worker");
        await cluster.UpAsync(coordinator, "w2");
        await TestCluster.OrderAsync(() => coordinator.Api.ResumeAsync(job, default));
        (await RunsOnAsync(cluster, coordinator, "w2")).ShouldBeLessThan(30);

        await TestCluster.TryAsync(() => coordinator.Api.MemberAsync("drain", new("w1"), default));
        var before = await TestCluster.TryAsync(() => cluster.AttemptsAsync(coordinator));
        await cluster.CompletedAsync(coordinator, job);
        var events = await cluster.EventsAsync(coordinator, job);
        events.ShouldNotContain(e => e.Type == "attempt-lost.v1" || e.Type == "attempt-failed.v1");
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
        before.Count(attempt => attempt.Node == "w1").ShouldBeLessThanOrEqualTo(1);
    }

    static Task<double> RunsOnAsync(TestCluster cluster, FarmNode coordinator, string node) =>
        cluster.UntilAsync(
            $"an attempt on {node}",
            () => cluster.AttemptsAsync(coordinator),
            attempts => attempts.Any(attempt => attempt.Node == node)
        );

    [Fact]
    public async Task A_worker_that_leaves_burns_no_attempt()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var coordinator = cluster.Start("c", "coordinator");
        var leaving = cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        await cluster.UpAsync(coordinator, "w1", "w2");
        var job = await cluster.SubmitAsync(coordinator);
        await RunsOnAsync(cluster, coordinator, "w1");
        await leaving.TerminateAsync();
        await leaving.EndAsync();
        leaving.ExitCode.ShouldBe(0, leaving.Said);
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.EventsAsync(coordinator, job)).ShouldNotContain(e =>
            e.Type == "attempt-lost.v1" || e.Type == "attempt-failed.v1"
        );
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
    }

    [Fact]
    [Trait("Length", "Long")]
    public async Task A_worker_that_is_in_a_hurry_hands_its_segments_back()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var coordinator = cluster.Start("c", "coordinator");
        var leaving = cluster.Start("w1", "worker", settings: ["node.leave_seconds=0"]);
        await cluster.UpAsync(coordinator, "w1");
        var job = await cluster.SubmitAsync(coordinator);
        await RunsOnAsync(cluster, coordinator, "w1");
        await leaving.TerminateAsync();
        await leaving.EndAsync();
        cluster.Start("w2", "worker");
        await cluster.CompletedAsync(coordinator, job);
        (await cluster.EventsAsync(coordinator, job)).ShouldNotContain(e =>
            e.Type == "attempt-lost.v1" || e.Type == "attempt-failed.v1"
        );
        (await cluster.HashAsync(coordinator, job)).ShouldBe(await DrillClip.CalmHashAsync());
    }
}
