using System.Diagnostics;
using System.Globalization;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Drills.Tests;

/// <summary>Figures of whole processes, held against what the farm promises; run with <c>./farm bench</c> on an idle machine.</summary>
[Collection("broker")]
public sealed class ClusterBenchmarks(
    BrokerServer broker,
    PostgresServer postgres,
    ITestOutputHelper output
)
{
    /// <summary>Just-in-time compilation after the start is over by then.</summary>
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    [Fact(Explicit = true)]
    public async Task An_idle_worker_takes_less_than_a_hundredth_of_a_core()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var coordinator = cluster.Start("c", "coordinator");
        // With its guard, as users have it.
        var worker = cluster.Start("w", "worker", settings: ["guard.high=50", "guard.low=30"]);
        await cluster.UpAsync(coordinator, "w");
        await Task.Delay(Settled);
        var before = (Worker: Cpu(worker), Coordinator: Cpu(coordinator));
        var clock = Stopwatch.StartNew();
        await Task.Delay(Window);
        var seconds = clock.Elapsed.TotalSeconds;
        var busy = 100 * (Cpu(worker) - before.Worker) / seconds;
        var decides = 100 * (Cpu(coordinator) - before.Coordinator) / seconds;
        Say(
            $"idle over {seconds:0} s, percent of a core: worker {busy:0.00}, coordinator {decides:0.00}"
        );
        busy.ShouldBeLessThan(1);
    }

    [Fact(Explicit = true)]
    public async Task With_sqlite_a_full_journal_is_taken_over_in_time()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var work = cluster.WorkOf("c");
        await using (
            var seat = await SqliteSeat.OpenAsync(
                Path.Combine(work, "coordinator"),
                TimeProvider.System,
                default
            )
        )
        {
            var store = new DirectoryStore(Path.Combine(work, "store"));
            await FullJournal.WriteAsync(seat, store, cluster.Outputs);
        }
        await ReadyAsync(cluster, "SQLite", () => cluster.Start("c", "coordinator"));
    }

    [Fact(Explicit = true)]
    public async Task With_postgresql_a_full_journal_is_taken_over_in_time()
    {
        await using var cluster = await TestCluster.StartAsync(broker, postgres, Pace.Real);
        await using (
            var seat = await PostgresSeat.OpenAsync(
                cluster.Journal!,
                "the writer",
                TimeSpan.FromSeconds(60),
                () => true,
                _ => { },
                TimeProvider.System,
                default
            )
        )
        {
            var store = new DirectoryStore(Path.Combine(cluster.WorkOf("store"), "store"));
            await FullJournal.WriteAsync(seat, store, cluster.Outputs);
        }
        cluster.Start("store", "store");
        await ReadyAsync(cluster, "PostgreSQL", () => cluster.Start("c", "coordinator"));
    }

    [Fact(Explicit = true)]
    public async Task Two_hundred_workers_get_a_hundred_assignments_a_second()
    {
        const int workers = 200;
        const int jobs = 20;
        await broker.RunningAsync();
        await using var farm = await SimulatedFarm.StartAsync(
            RabbitMqOptions.Parse(broker.Address),
            workers,
            TimeSpan.FromSeconds(1)
        );
        await TestCluster.PollAsync("all are up", () => farm.Members == workers + 1);
        var before = farm.Unreachable;
        for (var job = 0; job < jobs; job++)
        {
            await farm.SubmitAsync($"job{job}");
        }
        const int all = jobs * WaitingMedia.Segments;
        await TestCluster.PollAsync("all is encoded", () => farm.Encoded >= all);
        var starts = farm.Media.Starts.Order().ToList();
        // The first slots are filled at once; what counts is how fast free ones are filled again.
        var seconds = TimeProvider.System.GetElapsedTime(starts[workers], starts[^1]).TotalSeconds;
        var rate = (starts.Count - workers) / seconds;
        var missed = farm.Unreachable - before;
        Say(
            $"{workers} workers, {all} segments: {rate:0} assignments a second, {missed} nodes taken for dead, {farm.Lost} attempts lost or failed"
        );
        rate.ShouldBeGreaterThanOrEqualTo(100);
        missed.ShouldBe(0);
        farm.Lost.ShouldBe(0);
    }

    /// <summary>Ready: it decides, which it says only when all unfinished jobs are open again.</summary>
    async Task ReadyAsync(TestCluster cluster, string journal, Func<FarmNode> start)
    {
        var clock = Stopwatch.StartNew();
        var node = start();
        await cluster.UntilAsync(
            "it decides",
            () => Task.FromResult(node.Said),
            said => said.Contains("This coordinator decides now", StringComparison.Ordinal)
        );
        var ready = clock.Elapsed.TotalSeconds;
        var jobs = await node.Api.JobsAsync(open: false, default);
        jobs.Jobs.Count.ShouldBe(FullJournal.Jobs);
        jobs.Jobs.Count(job => job.State == "Encoding").ShouldBe(FullJournal.Unfinished);
        // Whatever else a takeover sets going comes soon after it.
        await Task.Delay(TimeSpan.FromSeconds(10));
        var memory = Status(node, "VmHWM");
        Say(
            $"{journal}: {FullJournal.Jobs} jobs of {FullJournal.Segments} segments, {FullJournal.Unfinished} unfinished: ready after {ready:0.0} s, peak {memory:0} MB, now {Status(node, "VmRSS"):0} MB, {Cpu(node):0.0} s of CPU"
        );
        ready.ShouldBeLessThan(10);
        memory.ShouldBeLessThan(500);
    }

    /// <summary>Seconds of user and system time of the whole process.</summary>
    static double Cpu(FarmNode node)
    {
        var text = File.ReadAllText($"/proc/{node.Id}/stat");
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        // In ticks, of which Linux shows 100 a second whatever its own clock is.
        return fields[11..13].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)) / 100.0;
    }

    /// <summary>In MB; the line is "VmHWM:   1234 kB".</summary>
    static double Status(FarmNode node, string name)
    {
        var line = File.ReadLines($"/proc/{node.Id}/status")
            .Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        var kilobytes = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    void Say(FormattableString text) => output.WriteLine(FormattableString.Invariant(text));
}
