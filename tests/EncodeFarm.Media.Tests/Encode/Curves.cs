using EncodeFarm.Media.Encode;

namespace EncodeFarm.Media.Tests.Encode;

/// <summary>VMAF as a function of CRF, for searches without encoders.</summary>
public static class Curves
{
    public const int CrfMin = 15;
    public const int CrfMax = 55;

    /// <summary>Measured: 12 segments of 5 s, 720p, SVT-AV1 preset 8, at CRF 15, 20, … 55.</summary>
    public static readonly IReadOnlyDictionary<string, double[]> Recorded = new Dictionary<
        string,
        double[]
    >
    {
        ["slow pan"] = [98.20, 98.09, 97.85, 97.63, 97.23, 96.87, 96.23, 95.43, 94.14],
        ["noise"] = [85.88, 82.12, 80.85, 80.24, 80.39, 80.00, 79.02, 78.40, 77.50],
        ["fast pan"] = [99.78, 98.94, 98.03, 96.80, 95.22, 93.49, 91.93, 89.68, 87.19],
        ["grain"] = [90.38, 89.17, 88.72, 88.33, 88.75, 88.12, 87.24, 85.77, 83.86],
        ["mandelbrot"] = [99.94, 99.55, 98.85, 97.12, 94.03, 89.57, 83.61, 76.50, 67.22],
        ["testsrc"] = [99.72, 99.58, 99.39, 98.78, 97.95, 96.13, 94.46, 91.83, 88.69],
        ["composite"] = [97.99, 97.26, 96.32, 94.93, 92.71, 89.72, 85.74, 81.20, 75.91],
        ["gradient"] = [94.22, 93.94, 93.69, 93.40, 93.15, 92.87, 92.55, 92.22, 91.82],
        ["cliff"] = [97.86, 95.35, 92.52, 86.33, 76.49, 65.66, 65.41, 64.96, 61.67],
        ["clean pan"] = [96.50, 96.34, 96.11, 95.89, 95.67, 95.23, 94.46, 93.88, 92.33],
        ["crossfade"] = [96.03, 94.29, 92.55, 91.17, 89.62, 88.07, 86.30, 83.89, 80.90],
        ["blur"] = [99.96, 99.96, 99.95, 99.94, 99.93, 99.90, 99.83, 99.58, 98.82],
    };

    public static Func<int, double> Of(string name) =>
        crf =>
        {
            var curve = Recorded[name];
            var left = Math.Min((crf - CrfMin) / 5, curve.Length - 2);
            var share = (crf - CrfMin - 5 * left) / 5.0;
            return Math.Round(curve[left] * (1 - share) + curve[left + 1] * share, 2);
        };

    /// <summary>
    /// ln(100 − VMAF) grows with CRF at a random slope, bent a little, with noise that makes it non-monotonic, and
    /// sometimes with a cliff.
    /// </summary>
    public static Func<int, double> Random(Random random)
    {
        var start = -2 + 4.5 * random.NextDouble();
        var slope = 0.06 * Math.Exp(0.7 * Normal(random));
        var bend = 0.0006 * Normal(random);
        var noise = Math.Abs(0.15 * Normal(random));
        var (cliff, height) = (
            20 + 25 * random.NextDouble(),
            random.Next(10) == 0 ? random.NextDouble() : 0
        );
        var noises = Enumerable.Range(0, 100).Select(_ => noise * Normal(random)).ToArray();
        return crf =>
        {
            var x = crf - CrfMin;
            var loss = start + slope * x + bend * x * x + height / (1 + Math.Exp(cliff - crf));
            return Math.Round(Math.Clamp(100 - Math.Exp(loss) + noises[crf], 0, 100), 2);
        };
    }

    /// <summary>Runs a search against the curve; returns how it ended and what was probed on the way.</summary>
    public static (SearchStep End, List<MeasuredPoint> Probes) Search(
        Func<int, double> curve,
        double target = 93,
        int maxProbes = 5,
        IReadOnlyList<MeasuredPoint>? known = null,
        IReadOnlyList<MeasuredPoint>? hints = null
    )
    {
        var points = known?.ToList() ?? [];
        var probes = new List<MeasuredPoint>();
        while (true)
        {
            var step = QualitySearch.Next(
                new SearchInput(
                    target,
                    0.5,
                    CrfMin,
                    CrfMax,
                    maxProbes - probes.Count,
                    points,
                    hints ?? []
                )
            );
            if (step is not SearchStep.Probe(var crf))
            {
                return (step, probes);
            }
            points.ShouldNotContain(point => point.Crf == crf);
            crf.ShouldBeInRange(CrfMin, CrfMax);
            var measured = Point(crf, curve(crf));
            points.Add(measured);
            probes.Add(measured);
            probes.Count.ShouldBeLessThanOrEqualTo(maxProbes);
        }
    }

    public static MeasuredPoint Point(int crf, double vmaf, string key = "whole") =>
        new(crf, vmaf, 1000, key == "whole", key);

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()))
        * Math.Cos(2 * Math.PI * random.NextDouble());
}
