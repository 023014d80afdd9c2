namespace EncodeFarm.Contracts.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("5s", 5)]
    [InlineData("1.5m", 90)]
    [InlineData("1h", 3600)]
    [InlineData("1d", 86400)]
    public void Durations_have_a_unit(string text, double seconds) =>
        Durations.Parse(text).ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("5")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("0s")]
    [InlineData("5 s")]
    [InlineData("1e3s")]
    [InlineData("99999999999999d")]
    [InlineData("NaNs")]
    public void Others_are_none(string text) => Durations.Parse(text).ShouldBeNull();
}
