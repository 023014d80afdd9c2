namespace EncodeFarm.Media.Encode;

/// <summary>What the search knows when it decides.</summary>
/// <param name="Target">VMAF wanted.</param>
/// <param name="Tolerance">A score this near to the target ends the search.</param>
/// <param name="ProbesLeft">How many more encodes may be made.</param>
/// <param name="Points">Measured on the curve in question, in the order of measuring; none twice.</param>
/// <param name="Hints">Points of a similar curve (other samples of the same segment): they tell where to begin and how steep it is.</param>
public sealed record SearchInput(
    double Target,
    double Tolerance,
    int CrfMin,
    int CrfMax,
    int ProbesLeft,
    IReadOnlyList<MeasuredPoint> Points,
    IReadOnlyList<MeasuredPoint> Hints
);

/// <summary>What to do next.</summary>
public abstract record SearchStep
{
    private SearchStep() { }

    /// <summary>Encode and measure at this CRF, which has not been measured yet.</summary>
    public sealed record Probe(int Crf) : SearchStep;

    /// <summary>The search ends with this point.</summary>
    public sealed record Accept(MeasuredPoint Point) : SearchStep;

    /// <summary>The target can't be reached. <paramref name="Best"/> is what best effort would take; null where nothing was measured.</summary>
    public sealed record Missed(string Reason, MeasuredPoint? Best) : SearchStep;
}

/// <summary>
/// Finds the CRF that reaches a target VMAF: a secant on ln(100 − VMAF), which is close to linear in CRF, kept inside the
/// bracket of the nearest points above and below the target. Pure: equal inputs give equal steps.
/// </summary>
public static class QualitySearch
{
    /// <summary>Where a search without hints begins. On recorded curves 34..36 needed the fewest probes.</summary>
    public const int StartCrf = 35;

    /// <summary>A final score this far below the target is a miss.</summary>
    public const double Allowance = 1;

    /// <summary>Growth of ln(100 − VMAF) per CRF while only one point is known; the middle of recorded curves (0.01..0.16).</summary>
    private const double UsualSlope = 0.065;

    /// <summary>Slopes outside are noise or cliffs; a flatter curve sends the search to the bound at once instead of creeping.</summary>
    private const double FlattestSlope = 0.02;
    private const double SteepestSlope = 0.3;

    /// <summary>A step that would end this close to a bound goes to the bound: it settles the matter.</summary>
    private const int Snap = 2;

    /// <summary>
    /// Two probes in a row on the same side mean that the line's other end is too far off (a cliff): it counts this much less, so
    /// that the next one crosses over. (The Illinois method takes a half; on simulated cliffs 3/4 needed fewer probes.)
    /// </summary>
    private const double StaleWeight = 0.75;

    /// <summary>After three probes in a row on one side, what is left of the bracket is halved while it is wider than this.</summary>
    private const int WideBracket = 5;

    /// <summary>Keeps the logarithm finite for a score of 100.</summary>
    private const double SmallestLoss = 0.02;

    /// <summary>Best effort gives up this much VMAF for each CRF of smaller file.</summary>
    private const double WorthPerCrf = 0.1;

    public static SearchStep Next(SearchInput input)
    {
        var points = input.Points.OrderBy(point => point.Crf).ToList();
        if (points.Count == 0)
        {
            return input.ProbesLeft > 0
                ? new SearchStep.Probe(Beginning(input))
                : new SearchStep.Missed("no probe was allowed", null);
        }
        var nearest = Worthwhile(points).MinBy(point => (Distance(point, input), -point.Crf))!;
        if (Distance(nearest, input) <= input.Tolerance)
        {
            return new SearchStep.Accept(nearest);
        }
        return input.ProbesLeft > 0 && NextCrf(points, input) is { } crf
            ? new SearchStep.Probe(crf)
            : Settle(points, input);
    }

    /// <summary>What best effort takes: the highest score, or the highest CRF that costs less than 0.1 VMAF per CRF against it.</summary>
    public static MeasuredPoint Best(IReadOnlyList<MeasuredPoint> points)
    {
        var highest = points.MaxBy(point => (point.Vmaf, point.Crf))!;
        return points
            .Where(point => highest.Vmaf - point.Vmaf <= WorthPerCrf * (point.Crf - highest.Crf))
            .MaxBy(point => point.Crf)!;
    }

    /// <summary>
    /// The same of all that was measured: of the whole segment where it was encoded more than once, else of the curve with
    /// the most points. Where the target is out of reach, a later curve begins at the lowest CRF, and its one point can't
    /// tell that it is flat.
    /// </summary>
    public static MeasuredPoint BestEffort(IReadOnlyList<MeasuredPoint> points) =>
        Best([
            .. points
                .GroupBy(point => point.SampleKey)
                .MaxBy(curve => (curve.First().Whole && curve.Count() > 1, curve.Count()))!,
        ]);

    private static int Beginning(SearchInput input)
    {
        var crf = StartCrf;
        if (input.Hints.Count > 0)
        {
            var hints = input.Hints.OrderBy(point => point.Crf).ToList();
            crf = Round(Bracket(hints, input.Target).Solve(input.Target, UsualSlope));
        }
        return Math.Clamp(crf, input.CrfMin, input.CrfMax);
    }

