using System.Diagnostics;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence.Tests;

/// <summary>Figures rather than verdicts; run with `-explicit only -showliveoutput`.</summary>
public abstract class JournalBenchmarks(ITestOutputHelper output) : IDisposable
{
    protected TestDirectory Directory { get; } = new();

    protected abstract Task<Database> OpenAsync();

    public void Dispose()
    {
        Directory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Theory(Explicit = true)]
    [InlineData(1, 500)]
    [InlineData(10, 500)]
    [InlineData(100, 100)]
    public async Task Appending(int actors, int events)
    {
        await using var database = await OpenAsync();
        var journal = await BeginAsync(database);
        var data = Events(1);
        await journal.AppendAsync("warm-up", 0, data, default);

        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, actors).Select(AppendAsync));

        var rate = actors * events / watch.Elapsed.TotalSeconds;
        output.WriteLine(
            $"{actors} actors x {events} appends: {watch.Elapsed.TotalSeconds:0.00} s, {rate:0}/s"
        );

        async Task AppendAsync(int actor)
        {
            for (var n = 0; n < events; n++)
                await journal.AppendAsync($"{actor}", n, data, default);
        }
    }

    /// <summary>1000 jobs of 200 segments with 4 events each, 20 of them unfinished: what a coordinator reads before it is ready.</summary>
    [Fact(Explicit = true)]
    public async Task Recovering()
    {
        const int Jobs = 1000;
        const int Unfinished = 20;
        await using (var database = await OpenAsync())
            await FillAsync(
                await BeginAsync(database),
                new JobSummaries(database, 1, TimeProvider.System),
                Jobs
            );

        var watch = Stopwatch.StartNew();
        await using var opened = await OpenAsync();
        var journal = new SqlJournal(opened, 1, TimeProvider.System);
        var summaries = await new JobSummaries(opened, 1, TimeProvider.System).ListAsync(default);
        var ids = summaries.Select(summary => summary.PersistenceId).ToList();
        output.WriteLine($"opened, {summaries.Count} summaries: {watch.ElapsedMilliseconds} ms");

        watch.Restart();
        var replayed = await Task.WhenAll(
            ids.Take(Unfinished).Select(id => CountAsync(journal, id))
        );
        output.WriteLine(
            $"{Unfinished} jobs, {replayed.Sum()} events replayed: {watch.ElapsedMilliseconds} ms"
        );

        watch.Restart();
        var all = 0;
        foreach (var id in ids)
            all += await CountAsync(journal, id);
        output.WriteLine(
            $"all {all} events, one job after another: {watch.ElapsedMilliseconds} ms; memory {Environment.WorkingSet / 1_000_000} MB"
        );
    }

    private static async Task FillAsync(SqlJournal journal, JobSummaries summaries, int jobs)
    {
        var events = Events(200);
        for (var job = 0; job < jobs; job++)
        {
            for (var round = 0; round < 4; round++)
                await journal.AppendAsync(
                    $"video-{job:0000}",
                    round * events.Count,
                    events,
                    default
                );
            await summaries.SaveAsync($"video-{job:0000}", new string('s', 500), default);
        }
    }

    private static List<EventData> Events(int count) =>
        [.. Enumerable.Repeat(new EventData("segment-encoded.v1", new string('x', 300)), count)];

    private static async Task<SqlJournal> BeginAsync(Database database) =>
        new(
            database,
            await new LeaseTable(database).SeizeAsync("benchmark", default),
            TimeProvider.System
        );

    private static async Task<int> CountAsync(SqlJournal journal, string id)
    {
        var count = 0;
        await foreach (var _ in journal.ReadAsync(id, 0, default))
            count++;
        return count;
    }
}

public sealed class SqliteBenchmarks(ITestOutputHelper output) : JournalBenchmarks(output)
{
    private readonly ITestOutputHelper _output = output;

    protected override async Task<Database> OpenAsync() =>
        await SqliteDatabase.OpenAsync(Directory.File("farm.db"), default);

    [Fact(Explicit = true)]
    public async Task Opening()
    {
        for (var n = 0; n < 5; n++)
        {
            System.IO.Directory.CreateDirectory(Directory.File($"{n}"));
            var created = await OpenMillisecondsAsync($"{n}");
            var opened = await OpenMillisecondsAsync($"{n}");
            _output.WriteLine($"created {created:0.0} ms, opened again {opened:0.0} ms");
        }
    }

    private async Task<double> OpenMillisecondsAsync(string name)
    {
        var watch = Stopwatch.StartNew();
        await using var store = await EmbeddedStore.OpenAsync(
            Directory.File(name),
            TimeProvider.System,
            default
        );
        return watch.Elapsed.TotalMilliseconds;
    }
}

public sealed class PostgresBenchmarks(PostgresServer server, ITestOutputHelper output)
    : JournalBenchmarks(output)
{
    private string? _connectionString;

    protected override async Task<Database> OpenAsync() =>
        await PostgresDatabase.OpenAsync(
            _connectionString ??= await server.NewSchemaAsync(),
            default
        );
}
