using EncodeFarm.Contracts.Control;
using FsCheck;
using FsCheck.Fluent;

namespace EncodeFarm.Contracts.Tests;

public sealed class CommandTextTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("  a   b ", new[] { "a", "b" })]
    [InlineData("a 'b c' d", new[] { "a", "b c", "d" })]
    [InlineData("a \"b \\\" c\"", new[] { "a", "b \" c" })]
    [InlineData(@"a b\ c", new[] { "a", "b c" })]
    [InlineData("a ''", new[] { "a", "" })]
    [InlineData("a'b'c", new[] { "abc" })]
    [InlineData("a '>' b", new[] { "a", ">", "b" })]
    [InlineData(@"a \> b", new[] { "a", ">", "b" })]
    [InlineData("a>b", new[] { "a>b" })]
    [InlineData("$HOME `ls` *", new[] { "$HOME", "`ls`", "*" })]
    [InlineData(@"a\", new[] { @"a\" })]
    public void Words_are_split_as_a_shell_does(string line, string[] words)
    {
        var parsed = CommandText.Parse(line);

        parsed.Error.ShouldBeNull();
        parsed.Words.ShouldBe(words);
        parsed.Redirect.ShouldBeNull();
    }

    [Theory]
    [InlineData("a b > out.txt", "out.txt", false)]
    [InlineData("a b >out.txt", "out.txt", false)]
    [InlineData("a b >> 'my file'", "my file", true)]
    public void Output_can_go_to_a_file(string line, string file, bool append)
    {
        var parsed = CommandText.Parse(line);

        parsed.Words.ShouldBe(["a", "b"]);
        (parsed.Redirect, parsed.Append).ShouldBe((file, append));
    }

    [Theory]
    [InlineData("a >")]
    [InlineData("a > b c")]
    [InlineData("a > b > c")]
    [InlineData("a 'b")]
    [InlineData("a \"b")]
    public void What_makes_no_sense_is_said(string line) =>
        CommandText.Parse(line).Error.ShouldNotBeNull();

    [Fact]
    public void Quoted_words_come_back_as_they_were() =>
        Prop.ForAll(
                ArbMap.Default.ArbFor<NonNull<string>[]>(),
                words =>
                {
                    var given = words.Select(word => word.Get).ToList();
                    var line = string.Join(
                        ' ',
                        given.Select(word => $"'{word.Replace("'", "'\"'\"'")}'")
                    );
                    return CommandText.Parse(line).Words.SequenceEqual(given);
                }
            )
            .Check(Chance.Config);
}
