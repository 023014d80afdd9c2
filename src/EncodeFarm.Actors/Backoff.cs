namespace EncodeFarm.Actors;

/// <summary>Exponential back-off with jitter.</summary>
public static class Backoff
{
    /// <summary>2^1000 is far above any ratio of two time spans and still far below the end of a double.</summary>
    private const int LastDoubling = 1000;

    /// <summary><paramref name="min"/> doubled <paramref name="attempt"/> times, made longer by jitter, and only then capped at <paramref name="max"/>.</summary>
    /// <param name="attempt">0 for the first retry.</param>
    /// <param name="min">0 or more.</param>
    /// <param name="max">At least <paramref name="min"/>.</param>
    /// <param name="randomFactor">The jitter's largest share, 0 (none) or more: 0.2 adds up to 20 %.</param>
    public static TimeSpan Delay(
        int attempt,
        TimeSpan min,
        TimeSpan max,
        double randomFactor,
        Random random
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(attempt);
        ArgumentOutOfRangeException.ThrowIfLessThan(min, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, min);
        if (!(randomFactor >= 0 && double.IsFinite(randomFactor)))
            throw new ArgumentOutOfRangeException(nameof(randomFactor), randomFactor, null);

        var doubled = min.Ticks * Math.Pow(2, Math.Min(attempt, LastDoubling));
        var ticks = doubled * (1 + random.NextDouble() * randomFactor);
        return ticks < max.Ticks ? TimeSpan.FromTicks((long)ticks) : max;
    }
}
