using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;

namespace EncodeFarm.Node.Tests.Control;

public sealed class LogRingTests
{
    [Fact]
    public void Only_the_newest_lines_are_kept()
    {
        var ring = new LogRing(kept: 3);

        Write(ring, 0, 5);

        ring.Last(10).Select(line => line.Text).ShouldBe(["2", "3", "4"]);
        ring.Last(1).Single().Text.ShouldBe("4");
    }

    [Fact]
    public async Task A_slow_reader_loses_lines_and_is_told_how_many()
    {
        var ring = new LogRing(ahead: 2);
        await using var lines = ring.TailAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = lines.MoveNextAsync().AsTask();
        Write(ring, 0, 1);
        await first;

        Write(ring, 1, 6);
        (await NextAsync(lines)).ShouldBe(("4", 3));
        Write(ring, 6, 7);
        (await NextAsync(lines)).ShouldBe(("5", 0));
        (await NextAsync(lines)).ShouldBe(("6", 0));
    }

    [Fact]
    public async Task Readers_do_not_disturb_each_other()
    {
        var ring = new LogRing(ahead: 1);
        using var stop = new CancellationTokenSource();
        var tails = Enumerable
            .Range(0, 20)
            .Select(_ => ring.TailAsync(stop.Token).GetAsyncEnumerator(stop.Token))
            .ToList();
        var first = tails.Select(tail => tail.MoveNextAsync().AsTask()).ToList();

        Write(ring, 0, 1000);

        await Task.WhenAll(first).WaitAsync(TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        foreach (var tail in tails)
        {
            await tail.DisposeAsync();
        }
        ring.Last(1).Single().Text.ShouldBe("999");
    }

    private static async Task<(string, long)> NextAsync(IAsyncEnumerator<Tailed<LogLine>> lines)
    {
        await lines.MoveNextAsync();
        return (lines.Current.Item.Text, lines.Current.Lost);
    }

    private static void Write(LogRing ring, int from, int to)
    {
        for (var line = from; line < to; line++)
        {
            ring.Write(new LogLine(default, LogLevel.Info, FormattableString.Invariant($"{line}")));
        }
    }
}
