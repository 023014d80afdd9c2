using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Contracts.Tests;

public sealed class CompleterTests
{
    [Theory]
    [InlineData("", "encode cluster cluster-sharding help exit", null)]
    [InlineData("clu", "cluster cluster-sharding", null)]
    [InlineData("encode ", "submit priority list show", null)]
    [InlineData("encode s", "submit show", null)]
    [InlineData("encode show ", "", "job")]
    [InlineData("encode show 01", "", "job")]
    [InlineData("encode show 01 ", "", null)]
    [InlineData("encode priority 01 ", "", null)]
    [InlineData("encode submit a -", "-p --profile -s --set --watch", null)]
    [InlineData("encode submit a -p ", "", "profile")]
    [InlineData("encode submit a -p fast --", "--set --watch", null)]
    [InlineData("cluster down ", "-a --address --force", null)]
    [InlineData("cluster-sharding region-stats -r v", "videos", null)]
    [InlineData("cluster-sharding region-stats -r ", "videos attempts", null)]
    [InlineData("help clu", "cluster cluster-sharding", null)]
    [InlineData("help cluster s", "show", null)]
    [InlineData("nothing here", "", null)]
    public void It_offers_what_fits(string text, string candidates, string? values)
    {
        var completion = Completer.Complete(Sample.Palettes, text, ["help", "exit"]);

        string.Join(" ", completion.Candidates).ShouldBe(candidates);
        completion.Values.ShouldBe(values);
    }

    [Fact]
    public void Values_of_the_node_are_offered_where_they_fit() =>
        Completer
            .Complete(Sample.Palettes, "encode show 01", [])
            .With(["0123", "0199", "ffff"])
            .ShouldBe(["0123", "0199"]);

    [Theory]
    [InlineData("encode priority ", "<job> <n>")]
    [InlineData("encode priority 01 ", "<n>")]
    [InlineData("encode priority 01", null)]
    [InlineData("encode submit ", "<source…> [-p <profile>] [-s <key=value>…] [--watch]")]
    [InlineData("encode submit a -p fast ", "<source…> [-s <key=value>…] [--watch]")]
    [InlineData("encode submit a -p ", "<profile>")]
    [InlineData("encode list ", null)]
    [InlineData("encode ", null)]
    public void It_hints_at_what_is_to_come(string text, string? hint) =>
        Completer.Hint(Sample.Palettes, text).ShouldBe(hint);

    [Theory]
    [InlineData("", "")]
    [InlineData("abc", "abc")]
    [InlineData("abc abd", "ab")]
    [InlineData("abc x", "")]
    [InlineData("ab abc", "ab")]
    public void What_is_common_is_completed(string candidates, string common) =>
        Completion
            .Common(candidates.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ShouldBe(common);
}
