using EncodeFarm.Media.Encode;
using static EncodeFarm.Media.Tests.Encode.Curves;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class QualitySearchTests(ITestOutputHelper output)
{
    private static readonly string[] Reachable =
    [
        "fast pan",
        "mandelbrot",
        "testsrc",
        "composite",
        "gradient",
        "cliff",
        "clean pan",
        "crossfade",
    ];

    [Fact]
    public void Recorded_curves_that_can_reach_the_target_do_so_within_few_probes()
    {
        var probes = new List<int>();
        foreach (var name in Reachable)
        {
            var (end, tried) = Search(Of(name));

            var point = end.ShouldBeOfType<SearchStep.Accept>(name).Point;
            Math.Abs(point.Vmaf - 93).ShouldBeLessThanOrEqualTo(0.5, name);
            probes.Add(tried.Count);
        }
        output.WriteLine($"{probes.Average():0.00} probes on average, {probes.Max()} at most");
        probes.Average().ShouldBeLessThanOrEqualTo(2.75);
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("grain")]
    public void What_can_not_reach_the_target_is_missed_at_the_lowest_crf(string name)
    {
        var (end, tried) = Search(Of(name));

        var missed = end.ShouldBeOfType<SearchStep.Missed>();
        tried[^1].Crf.ShouldBe(CrfMin);
        tried.Count.ShouldBeLessThanOrEqualTo(3);
        missed.Reason.ShouldContain("CRF 15, the lowest allowed; wanted 93");
        missed.Best.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("slow pan", 94.14)]
    [InlineData("blur", 98.82)]
    public void What_is_always_better_than_the_target_takes_the_highest_crf(
        string name,
        double vmaf
    )
    {
        var (end, tried) = Search(Of(name));

        end.ShouldBe(new SearchStep.Accept(Point(CrfMax, vmaf)));
        tried.Count.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void Thousands_of_curves_stay_in_bounds_and_nine_of_ten_that_can_come_near_do()
    {
        var random = new Random(1);
        var (reachable, near, probes) = (0, 0, 0);
        for (var run = 0; run < 5000; run++)
        {
            var curve = Random(random);
            var (end, tried) = Search(curve);
            Search(curve).End.ShouldBe(end);
            if (curve(CrfMin) < 93 || curve(CrfMax) > 93)
            {
                continue;
            }
            reachable++;
            probes += tried.Count;
            near += end is SearchStep.Accept(var point) && Math.Abs(point.Vmaf - 93) <= 1 ? 1 : 0;
        }
        output.WriteLine(
            $"{reachable} reachable: {100.0 * near / reachable:0.0} % within 1, {(double)probes / reachable:0.00} probes"
        );
        reachable.ShouldBeGreaterThan(1000);
        ((double)near / reachable).ShouldBeGreaterThanOrEqualTo(0.97);
        ((double)probes / reachable).ShouldBeLessThanOrEqualTo(3);
    }

    /// <summary>Measured on noise at preset 6, where the plain secant closed in from one side for five probes.</summary>
    [Fact]
    public void A_cliff_is_crossed_within_the_budget()
    {
        var (end, tried) = Search(crf =>
            crf switch
            {
                <= 35 => 99.9 - 0.069 * (crf - 15),
                <= 40 => 98.52 - 1.338 * (crf - 35),
                <= 44 => 91.83 - 1.7275 * (crf - 40),
                _ => 84.92 - 2.749 * (crf - 44),
            }
        );

        end.ShouldBeOfType<SearchStep.Accept>().Point.Crf.ShouldBe(39);
        tried.Count.ShouldBeLessThanOrEqualTo(5);
    }

    [Fact]
    public void Known_points_that_prove_a_miss_spare_every_encode()
    {
        var (_, known) = Search(Of("noise"));

        var (end, tried) = Search(Of("noise"), known: known);

        end.ShouldBeOfType<SearchStep.Missed>();
        tried.ShouldBeEmpty();
    }

    [Fact]
    public void A_lower_target_is_sought_between_the_known_points()
    {
        MeasuredPoint[] known = [Point(35, 80), Point(15, 91.4)];

        var (end, tried) = Search(crf => 91.4 - 0.57 * (crf - 15), target: 86, known: known);

        end.ShouldBeOfType<SearchStep.Accept>().Point.Vmaf.ShouldBeInRange(85.5, 86.5);
        tried.ShouldAllBe(point => point.Crf > 15 && point.Crf < 35);
    }

    [Fact]
    public void Hints_tell_where_to_begin_and_how_steep_the_curve_is()
    {
        MeasuredPoint[] hints = [Point(20, 96, "3x1"), Point(30, 92, "3x1")];

        Next([], hints).ShouldBe(new SearchStep.Probe(28));
        Next([Point(28, 91)], hints).ShouldBe(new SearchStep.Probe(24));
        Next([Point(28, 91)], []).ShouldBe(new SearchStep.Probe(24));
        Next([Point(28, 88)], hints).ShouldBe(new SearchStep.Probe(20));
    }

    [Fact]
    public void Without_probes_left_the_nearest_point_that_is_good_enough_wins()
    {
        Settled(Point(30, 95), Point(31, 91.9)).ShouldBe(new SearchStep.Accept(Point(30, 95)));
        Settled(Point(30, 94), Point(31, 92.2)).ShouldBe(new SearchStep.Accept(Point(31, 92.2)));
        Settled(Point(30, 91.9)).ShouldBeOfType<SearchStep.Missed>();

        static SearchStep Settled(params MeasuredPoint[] points) =>
            QualitySearch.Next(new SearchInput(93, 0.5, CrfMin, CrfMax, 0, points, []));
    }

    [Theory]
    [InlineData(97.1, 97.3)]
    [InlineData(97.43, 97.43)]
    [InlineData(94.2, 93.9)]
    public void A_flat_curve_above_the_target_takes_the_smallest_file(double at35, double at55)
    {
        var (end, _) = Search(crf => crf < 45 ? at35 : at55);

        end.ShouldBe(new SearchStep.Accept(Point(CrfMax, at55)));
    }

    [Fact]
    public void Thrice_on_one_side_halves_what_is_left_of_a_cliff()
    {
        // Measured on noise over a test picture: 99.7 at CRF 35, and below 92 from 43 on.
        Next([Point(35, 99.67), Point(55, 60), Point(48, 75), Point(44, 88)], [])
            .ShouldBe(new SearchStep.Probe(39));
    }

    [Fact]
    public void Best_effort_is_the_highest_score_unless_a_flat_curve_gives_it_away()
    {
        QualitySearch.Best([Point(15, 85.88), Point(20, 82.12), Point(35, 80.39)]).Crf.ShouldBe(15);
        QualitySearch.Best([Point(15, 90.38), Point(28, 88.5), Point(35, 88.75)]).Crf.ShouldBe(35);
        QualitySearch.Best([Point(15, 90), Point(20, 90)]).Crf.ShouldBe(20);
    }

    /// <summary>The second samples begin where the first ones ended: at the lowest CRF, which is all that is known of them.</summary>
    [Theory]
    [InlineData("grain", 35)]
    [InlineData("noise", 15)]
    public void Best_effort_looks_at_the_curve_that_is_known_best(string name, int crf)
    {
        var known = MissAllTiers(Of(name));

        known.Count(point => point.SampleKey == "6x2").ShouldBe(1);
        QualitySearch.BestEffort(known).Crf.ShouldBe(crf);
    }

    [Fact]
    public void Best_effort_keeps_to_its_rule_on_thousands_of_curves()
    {
        var random = new Random(1);
        for (var run = 0; run < 2000; run++)
        {
            var curve = Random(random);
            var known = MissAllTiers(crf => Math.Min(curve(crf), 91.9 - 0.01 * crf));

            var best = QualitySearch.BestEffort(known);

            var same = known.FindAll(point => point.SampleKey == best.SampleKey);
            var highest = same.Max(point => point.Vmaf);
            (highest - best.Vmaf).ShouldBeLessThanOrEqualTo(0.1 * (best.Crf - CrfMin) + 1e-9);
            same.Count(point => point.Crf > best.Crf && point.Vmaf >= best.Vmaf).ShouldBe(0);
            var most = known.CountBy(point => point.SampleKey).Max(pair => pair.Value);
            same.Count.ShouldBe(most);
        }
    }

    [Fact]
    public void Best_effort_believes_the_whole_segment_once_it_was_encoded_twice()
    {
        MeasuredPoint[] samples =
        [
            Point(35, 88, "6x2"),
            Point(30, 90, "6x2"),
            Point(28, 93, "6x2"),
        ];

        QualitySearch.BestEffort([.. samples, Point(28, 86)]).Crf.ShouldBe(28);
        QualitySearch.BestEffort([.. samples, Point(28, 86), Point(20, 91)]).Crf.ShouldBe(20);
    }

    /// <summary>What three tiers leave where none of them comes near its target.</summary>
    private static List<MeasuredPoint> MissAllTiers(Func<int, double> curve)
    {
        var first = Probes(93, [], []);
        var second = Probes(93, [], first);
        return [.. first, .. second, .. Probes(91, second, first)];

        List<MeasuredPoint> Probes(
            double target,
            IReadOnlyList<MeasuredPoint> known,
            IReadOnlyList<MeasuredPoint> hints
        ) =>
            [
                .. Search(curve, target, known: known, hints: hints)
                    .Probes.Select(point =>
                        point with
                        {
                            Whole = false,
                            SampleKey = hints.Count > 0 ? "6x2" : "3x1",
                        }
                    ),
            ];
    }

    private static SearchStep Next(MeasuredPoint[] points, MeasuredPoint[] hints) =>
        QualitySearch.Next(new SearchInput(93, 0.5, CrfMin, CrfMax, 5, points, hints));
}
