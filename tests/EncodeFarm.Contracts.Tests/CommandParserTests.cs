using EncodeFarm.Contracts.Control;
using FsCheck;
using FsCheck.Fluent;

namespace EncodeFarm.Contracts.Tests;

public sealed class CommandParserTests
{
    [Fact]
    public void Arguments_stand_in_their_places_and_behind_switches()
    {
        var command = Parse("encode submit a.mkv -p fast b.mkv --set x=1 -s y=2 --watch").Command!;

        (command.Palette, command.Command.Name).ShouldBe(("encode", "submit"));
        command.All("source").ShouldBe(["a.mkv", "b.mkv"]);
        command.Text("profile").ShouldBe("fast");
        command.All("key=value").ShouldBe(["x=1", "y=2"]);
        (command.Has("watch"), command.Streams).ShouldBe((true, true));
    }

    [Theory]
    [InlineData("encode priority 0123 -5", "-5")]
    [InlineData("encode priority 0123 -- -5", "-5")]
    [InlineData("encode priority -- 0123 -5", "-5")]
    public void A_negative_number_is_a_value(string line, string n) =>
        Parse(line).Command!.Text("n").ShouldBe(n);

    [Fact]
    public void A_value_may_follow_an_equals_sign_and_names_may_begin_with_a_dash()
    {
        Parse("encode submit --profile=a=b -- -x.mkv").Command!.Text("profile").ShouldBe("a=b");
        Parse("encode submit -- -x.mkv").Command!.All("source").ShouldBe(["-x.mkv"]);
    }

    [Theory]
    [InlineData("", "No command is given. Type help to see what there is.")]
    [InlineData("encod list", "There is no palette 'encod'. Did you mean 'encode'?")]
    [InlineData("zzzz", "There is no palette 'zzzz'. There are encode, cluster, cluster-sharding.")]
    [InlineData(
        "clust",
        "There is no palette 'clust'. Did you mean 'cluster' or 'cluster-sharding'?"
    )]
    [InlineData("encode", "'encode' needs a command. There are submit, priority, list, show.")]
    [InlineData("encode lits", "There is no command 'encode lits'. Did you mean 'encode list'?")]
    [InlineData(
        "cluster-sharding region_stat",
        "There is no command 'cluster-sharding region_stat'. Did you mean 'cluster-sharding region-stats'?"
    )]
    [InlineData(
        "encode priority 0123",
        "<n> is missing: 0 is usual. The form is: encode priority <job> <n>"
    )]
    [InlineData(
        "encode priority 0123 1 2",
        "'2' is too much. The form is: encode priority <job> <n>"
    )]
    [InlineData(
        "encode submit a -x",
        "'encode submit' has no switch -x. The form is: encode submit <source…> [-p <profile>] [-s <key=value>…] [--watch]"
    )]
    [InlineData(
        "encode submit a -p",
        "-p needs a value: what is made of them. The form is: encode submit <source…> [-p <profile>] [-s <key=value>…] [--watch]"
    )]
    [InlineData(
        "encode submit a --watch=yes",
        "--watch takes no value. The form is: encode submit <source…> [-p <profile>] [-s <key=value>…] [--watch]"
    )]
    [InlineData(
        "cluster down -a one -a two",
        "-a is given twice. The form is: cluster down -a <address> [--force]"
    )]
    [InlineData(
        "cluster down",
        "-a is missing: name of a member. The form is: cluster down -a <address> [--force]"
    )]
    [InlineData(
        "cluster down -a ''",
        "-a has an empty value: name of a member. The form is: cluster down -a <address> [--force]"
    )]
    [InlineData(
        "cluster down --address=",
        "--address has an empty value: name of a member. The form is: cluster down -a <address> [--force]"
    )]
    [InlineData(
        "encode priority '' 5",
        "<job> is empty: id of the job. The form is: encode priority <job> <n>"
    )]
    [InlineData("cluster show x", "'x' is too much. The form is: cluster show")]
    public void What_is_wrong_is_said_with_the_accepted_form(string line, string sentence)
    {
        var parsed = Parse(line);

        parsed.Command.ShouldBeNull();
        parsed.Error!.Kind.ShouldBe("usage");
        parsed.Error.Sentence().ShouldBe(sentence);
    }

    [Fact]
    public void Any_words_give_a_command_or_a_reason() =>
        Prop.ForAll(
                Gen.Elements(
                        "encode",
                        "submit",
                        "cluster",
                        "down",
                        "-a",
                        "--address=x",
                        "--",
                        "-",
                        "--force",
                        "",
                        "=",
                        "--=",
                        "show"
                    )
                    .ListOf()
                    .ToArbitrary(),
                words =>
                {
                    var parsed = CommandParser.Parse(Sample.Palettes, [.. words]);
                    return parsed.Command is null != parsed.Error is null;
                }
            )
            .Check(Chance.Config.WithMaxTest(3000));

    private static ParsedLine Parse(string line) =>
        CommandParser.Parse(Sample.Palettes, CommandText.Parse(line).Words);
}
