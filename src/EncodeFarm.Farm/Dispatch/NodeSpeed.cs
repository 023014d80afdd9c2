namespace EncodeFarm.Farm.Dispatch;

/// <summary>How fast a node's slots are: source pixels a second in one of them, measured by its attempts from assignment to result.</summary>
public static class NodeSpeed
{
    /// <summary>Of a new measurement: segments differ by more than nodes do, so one of them says little.</summary>
    private const double Weight = 0.3;

    /// <summary>Below this ratio two nodes count as equally fast, and the less loaded one is taken.</summary>
    public const double Step = 1.5;

    /// <param name="before">Null where nothing was measured yet.</param>
    /// <returns>Smoothed; <paramref name="before"/> where no time has passed.</returns>
    public static double? After(double? before, double pixels, TimeSpan took)
    {
        if (took <= TimeSpan.Zero)
        {
            return before;
        }
        var measured = pixels / took.TotalSeconds;
        return before is { } known ? known + Weight * (measured - known) : measured;
    }

    /// <summary>Higher is faster. A node of which nothing is known comes first: so it is measured.</summary>
    public static double Class(double? speed) =>
        speed is { } known and > 0 ? Math.Floor(Math.Log(known, Step)) : double.PositiveInfinity;
}
