using System.Diagnostics;
using System.Globalization;

namespace EncodeFarm.Drills.Tests;

/// <summary>The same job with and without twenty clients that tail, in pairs.</summary>
[Collection("broker")]
public sealed class TailDrills(BrokerServer broker, ITestOutputHelper output)
{
    const int Pairs = 5;

    static readonly string[] Tails =
    [
        .. Enumerable.Repeat("log tail", 8),
        .. Enumerable.Repeat("cluster tail", 6),
        .. Enumerable.Repeat("encode watch", 6),
    ];

    /// <param name="Wall">Seconds from the submission to the delivered file.</param>
    /// <param name="Node">CPU seconds of the node's own process, without its encoders.</param>
    /// <param name="Lines">That all tails together were sent.</param>
    sealed record Run(double Wall, double Node, long Lines);

    [Fact]
    [Trait("Length", "Long")]
    public async Task Twenty_tails_do_not_slow_an_encode()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var node = cluster.Start("one", "coordinator,worker", slots: 2);
        await cluster.UpAsync(node, "one");
        await EncodeAsync(cluster, node, "warm-up", []);
        var ratios = new List<double>();
        var costs = new List<double>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            // In turn, so that a machine that gets slower does not choose the winner.
            var tailsFirst = pair % 2 == 0;
            var first = await EncodeAsync(cluster, node, $"{pair}-a", tailsFirst ? Tails : []);
            var second = await EncodeAsync(cluster, node, $"{pair}-b", tailsFirst ? [] : Tails);
            var (with, without) = tailsFirst ? (first, second) : (second, first);
            ratios.Add(with.Wall / without.Wall);
            costs.Add(with.Node - without.Node);
            output.WriteLine(
                FormattableString.Invariant(
                    $"with {with.Wall:0.0} s ({with.Node:0.00} CPU s of the node, {with.Lines} lines), without {without.Wall:0.0} s ({without.Node:0.00}): {ratios[^1]:0.000}"
                )
            );
            with.Lines.ShouldBeGreaterThan(100);
        }
        // What the node itself spends is what tails can take away from its encoders; the clock shows it too, where nobody
        // else works on the machine.
        costs.Order().ElementAt(Pairs / 2).ShouldBeLessThan(1);
        ratios.Order().ElementAt(Pairs / 2).ShouldBeLessThan(1.05);
    }

    static async Task<Run> EncodeAsync(
        TestCluster cluster,
        FarmNode node,
        string key,
        IReadOnlyList<string> tails
    )
    {
        using var end = new CancellationTokenSource();
        var lines = tails.Select(tail => ControlPort.FollowAsync(node, tail, end.Token)).ToList();
        var before = CpuSeconds(node);
        var clock = Stopwatch.StartNew();
        var job = await cluster.SubmitAsync(node, key);
        await cluster.CompletedAsync(node, job);
        var wall = clock.Elapsed.TotalSeconds;
        var spent = CpuSeconds(node) - before;
        await end.CancelAsync();
        return new Run(wall, spent, (await Task.WhenAll(lines)).Sum());
    }

    /// <summary>utime and stime, fields 14 and 15 of proc(5), in ticks of 10 ms.</summary>
    static double CpuSeconds(FarmNode node)
    {
        var stat = File.ReadAllText(
            string.Create(CultureInfo.InvariantCulture, $"/proc/{node.Id}/stat")
        );
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11]) + long.Parse(fields[12])) / 100.0;
    }
}
