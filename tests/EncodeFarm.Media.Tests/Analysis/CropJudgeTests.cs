using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class CropJudgeTests
{
    private static readonly VisibleArea Full = new(0, 1919, 0, 1079);
    private static readonly VisibleArea Letterbox = new(0, 1919, 138, 941);
    private static readonly VisibleArea Dark = new(900, 1000, 500, 520);
    private static readonly VisibleArea Black = new(1919, 0, 1079, 0);

    [Fact]
    public void Black_bars_are_cut_off() =>
        Judge([.. Many(10, Letterbox)])
            .ShouldBe(
                new CropDecision(
                    new CropRectangle(1920, 804, 0, 138),
                    1,
                    "black bars: 2.39:1 remains, 100% of the samples agree"
                )
            );

    [Fact]
    public void Dark_scenes_have_no_vote() =>
        Judge([.. Many(4, Letterbox), .. Many(5, Dark), .. Many(5, Black)])
            .Rectangle.ShouldBe(new CropRectangle(1920, 804, 0, 138));

    [Fact]
    public void A_scene_that_is_dark_at_one_side_agrees_about_the_bars() =>
        Judge([.. Many(4, Letterbox), .. Many(6, Letterbox with { Left = 700 })])
            .ShouldSatisfyAllConditions(
                crop => crop.Rectangle.ShouldBe(new CropRectangle(1920, 804, 0, 138)),
                crop => crop.Confidence.ShouldBe(1)
            );

    [Fact]
    public void Nothing_that_was_seen_is_cut_off() =>
        Judge([.. Many(9, Letterbox), Full]).ShouldBe(new CropDecision(null, 1, "no black bars"));

    [Theory]
    [InlineData(8, true)]
    [InlineData(7, false)]
    public void Four_of_five_samples_must_agree(int agreeing, bool crops)
    {
        var crop = Judge([
            .. Many(agreeing, Letterbox),
            .. Many(10 - agreeing, Letterbox with { Top = 200 }),
        ]);

        (crop.Rectangle is not null).ShouldBe(crops);
        crop.Confidence.ShouldBe(agreeing / 10.0);
    }

    [Fact]
    public void A_few_black_pixels_stay() =>
        Judge([.. Many(10, new VisibleArea(0, 1919, 4, 1077))]).Rectangle.ShouldBeNull();

    [Fact]
    public void An_unusual_shape_is_doubted() =>
        Judge([.. Many(10, new VisibleArea(0, 1919, 300, 779))])
            .Reason.ShouldBe("black bars are likely, but would leave an unusual shape (4.00:1)");

    [Fact]
    public void Pillarboxes_are_cut_off_evenly() =>
        Judge([.. Many(10, new VisibleArea(241, 1680, 0, 1079))])
            .Rectangle.ShouldBe(new CropRectangle(1440, 1080, 240, 0));

    [Fact]
    public void Pixels_that_are_not_square_count_for_the_shape()
    {
        var anamorphic = CropJudge.Judge(
            [.. Many(10, new VisibleArea(0, 719, 74, 501))],
            720,
            576,
            64 / 45.0
        );

        anamorphic.Rectangle.ShouldBe(new CropRectangle(720, 428, 0, 74));
    }

    [Fact]
    public void Without_a_picture_nothing_is_decided() =>
        Judge([.. Many(10, Black)])
            .ShouldBe(new CropDecision(null, 0, "no sample shows a picture"));

    [Fact]
    public void Two_samples_prove_nothing() =>
        Judge([Letterbox, Letterbox, Dark, Dark]).Rectangle.ShouldBeNull();

    [Theory]
    [InlineData(299, 0)]
    [InlineData(301, 30)]
    [InlineData(1201, 60)]
    [InlineData(3601, 180)]
    public void Credits_are_skipped(double seconds, double credits) =>
        CropSampling.Credits(seconds).ShouldBe(credits);

    [Theory]
    [InlineData(30, 10)]
    [InlineData(1800, 29)]
    [InlineData(7200, 100)]
    public void Samples_are_sixty_an_hour_within_limits(int seconds, int samples)
    {
        var table = new FrameTable(
            new Rational(1, 1),
            [.. Enumerable.Range(0, seconds).Select(i => (long)i)],
            [.. Enumerable.Range(0, seconds)],
            seconds
        );

        var keyframes = CropSampling.Keyframes(table);

        keyframes.Count.ShouldBe(samples);
        keyframes.ShouldBeUnique();
        keyframes[^1].ShouldBeLessThan(seconds - (int)CropSampling.Credits(seconds));
    }

    /// <summary>Of a source with few keyframes two minutes are seen; what comes later may fill the bars.</summary>
    [Theory]
    [InlineData(100, 1)]
    [InlineData(150, 0.8)]
    [InlineData(3600, 0.033)]
    public void Bars_of_the_beginning_prove_little_of_a_long_source(
        double seconds,
        double confidence
    )
    {
        var kept = new CropRectangle(1920, 800, 0, 140);

        var decision = CropJudge.OfBeginning(new(kept, 1, "black bars"), 120, seconds);

        (decision.Rectangle is null).ShouldBe(confidence < CropJudge.NeededConfidence);
        if (decision.Rectangle is null)
        {
            decision.ShouldBe(
                new(
                    null,
                    confidence,
                    "black bars are likely, but only the first 120 of 3600 s were looked at"
                )
            );
        }
    }

    [Fact]
    public void No_bars_in_the_beginning_leave_the_picture_as_it_is()
    {
        var decision = new CropDecision(null, 1, "no black bars");

        CropJudge.OfBeginning(decision, 120, 3600).ShouldBe(decision);
    }

    private static CropDecision Judge(IReadOnlyList<VisibleArea> samples) =>
        CropJudge.Judge(samples, 1920, 1080, 1);

    private static IEnumerable<VisibleArea> Many(int count, VisibleArea area) =>
        Enumerable.Repeat(area, count);
}
