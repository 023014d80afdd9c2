using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class FrameRatesTests
{
    public static TheoryData<long, long, long, int> Constant
    {
        get
        {
            var data = new TheoryData<long, long, long, int>();
            (long, long)[] rates =
            [
                (24000, 1001),
                (24, 1),
                (25, 1),
                (30000, 1001),
                (30, 1),
                (48, 1),
                (50, 1),
                (60000, 1001),
                (60, 1),
                (100, 1),
                (120000, 1001),
                (120, 1),
                (15, 1),
                (25, 2),
            ];
            foreach (var (numerator, denominator) in rates)
            {
                // The time bases of Matroska, TS, QuickTime of old, and MP4.
                foreach (var ticks in (long[])[1000, 90000, 600, 12288])
                {
                    data.Add(numerator, denominator, ticks, 2000);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Constant))]
    public void A_constant_rate_is_found_through_the_containers_rounding(
        long numerator,
        long denominator,
        long ticks,
        int count
    )
    {
        var frames = Table(ticks, count, i => (double)i * denominator / numerator);

        var verdict = FrameRates.Judge(frames, []);

        verdict.ShouldBe(new FrameRateVerdict(new Rational(numerator, denominator), false));
    }

    [Theory]
    [InlineData(24000, 1001)]
    [InlineData(24, 1)]
    public void In_a_short_clip_the_claim_decides(int numerator, int denominator)
    {
        var claim = new Rational(numerator, denominator);
        var frames = Table(1000, 12, i => i / claim.Value);

        FrameRates.Judge(frames, [claim]).ShouldBe(new FrameRateVerdict(claim, false));
    }

    [Fact]
    public void A_wrong_claim_does_not_decide() =>
        FrameRates
            .Judge(
                Table(1000, 600, i => i * 1001 / 60000.0),
                [new Rational(19001, 317), new Rational(30, 1)]
            )
            .ShouldBe(new FrameRateVerdict(new Rational(60000, 1001), false));

    [Fact]
    public void An_unusual_constant_rate_is_taken_from_the_claim() =>
        FrameRates
            .Judge(Table(90000, 600, i => i / 18.75), [new Rational(75, 4)])
            .ShouldBe(new FrameRateVerdict(new Rational(75, 4), false));

    [Fact]
    public void A_single_missing_frame_makes_it_variable() =>
        FrameRates
            .Judge(Table(1000, 1000, i => (i < 500 ? i : i + 1) / 25.0), [new Rational(25, 1)])
            .ShouldBe(new FrameRateVerdict(new Rational(25, 1), true));

    [Fact]
    public void Joins_that_drift_make_it_variable() =>
        FrameRates
            .Judge(Table(1000, 2000, i => i / 24.0 + i / 200 * 0.003), [])
            .ShouldBe(new FrameRateVerdict(new Rational(24, 1), true));

    [Fact]
    public void A_variable_rate_has_its_mean()
    {
        var verdict = FrameRates.Judge(Table(1000, 701, i => i / 7.0 + i % 3 * 0.02), []);

        verdict.Variable.ShouldBeTrue();
        verdict.Rate.Value.ShouldBe(7, 0.01);
    }

    [Theory]
    [InlineData(true, 24, 1)]
    [InlineData(false, 25, 1)]
    public void A_single_frame_has_the_rate_that_is_claimed(bool claimed, int n, int d) =>
        FrameRates
            .Judge(Table(1000, 1, _ => 0), claimed ? [new Rational(24, 1)] : [])
            .ShouldBe(new FrameRateVerdict(new Rational(n, d), false));

    private static FrameTable Table(long ticks, int count, Func<int, double> seconds)
    {
        long[] pts =
        [
            .. Enumerable.Range(0, count).Select(i => (long)Math.Round(seconds(i) * ticks)),
        ];
        return new FrameTable(new Rational(1, ticks), pts, [0], pts[^1] + 1);
    }
}
