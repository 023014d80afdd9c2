namespace EncodeFarm.Media.Encode;

/// <summary>
/// Which frames of a segment a probe encodes: all of them, or a few evenly spread runs of equal length. The runs are encoded
/// one after another in one stream with a keyframe at the start of each, so a probe is one encode and one measurement.
/// </summary>
/// <param name="Key">Names the choice in <see cref="MeasuredPoint.SampleKey"/>: "whole", "3x1".</param>
/// <param name="Starts">First frame of each run, counted from the segment's first.</param>
/// <param name="Length">Frames in each run.</param>
public sealed record ProbeFrames(string Key, IReadOnlyList<int> Starts, int Length)
{
    public const string WholeKey = "whole";

    /// <summary>Segments up to this long are probed whole, seconds: the accepted probe is then the result.</summary>
    public const double WholeUpToSeconds = 6;

    /// <summary>Samples that cover more than this share cost nearly as much as the whole, which tells more.</summary>
    private const double LargestShare = 2.0 / 3;

    public bool IsWhole => Key == WholeKey;

    public int Count => Starts.Count * Length;

    public static ProbeFrames Whole(int frames) => new(WholeKey, [0], frames);

    /// <summary>
    /// The samples of the tier; the whole segment where it is short, where the samples would cover most of it, and where an
    /// earlier tier has measured the whole already: its samples have misled once, and the truths are worth more.
    /// </summary>
    public static ProbeFrames For(
        QualityTier tier,
        int frames,
        double durationSeconds,
        IReadOnlyList<MeasuredPoint> known
    )
    {
        var length = (int)Math.Round(tier.SampleSeconds * frames / durationSeconds);
        // A source in one piece may be hours long, and a few seconds would not stand for it.
        var samples = tier.Samples * (int)Math.Ceiling(durationSeconds / EncodeLimits.UsualSeconds);
        if (
            durationSeconds <= WholeUpToSeconds
            || length < 1
            || samples * length > frames * LargestShare
            || known.Any(point => point.Whole)
        )
        {
            return Whole(frames);
        }
        var key = $"{samples}x{tier.SampleSeconds}";
        var starts = Enumerable
            .Range(0, samples)
            .Select(i => (int)((2L * i + 1) * frames / (2 * samples)) - length / 2);
        return new ProbeFrames(key, [.. starts], length);
    }
}
