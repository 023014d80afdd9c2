using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Contracts.Tests;

public sealed class HelpTests
{
    [Fact]
    public void Help_names_all_palettes() =>
        Text()
            .ShouldBe(
                """
                  encode            Jobs.
                  cluster           Members.
                  cluster-sharding  Where things live.

                help <palette>, help <palette> <command> tell more.
                """
            );

    [Fact]
    public void Help_on_a_palette_has_the_form_of_each_command() =>
        Text("cluster")
            .ShouldBe(
                """
                cluster: Members.

                  cluster show                         All members.
                  cluster tail                         What happens.
                  cluster down -a <address> [--force]  Gives a member up.
                """
            );

    [Fact]
    public void Help_on_a_command_explains_its_arguments() =>
        Text("cluster-sharding", "region-stats")
            .ShouldBe(
                """
                cluster-sharding region-stats [-r <region>]

                How many.

                  -r, --region <region>  Only this one. One of videos, attempts.
                """
            );

    [Fact]
    public void Help_on_nothing_offers_the_nearest()
    {
        Usage.Help(Sample.Palettes, ["clustr"]).Error!.Advice.ShouldBe("Did you mean 'cluster'?");
        Usage
            .Help(Sample.Palettes, ["cluster", "shwo"])
            .Error!.Advice.ShouldBe("Did you mean 'cluster show'?");
    }

    private static string Text(params string[] words) =>
        string.Join('\n', Usage.Help(Sample.Palettes, words).Lines);
}
