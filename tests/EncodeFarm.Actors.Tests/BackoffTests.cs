namespace EncodeFarm.Actors.Tests;

public sealed class BackoffTests
{
    [Fact]
    public void Doubles_without_jitter_up_to_the_maximum()
    {
        int[] expected = [2, 4, 8, 16, 30, 30];
        for (var attempt = 0; attempt < expected.Length; attempt++)
            Delay(attempt, 2, 30, 0, new Random(1))
                .ShouldBe(TimeSpan.FromSeconds(expected[attempt]));
    }

    [Fact]
    public void Is_capped_after_the_jitter()
    {
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
            Delay(4, 1, 16, 0.5, random).ShouldBe(TimeSpan.FromSeconds(16));
    }

    [Fact]
    public void Stays_within_its_bounds_for_any_attempt_and_any_spans()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var min = new TimeSpan(random.NextInt64(0, 1L << random.Next(0, 63)));
            var max = new TimeSpan(
                random.Next(10) == 0 ? long.MaxValue : random.NextInt64(min.Ticks, long.MaxValue)
            );
            var attempt = random.Next(2) == 0 ? random.Next(70) : random.Next();
            var factor = random.NextDouble() * 10;

            var delay = Backoff.Delay(attempt, min, max, factor, random);

            delay.ShouldBeGreaterThanOrEqualTo(attempt == 0 ? min : TimeSpan.Zero);
            delay.ShouldBeLessThanOrEqualTo(max);
            if (min == TimeSpan.Zero)
                delay.ShouldBe(TimeSpan.Zero);
            else if (attempt > 62)
                delay.ShouldBe(max);
        }
    }

    [Fact]
    public void Jitter_spreads_over_its_whole_range_and_no_further()
    {
        var random = new Random(3);
        var delays = Enumerable
            .Range(0, 2000)
            .Select(_ => Delay(1, 1, 100, 0.2, random).TotalSeconds)
            .ToArray();

        delays.Min().ShouldBeInRange(2.0, 2.01);
        delays.Max().ShouldBeInRange(2.39, 2.4);
    }

    [Fact]
    public void Refuses_what_makes_no_sense()
    {
        var random = new Random(1);
        Should.Throw<ArgumentOutOfRangeException>(() => Delay(-1, 1, 2, 0, random));
        Should.Throw<ArgumentOutOfRangeException>(() => Delay(0, -1, 2, 0, random));
        Should.Throw<ArgumentOutOfRangeException>(() => Delay(0, 3, 2, 0, random));
        Should.Throw<ArgumentOutOfRangeException>(() => Delay(0, 1, 2, -0.1, random));
        Should.Throw<ArgumentOutOfRangeException>(() => Delay(0, 1, 2, double.NaN, random));
    }

    private static TimeSpan Delay(int attempt, int min, int max, double factor, Random random) =>
        Backoff.Delay(
            attempt,
            TimeSpan.FromSeconds(min),
            TimeSpan.FromSeconds(max),
            factor,
            random
        );
}
