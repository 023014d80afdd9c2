using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Tests.Display;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0s")]
    [InlineData(59.6, "1m00s")]
    [InlineData(61, "1m01s")]
    [InlineData(3599, "59m59s")]
    [InlineData(3723, "1h02m03s")]
    [InlineData(-5, "0s")]
    public void Time_is_short(double seconds, string text) =>
        Words.Time(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(1_572_864, "1.50 MiB")]
    [InlineData(17_147_828, "16.4 MiB")]
    [InlineData(1L << 40, "1.00 TiB")]
    [InlineData(5000L << 40, "5000 TiB")]
    public void Bytes_have_three_digits(long bytes, string text) =>
        Words.Bytes(bytes).ShouldBe(text);

    [Fact]
    public void The_unknown_is_never_zero()
    {
        Words.Time(null).ShouldBe("–");
        Words.Bytes(null).ShouldBe("–");
        Words.Percent(null).ShouldBe("–");
        Words.Number(null, 2).ShouldBe("–");
    }

    [Fact]
    public void Percent_never_rounds_up_to_done() => Words.Percent(0.9999).ShouldBe("99 %");

    [Theory]
    [InlineData("plain ünï 日本", "plain ünï 日本")]
    [InlineData("a\nb\tc\u001b[31m", "a␊b␉c␛[31m")]
    [InlineData("\u007f\u0085", "\ufffd\ufffd")]
    public void Names_can_not_steer_the_terminal(string name, string shown) =>
        Words.Name(name).ShouldBe(shown);

    [Fact]
    public void Time_left_comes_from_the_frames_of_this_run()
    {
        var (fps, left) = Eta.Of(
            framesAtStart: 100,
            framesDone: 160,
            framesTotal: 400,
            TimeSpan.FromSeconds(10)
        );

        fps.ShouldBe(6);
        left.ShouldBe(TimeSpan.FromSeconds(40));
    }

    [Theory]
    [InlineData(100, 100, 10)]
    [InlineData(100, 150, 1)]
    public void Too_little_says_nothing(double atStart, double done, double seconds) =>
        Eta.Of(atStart, done, 400, TimeSpan.FromSeconds(seconds)).ShouldBe((null, null));
}
