using System.Diagnostics;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence.Tests;

/// <summary>Figures rather than verdicts; run with `-explicit only`.</summary>
public sealed class SqliteBenchmarks(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact(Explicit = true)]
    public async Task Opening()
    {
        for (var n = 0; n < 5; n++)
        {
            Directory.CreateDirectory(_directory[$"{n}"]);
            var created = await OpenMillisecondsAsync($"{n}");
            var opened = await OpenMillisecondsAsync($"{n}");
            output.WriteLine($"created {created:0.0} ms, opened again {opened:0.0} ms");
        }
    }

    [Theory(Explicit = true)]
    [InlineData(1, 500)]
    [InlineData(10, 500)]
    [InlineData(100, 100)]
    public async Task Appending(int actors, int events)
    {
        await using var store = await EmbeddedStore.OpenAsync(
            _directory.Root,
            TimeProvider.System,
            default
        );
        EventData[] data = [new("measured.v1", new string('x', 300))];
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, actors).Select(AppendAsync));
        output.WriteLine(
            $"{actors} actors x {events} appends: {watch.Elapsed.TotalSeconds:0.00} s, {actors * events / watch.Elapsed.TotalSeconds:0}/s"
        );

        async Task AppendAsync(int actor)
        {
            for (var n = 0; n < events; n++)
                await store.Journal.AppendAsync($"{actor}", n, data, default);
        }
    }

    private async Task<double> OpenMillisecondsAsync(string name)
    {
        var watch = Stopwatch.StartNew();
        await using var store = await EmbeddedStore.OpenAsync(
            _directory[name],
            TimeProvider.System,
            default
        );
        return watch.Elapsed.TotalMilliseconds;
    }
}
