using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <param name="Rate">Frames a second: the true constant rate, or the mean of a variable one.</param>
internal readonly record struct FrameRateVerdict(Rational Rate, bool Variable);

/// <summary>
/// Finds the true frame rate from the timestamps themselves. What containers say of it is only a hint: an MKV with
/// 60000/1001 frames a second reads as 19001/317.
/// </summary>
internal static class FrameRates
{
    public static readonly Rational Default = new(25, 1);

    private static readonly Rational[] Standard =
    [
        new(24000, 1001),
        new(24, 1),
        new(25, 1),
        new(30000, 1001),
        new(30, 1),
        new(48000, 1001),
        new(48, 1),
        new(50, 1),
        new(60000, 1001),
        new(60, 1),
        new(100, 1),
        new(120000, 1001),
        new(120, 1),
        new(5, 1),
        new(10, 1),
        new(12000, 1001),
        new(12, 1),
        new(25, 2),
        new(15000, 1001),
        new(15, 1),
        new(20, 1),
        new(72, 1),
        new(75, 1),
        new(90, 1),
        new(144, 1),
        new(200, 1),
        new(240000, 1001),
        new(240, 1),
        new(1, 1),
        new(2, 1),
    ];

    /// <summary>Containers round timestamps to a tick, and the common ones to a millisecond.</summary>
    private const double CoarsestRounding = 0.001;

    /// <summary>A mean this near to a standard rate (relative) is taken for it, where the rate varies.</summary>
    private const double SnapMean = 0.0025;

    /// <param name="hints">The container's claims, likeliest first; they only break ties of short clips.</param>
    public static FrameRateVerdict Judge(FrameTable frames, IReadOnlyList<Rational> hints)
    {
        if (frames.Count == 1)
        {
            return new FrameRateVerdict(hints.Count > 0 ? hints[0] : Default, false);
        }
        var span = (frames.Pts[^1] - frames.Pts[0]) * frames.TimeBase.Value;
        var mean = (frames.Count - 1) / span;
        var fitting = hints.Concat(Standard).Where(rate => Fits(frames, rate, span)).ToArray();
        if (fitting.Length > 0)
        {
            return new FrameRateVerdict(Best(fitting, hints, mean), false);
        }
        return new FrameRateVerdict(Snap(mean), true);
    }

    /// <summary>A standard rate that was claimed, then any standard one nearest to the mean, then a claim.</summary>
    private static Rational Best(Rational[] fitting, IReadOnlyList<Rational> hints, double mean)
    {
        var standard = fitting.Where(Standard.Contains).ToArray();
        var claimed = standard.Where(hints.Contains).ToArray();
        var choice =
            claimed.Length > 0 ? claimed
            : standard.Length > 0 ? standard
            : fitting;
        return choice.MinBy(rate => Math.Abs(rate.Value - mean));
    }

    private static bool Fits(FrameTable frames, Rational rate, double span)
    {
        var tolerance = Tolerance(frames, rate);
        return Math.Abs((frames.Count - 1) / rate.Value - span) <= 2 * tolerance
            && Deviation(frames, rate) <= tolerance;
    }

    /// <summary>Half of the range, in seconds, by which the frames miss an even grid of this rate.</summary>
    private static double Deviation(FrameTable frames, Rational rate)
    {
        double least = 0,
            most = 0;
        for (var i = 1; i < frames.Count; i++)
        {
            var ideal = i * (double)rate.Denominator / rate.Numerator;
            var miss = (frames.Pts[i] - frames.Pts[0]) * frames.TimeBase.Value - ideal;
            least = Math.Min(least, miss);
            most = Math.Max(most, miss);
        }
        return (most - least) / 2;
    }

    private static double Tolerance(FrameTable frames, Rational rate) =>
        Math.Min(Math.Max(frames.TimeBase.Value, CoarsestRounding), 0.25 / rate.Value);

    private static Rational Snap(double mean)
    {
        var nearest = Standard.MinBy(rate => Math.Abs(rate.Value - mean));
        return Math.Abs(nearest.Value / mean - 1) <= SnapMean
            ? nearest
            : new Rational(Math.Max((long)Math.Round(mean * 1000), 1), 1000);
    }
}
