using System.Globalization;
using EncodeFarm.Contracts;

namespace EncodeFarm.Drills.Tests;

/// <summary>The coordinator dies, freezes or comes back; no finished segment is encoded again.</summary>
[Collection("broker")]
public sealed class CoordinatorDrills(
    BrokerServer broker,
    PostgresServer postgres,
    ITestOutputHelper output
)
{
    /// <summary>Journaled results of all segments, once each, whatever happened.</summary>
    static async Task OnceEachAsync(TestCluster cluster, FarmNode at, string job)
    {
        await cluster.CompletedAsync(at, job);
        (await cluster.HashAsync(at, job)).ShouldBe(await DrillClip.CalmHashAsync());
        var rendition = await cluster.RenditionAsync(at, job);
        rendition.GetProperty("segments").GetArrayLength().ShouldBe(DrillClip.Segments);
        (await cluster.EventsAsync(at, job))
            .Count(e => e.Type == "segment-encoded.v1")
            .ShouldBe(DrillClip.Segments, cluster.Logs());
    }

    /// <summary>What was encoded meanwhile is recorded, and further segments run.</summary>
    async Task ResumedAsync(TestCluster cluster, FarmNode at, string job, string what, int outage)
    {
        var took = await cluster.UntilAsync(
            "encoding goes on",
            () => at.Api.JobAsync(job, default),
            detail => detail.Job is { State: "Completed" } || detail.Attempts.Any(a => a.Started)
        );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what} away for {outage} s: resumed {took:0.0} s after its return"
            )
        );
        took.ShouldBeLessThanOrEqualTo(30);
    }

    static Task<double> SomeDoneAsync(TestCluster cluster, FarmNode at, string job, int segments) =>
        cluster.UntilAsync(
            $"{segments} segments done",
            () => at.Api.JobAsync(job, default),
            detail => detail.Job.SegmentsDone >= segments
        );

    [Fact]
    public async Task With_sqlite_a_killed_coordinator_goes_on_after_its_restart()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Quick);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        await cluster.UpAsync(coordinator, "w1", "w2");
        var job = await cluster.SubmitAsync(coordinator);
        await SomeDoneAsync(cluster, coordinator, job, 2);
        await coordinator.KillAsync();
        coordinator = cluster.Start("c", "coordinator");
        await OnceEachAsync(cluster, coordinator, job);
    }

    [Fact]
    public Task A_standby_takes_over_in_time() => TakeOverAsync("kill", trials: 1);

    [Fact]
    public Task A_standby_takes_over_from_one_that_is_cut_off() => TakeOverAsync("cut", trials: 1);

    [Theory]
    [InlineData("kill", 10)]
    [InlineData("freeze", 10)]
    [InlineData("cut", 10)]
    [Trait("Length", "Long")]
    public Task A_standby_takes_over_in_time_again_and_again(string how, int trials) =>
        TakeOverAsync(how, trials);

    async Task TakeOverAsync(string how, int trials)
    {
        var network = how == "cut" ? await TestNetwork.MakeAsync() : null;
        await using var cluster = await TestCluster.StartAsync(
            broker,
            postgres,
            // What each worker has begun is counted: in CI none may be taken for lost.
            trials == 1
                ? Pace.Real.Patient
                : Pace.Real,
            network
        );
        cluster.Start("store", "store");
        cluster.Start("c1", "coordinator");
        cluster.Start("c2", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        var anybody = cluster.Node("store");
        await cluster.UpAsync(anybody, "store", "c1", "c2", "w1", "w2");
        var seconds = new List<double>();
        for (var trial = 0; trial < trials; trial++)
        {
            var job = await cluster.SubmitAsync(anybody, $"job{trial}");
            await SomeDoneAsync(cluster, anybody, job, 2);
            await cluster.UntilAsync(
                "the sound is encoded",
                () => anybody.Api.JobAsync(job, default),
                detail => detail.AudioTracksDone == 1
            );
            var audio = AudioRuns(cluster, job);
            audio.ShouldBeGreaterThan(0);
            var before = await TestCluster.TryAsync(() => anybody.Api.LeaderAsync(default));
            var old = cluster.Node(before.Name);
            await (
                how switch
                {
                    "kill" => old.KillAsync(),
                    "freeze" => old.FreezeAsync(),
                    _ => cluster.CutAsync(old.Name),
                }
            );
            // Its own word: the broker may still hand questions to the one that is cut off, until it finds out.
            var word = $"This coordinator decides now, epoch {before.Epoch + 1}.";
            seconds.Add(
                await cluster.UntilAsync(
                    "another coordinator decides",
                    () => Task.FromResult(cluster.Logs()),
                    logs => logs.Contains(word, StringComparison.Ordinal)
                )
            );
            var answered = await cluster.UntilAsync(
                "another leader",
                () => anybody.Api.LeaderAsync(default),
                leader => leader.Epoch > before.Epoch
            );
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{how}: decides after {seconds[^1]:0.00} s, answers {answered:0.00} s later"
                )
            );
            var adopted = await AdoptedAsync(cluster, anybody, job, before.Epoch);
            switch (how)
            {
                case "kill":
                    cluster.Start(before.Name, "coordinator");
                    break;
                case "freeze":
                    await old.ThawAsync();
                    break;
                default:
                    await RefusesAsync(cluster, old, job);
                    await cluster.HealAsync(old.Name);
                    break;
            }
            await CommandsNobodyAsync(cluster, anybody, job, before.Epoch, adopted);
            await OnceEachAsync(cluster, anybody, job);
            AudioRuns(cluster, job).ShouldBe(audio, cluster.Logs());
            // Also what had finished and was not recorded yet is encoded once.
            EncodeRuns(cluster, job).ShouldBe(DrillClip.Segments, cluster.Logs());
            await cluster.UpAsync(anybody, "c1", "c2", "w1", "w2");
        }
        seconds.Sort();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{how} of the coordinator, seconds until another one decides: median {seconds[seconds.Count / 2]:0.00}, worst {seconds[^1]:0.00}, {seconds.Count} trials"
            )
        );
        // A single trial on a busy machine measures the machine.
        seconds[^1].ShouldBeLessThanOrEqualTo(trials == 1 ? 60 : 10);
    }

    /// <summary>Whoever is cut off with it is told that nothing can be done there.</summary>
    static async Task RefusesAsync(TestCluster cluster, FarmNode old, string job)
    {
        var paused = await PbmProcess.RunAsync(cluster.Host(old.Name), old, "encode", "pause", job);
        paused.Exit.ShouldNotBe(0, paused.Out);
        paused.Error.ShouldNotBeNullOrWhiteSpace();
        await cluster.UntilAsync(
            "it says that it decides no more",
            () => Task.FromResult(old.Said),
            said => said.Contains("decides no more", StringComparison.Ordinal)
        );
    }

    static List<string> Of(long epoch, JobDetail detail) =>
        [
            .. detail
                .Attempts.Select(attempt => attempt.Attempt)
                .Where(id => id.StartsWith($"{epoch}-", StringComparison.Ordinal)),
        ];

    /// <summary>The attempts of the former epoch that the new coordinator lets go on.</summary>
    static async Task<List<string>> AdoptedAsync(
        TestCluster cluster,
        FarmNode at,
        string job,
        long epoch
    )
    {
        List<string> adopted = [];
        await cluster.UntilAsync(
            "the new coordinator knows what runs",
            async () =>
            {
                // Each tells of its attempts when it is heard for the first time.
                var nodes = (await at.Api.NodesAsync(default)).Nodes;
                var heard = nodes.Count(node => node.Slots is not null);
                return new { Heard = heard, Detail = await at.Api.JobAsync(job, default) };
            },
            known =>
            {
                adopted = Of(epoch, known.Detail);
                return known.Detail.Job.State == "Completed"
                    || (known.Heard == 2 && known.Detail.Attempts.Any(a => a.Started));
            }
        );
        return adopted;
    }

    /// <summary>Until the job is done the former coordinator does not lead, and no attempt begins in the name of the epoch that is over.</summary>
    static Task CommandsNobodyAsync(
        TestCluster cluster,
        FarmNode at,
        string job,
        long epoch,
        List<string> adopted
    ) =>
        cluster.UntilAsync(
            $"{job} completed without the former coordinator",
            async () =>
            {
                var leader = await at.Api.LeaderAsync(default);
                leader.Epoch.ShouldBeGreaterThan(epoch, cluster.Logs());
                var detail = await at.Api.JobAsync(job, default);
                Of(epoch, detail).ShouldBeSubsetOf(adopted, cluster.Logs());
                return detail.Job.State;
            },
            state => state == "Completed"
        );

    /// <summary>How many programs any coordinator has run for the sound.</summary>
    static int AudioRuns(TestCluster cluster, string job) =>
        new[] { "c1", "c2" }.Sum(name =>
            Lines(cluster, name, "jobs", job).Count(line => line.Contains(" audio, exit 0"))
        );

    /// <summary>How many attempts any worker has begun.</summary>
    static int EncodeRuns(TestCluster cluster, string job) =>
        new[] { "w1", "w2" }.Sum(name =>
            Lines(cluster, name, "worker", job).Count(line => line.Contains(" encode, "))
        );

    static IEnumerable<string> Lines(TestCluster cluster, string node, string part, string job)
    {
        var log = Path.Combine(cluster.WorkOf(node), part, job, "job.log");
        return File.Exists(log) ? File.ReadLines(log) : [];
    }

    [Fact]
    public Task Without_the_database_encodes_go_on_and_all_resumes() =>
        LoseDatabaseAsync(8, Pace.Quick.Patient);

    [Fact]
    [Trait("Length", "Long")]
    public Task Without_the_database_for_a_minute_nothing_is_lost() =>
        LoseDatabaseAsync(60, Pace.Real.Patient);

    async Task LoseDatabaseAsync(int seconds, Pace pace)
    {
        await using var cluster = await TestCluster.StartAsync(broker, postgres, pace);
        cluster.Start("store", "store");
        cluster.Start("c1", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        var anybody = cluster.Node("store");
        await cluster.UpAsync(anybody, "store", "c1", "w1", "w2");
        var job = await cluster.SubmitAsync(anybody);
        await SomeDoneAsync(cluster, anybody, job, 1);
        await postgres.StopAsync();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await postgres.StartAsync();
        await ResumedAsync(cluster, anybody, job, "the database", seconds);
        await OnceEachAsync(cluster, anybody, job);
        (await cluster.EventsAsync(anybody, job)).ShouldNotContain(e =>
            e.Type == "attempt-lost.v1" || e.Type == "attempt-failed.v1"
        );
    }

    [Fact]
    public Task Without_the_broker_encodes_go_on_and_all_resumes() =>
        // With shorter limits a worker that connects later than its coordinator would count as silent.
        LoseBrokerAsync(8, Pace.Real.Patient);

    [Fact]
    [Trait("Length", "Long")]
    public Task Without_the_broker_for_a_minute_nothing_is_lost() =>
        LoseBrokerAsync(60, Pace.Real.Patient);

    async Task LoseBrokerAsync(int seconds, Pace pace)
    {
        await using var cluster = await TestCluster.StartAsync(broker, pace);
        var coordinator = cluster.Start("c", "coordinator");
        cluster.Start("w1", "worker");
        cluster.Start("w2", "worker");
        await cluster.UpAsync(coordinator, "w1", "w2");
        var job = await cluster.SubmitAsync(coordinator);
        await SomeDoneAsync(cluster, coordinator, job, 1);
        await broker.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        await broker.StartAsync();
        await ResumedAsync(cluster, coordinator, job, "the broker", seconds);
        await OnceEachAsync(cluster, coordinator, job);
        (await cluster.EventsAsync(coordinator, job)).ShouldNotContain(e =>
            e.Type == "attempt-lost.v1" || e.Type == "attempt-failed.v1"
        );
    }
}
