namespace EncodeFarm.Contracts.Tests;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("lsit", "list")]
    [InlineData("DOWN_UNREACHABLE_NOW_A", "down-unreachable-now-a")]
    [InlineData("preset", "encoding.preset")]
    [InlineData("encoding.prest", "encoding.preset")]
    [InlineData("something else", null)]
    public void What_was_probably_meant(string name, string? nearest) =>
        NearestName
            .Of(name, ["list", "down-unreachable-now-a", "encoding.preset"])
            .ShouldBe(nearest);
}
