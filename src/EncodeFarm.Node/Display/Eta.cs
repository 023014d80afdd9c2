namespace EncodeFarm.Node.Display;

/// <summary>Speed and time left, from the frames that were finished since this run began.</summary>
public static class Eta
{
    /// <summary>Below this, in seconds, a speed says nothing yet.</summary>
    private const double TooEarly = 2;

    /// <param name="framesAtStart">Finished by an earlier run.</param>
    /// <param name="framesDone">Finished now, with the started ones in part.</param>
    /// <returns>Nulls while too little is known.</returns>
    public static (double? Fps, TimeSpan? Left) Of(
        double framesAtStart,
        double framesDone,
        double framesTotal,
        TimeSpan elapsed
    )
    {
        var progress = framesDone - framesAtStart;
        if (elapsed.TotalSeconds < TooEarly || progress <= 0)
        {
            return (null, null);
        }
        var fps = progress / elapsed.TotalSeconds;
        return (fps, TimeSpan.FromSeconds(Math.Max(0, framesTotal - framesDone) / fps));
    }
}