    /// <summary>Null where the points leave nothing to try.</summary>
    private static int? NextCrf(List<MeasuredPoint> points, SearchInput input)
    {
        var bracket = Bracket(points, input.Target);
        var first = (int)(bracket.Above?.Crf + 1 ?? input.CrfMin);
        var last = (int)(bracket.Below?.Crf - 1 ?? input.CrfMax);
        if (first > last)
        {
            return null;
        }
        if (IsCliff(input) && last - first > WideBracket)
        {
            return (first + last) / 2;
        }
        bracket = bracket with { Latest = SideOfTheLastTwo(input) };
        var crf = Round(bracket.Solve(input.Target, SlopeOf(input.Hints, input.Target)));
        if (bracket.Above is null && crf - input.CrfMin <= Snap)
        {
            return first;
        }
        if (bracket.Below is null && input.CrfMax - crf <= Snap)
        {
            return last;
        }
        return Math.Clamp(crf, first, last);
    }

    private static SearchStep Settle(List<MeasuredPoint> points, SearchInput input)
    {
        var good = Worthwhile(points)
            .Where(point => point.Vmaf >= input.Target - Allowance)
            .MinBy(point => (Distance(point, input), -point.Crf));
        if (good is not null)
        {
            return new SearchStep.Accept(good);
        }
        var nearest = points.MaxBy(point => point.Vmaf)!;
        var lowest = points[0];
        var reason =
            lowest.Crf <= input.CrfMin
                ? $"VMAF {lowest.Vmaf:0.00} at CRF {lowest.Crf}, the lowest allowed"
                : $"VMAF {nearest.Vmaf:0.00} at CRF {nearest.Crf}, the best that was found";
        return new SearchStep.Missed($"{reason}; wanted {input.Target}", Best(points));
    }

    /// <summary>
    /// Without those that another one makes needless: a higher CRF, so a smaller file, of at least the same score. On a flat
    /// curve (a black picture) scores rise and fall with noise, and the lowest one is no reason to take a larger file.
    /// </summary>
    /// <param name="points">By CRF.</param>
    private static IEnumerable<MeasuredPoint> Worthwhile(List<MeasuredPoint> points) =>
        points.Where(
            (point, index) => points.Skip(index + 1).All(smaller => smaller.Vmaf < point.Vmaf)
        );

    /// <summary>The points next to the target: the highest CRF that reaches it, and the lowest above that which doesn't.</summary>
    private static Span Bracket(List<MeasuredPoint> points, double target)
    {
        var above = points.LastOrDefault(point => point.Vmaf >= target);
        var below = points.FirstOrDefault(point =>
            point.Vmaf < target && (above is null || point.Crf > above.Crf)
        );
        var single = above is null ? below : above;
        var neighbour =
            above is not null && below is not null
                ? null
                : points
                    .Where(point => point != single)
                    .MinBy(point => Math.Abs(point.Crf - single!.Crf));
        return new Span(above, below, neighbour);
    }

    /// <summary>−1 where the last two points were below the target, 1 where they were above, 0 otherwise.</summary>
    private static int SideOfTheLastTwo(SearchInput input)
    {
        var sides = input.Points.TakeLast(2).Select(point => point.Vmaf >= input.Target ? 1 : -1);
        return input.Points.Count > 2 ? sides.Sum() / 2 : 0;
    }

    /// <summary>A line that was thrice on the same side does not describe the curve.</summary>
    private static bool IsCliff(SearchInput input)
    {
        var sides = input.Points.TakeLast(3).Select(point => point.Vmaf >= input.Target);
        return input.Points.Count > 3 && sides.Distinct().Count() == 1;
    }

    private static double SlopeOf(IReadOnlyList<MeasuredPoint> points, double target)
    {
        if (points.Count < 2)
        {
            return UsualSlope;
        }
        var (above, below, neighbour) = Bracket([.. points.OrderBy(p => p.Crf)], target);
        return Slope((above ?? neighbour)!, (below ?? neighbour)!);
    }

    private static double Slope(MeasuredPoint a, MeasuredPoint b) =>
        Math.Clamp((Loss(a.Vmaf) - Loss(b.Vmaf)) / (a.Crf - b.Crf), FlattestSlope, SteepestSlope);

    private static double Loss(double vmaf) => Math.Log(Math.Max(100 - vmaf, SmallestLoss));

    private static double Distance(MeasuredPoint point, SearchInput input) =>
        Math.Round(Math.Abs(point.Vmaf - input.Target), 2);

    private static int Round(double crf) => (int)Math.Round(Math.Clamp(crf, -1000, 1000));

    /// <param name="Neighbour">Where one side is missing: the point next to the other side, for the slope.</param>
    private readonly record struct Span(
        MeasuredPoint? Above,
        MeasuredPoint? Below,
        MeasuredPoint? Neighbour
    )
    {
        /// <summary>On which side of the target the last two points were: −1, 1, or 0 for both.</summary>
        public int Latest { get; init; }

        public double Solve(double target, double slopeOfOnePoint)
        {
            if (Above is not null && Below is not null)
            {
                var above = (Loss(target) - Loss(Above.Vmaf)) * (Latest < 0 ? StaleWeight : 1);
                var below = (Loss(Below.Vmaf) - Loss(target)) * (Latest > 0 ? StaleWeight : 1);
                return Above.Crf + above / (above + below) * (Below.Crf - Above.Crf);
            }
            var from = (Above ?? Below)!;
            var slope = Neighbour is null ? slopeOfOnePoint : Slope(from, Neighbour);
            return from.Crf + (Loss(target) - Loss(from.Vmaf)) / slope;
        }
    }
}
