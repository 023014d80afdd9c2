using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>What one picture shows: first and last column and row that are not black.</summary>
internal readonly record struct VisibleArea(int Left, int Right, int Top, int Bottom)
{
    public int Width => Right - Left + 1;

    public int Height => Bottom - Top + 1;
}

/// <summary>Decides from samples whether black bars can be cut off. Pure.</summary>
internal static class CropJudge
{
    /// <summary>This share of the samples must agree.</summary>
    public const double NeededConfidence = 0.8;

    /// <summary>Fewer samples with a picture to speak of prove nothing.</summary>
    private const int FewestSamples = 3;

    /// <summary>A sample that shows less of the picture than this, each way, is a dark scene and has no vote.</summary>
    private const double DarkScene = 0.5;

    /// <summary>Edges may differ by this many pixels, or this share of the side, and still agree.</summary>
    private const int EdgePixels = 4;
    private const double EdgeShare = 0.01;

    /// <summary>Thinner bars (both together) are left: pixels, and share of the side.</summary>
    private const int ThinPixels = 8;
    private const double ThinShare = 0.01;

    private const int SmallestSide = 64;

    /// <summary>Shapes that films and video come in; upright pictures have the inverse.</summary>
    private static readonly double[] Shapes =
    [
        1,
        5 / 4.0,
        4 / 3.0,
        1.375,
        1.43,
        1.5,
        14 / 9.0,
        5 / 3.0,
        16 / 9.0,
        1.85,
        1.9,
        2,
        2.1,
        2.2,
        2.35,
        2.39,
        2.4,
        2.55,
        2.66,
        2.76,
    ];

    private const double ShapeTolerance = 0.025;

    /// <summary>
    /// The union of all samples is kept, so that nothing that was seen is cut off; it is trusted where 80 % of the
    /// samples reach its edges and the shape is one that pictures have.
    /// </summary>
    /// <param name="sampleAspect">Width of a pixel by its height.</param>
    public static CropDecision Judge(
        IReadOnlyList<VisibleArea> samples,
        int width,
        int height,
        double sampleAspect
    )
    {
        var seen = samples.Where(area => area.Width > 1 && area.Height > 1).ToArray();
        if (seen.Length == 0)
        {
            return new CropDecision(null, 0, "no sample shows a picture");
        }
        var union = new VisibleArea(
            seen.Min(a => a.Left),
            seen.Max(a => a.Right),
            seen.Min(a => a.Top),
            seen.Max(a => a.Bottom)
        );
        var sides = !IsThin(width - union.Width, width);
        var bars = !IsThin(height - union.Height, height);
        if (!sides && !bars)
        {
            return new CropDecision(null, 1, "no black bars");
        }

        var voters = seen.Where(a =>
                a.Width >= union.Width * DarkScene && a.Height >= union.Height * DarkScene
            )
            .ToArray();
        var agreeing = voters.Count(a =>
            (!sides || (Near(a.Left, union.Left, width) && Near(a.Right, union.Right, width)))
            && (!bars || (Near(a.Top, union.Top, height) && Near(a.Bottom, union.Bottom, height)))
        );
        var confidence = Math.Round((double)agreeing / voters.Length, 3);
        var kept = Even(
            sides ? union.Left : 0,
            sides ? union.Right : width - 1,
            bars ? union.Top : 0,
            bars ? union.Bottom : height - 1
        );
        var shape = kept.Width * sampleAspect / kept.Height;
        var objection = Objection(kept, voters.Length, confidence, shape);
        return objection is null
            ? new CropDecision(
                kept,
                confidence,
                $"black bars: {shape:0.00}:1 remains, {confidence:0%} of the samples agree"
            )
            : new CropDecision(null, confidence, objection);
    }

    /// <summary>Where only the beginning was seen: a picture may come that fills what were bars until then.</summary>
    /// <param name="seen">Seconds at the beginning.</param>
    /// <param name="seconds">Of the whole source.</param>
    public static CropDecision OfBeginning(CropDecision decision, double seen, double seconds)
    {
        var confidence = Math.Round(decision.Confidence * Math.Min(seen / seconds, 1), 3);
        return decision.Rectangle is null || confidence >= NeededConfidence
            ? decision
            : new CropDecision(
                null,
                confidence,
                $"black bars are likely, but only the first {seen:0} of {seconds:0} s were looked at"
            );
    }

    private static string? Objection(
        CropRectangle kept,
        int voters,
        double confidence,
        double shape
    )
    {
        if (voters < FewestSamples)
        {
            return $"black bars are likely, but only {voters} samples show a picture";
        }
        if (confidence < NeededConfidence)
        {
            return $"black bars are likely, but only {confidence:0%} of the samples agree";
        }
        if (kept.Width < SmallestSide || kept.Height < SmallestSide)
        {
            return $"what the black bars leave ({kept.Width}x{kept.Height}) is too small";
        }
        var lying = Math.Max(shape, 1 / shape);
        return Shapes.Any(usual => Math.Abs(lying / usual - 1) <= ShapeTolerance)
            ? null
            : $"black bars are likely, but would leave an unusual shape ({shape:0.00}:1)";
    }

    private static bool IsThin(int removed, int side) =>
        removed < ThinPixels || removed < side * ThinShare;

    private static bool Near(int edge, int union, int side) =>
        Math.Abs(edge - union) <= Math.Max(EdgePixels, side * EdgeShare);

    private static CropRectangle Even(int left, int right, int top, int bottom)
    {
        var x = left / 2 * 2;
        var y = top / 2 * 2;
        return new CropRectangle((right - x + 1) / 2 * 2, (bottom - y + 1) / 2 * 2, x, y);
    }
}
