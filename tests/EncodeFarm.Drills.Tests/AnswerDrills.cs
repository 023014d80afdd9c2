using System.Diagnostics;
using System.Globalization;

namespace EncodeFarm.Drills.Tests;

/// <summary>Every command of every palette answers within 2 s while nodes die, or says who can't be reached.</summary>
[Collection("broker")]
public sealed class AnswerDrills(BrokerServer broker, ITestOutputHelper output)
{
    const double Limit = 2;

    /// <summary>So long a busy machine may take to give its nodes the time for it once.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>What a node answers by itself.</summary>
    static readonly string[] Own =
    [
        "cluster show",
        "cluster status",
        "cluster join",
        "cluster-sharding list-regions",
        "actor system",
        "actor hierarchy",
        "log peek",
        "system uptime",
        "system version",
        "system tools",
        "node guard",
    ];

    /// <summary>What only the coordinator knows.</summary>
    static readonly string[] Forwarded =
    [
        "cluster leader",
        "cluster drain -a three",
        "cluster undrain -a three",
        "cluster leave -a three",
        "cluster down -a three",
        "cluster down-unreachable",
        "cluster-sharding region-stats",
        "cluster-sharding entities",
        "cluster-sharding locate JOB",
        "encode submit CLIP -p av1-crf -o OUT/other.mkv",
        "encode list",
        "encode show JOB",
        "encode segments JOB",
        "encode pause JOB",
        "encode resume JOB",
        "encode cancel VICTIM",
        "encode retry JOB",
        "encode priority JOB 1",
        "encode report JOB",
        "encode events JOB",
        "encode events -f JOB",
        "encode watch JOB",
        "node list",
        "node show -a three",
        "node slots 1 -a three",
        "node label disk=fast -a three",
    ];

    /// <summary>Those that send nobody away.</summary>
    static IEnumerable<string> Gentle =>
        Forwarded.Where(command => !command.StartsWith("cluster ", StringComparison.Ordinal));

    /// <summary>They answer with what happens, and nothing may happen.</summary>
    static readonly string[] Tails = ["cluster tail", "log tail"];

    [Fact]
    public async Task Every_command_answers_while_the_coordinator_freezes_and_dies()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var (one, two, ask) = await StartAsync(cluster);
        await EveryCommandIsAskedAsync(two);
        await WarmUpAsync(ask, two);

        await one.FreezeAsync();
        await RoundAsync("frozen");
        await one.KillAsync();
        await RoundAsync("dead");
        await RoundAsync("dead for a while");

        async Task RoundAsync(string what)
        {
            await AskAllAsync(
                what,
                two,
                Own,
                answer => answer.Exit == 0 || answer.Command == "node guard"
            );
            await AskAllAsync(
                what,
                two,
                Forwarded.Select(ask),
                answer => $"{answer.Problem}{answer.Text}".Contains("one", StringComparison.Ordinal)
            );
        }
    }

    [Fact]
    public async Task Every_command_answers_while_a_worker_freezes_and_dies()
    {
        // It is an operator that gives it up, however long that takes here.
        var pace = Pace.Real with
        {
            Absence = 600,
        };
        await using var cluster = await TestCluster.StartAsync(broker, pace);
        var (one, two, ask) = await StartAsync(cluster);
        var three = cluster.Node("three");
        await WarmUpAsync(ask, one, two);
        await three.FreezeAsync();
        var since = Stopwatch.StartNew();
        // Before, while and after it is found to be unreachable, and given up by an operator.
        while (since.Elapsed.TotalSeconds < 6)
        {
            await RoundAsync(Gentle);
        }
        // Where the coordinator itself stood still meanwhile, it gives everybody more time.
        await cluster.UntilAsync(
            "three is unreachable",
            () => one.Api.MembersAsync(CancellationToken.None),
            list => list.Members.Single(member => member.Name == "three").Unreachable
        );
        foreach (var wish in new[] { "cluster leave -a three", "node slots 1 -a three" })
        {
            foreach (var node in new[] { one, two })
            {
                await cluster.UntilAsync(
                    $"{node.Name} refuses {wish}",
                    () => ControlPort.AskAsync(node, wish),
                    refused =>
                    {
                        refused.Exit.ShouldNotBe(0, wish);
                        return refused is { Exit: 1, IsMissing: false }
                            && refused.Problem!.Contains("three", StringComparison.Ordinal);
                    }
                );
            }
        }
        await RoundAsync(Forwarded);
        await three.KillAsync();
        await RoundAsync(Forwarded);

        // The coordinator is well: a round is over only when it has answered all of it.
        async Task RoundAsync(IEnumerable<string> commands)
        {
            var asked = Own.Concat(commands.Select(ask)).ToList();
            var what = since.Elapsed.TotalSeconds.ToString("0.0 s", CultureInfo.InvariantCulture);
            foreach (var node in new[] { one, two })
            {
                await AskAllAsync(
                    $"{what}, asked {node.Name}",
                    node,
                    asked,
                    answer => !ControlPort.IsUnanswered(answer.Problem)
                );
            }
        }
    }

    /// <summary>A process that has never answered compiles its answers first.</summary>
    static async Task WarmUpAsync(Func<string, string> ask, params FarmNode[] nodes)
    {
        foreach (var node in nodes)
        {
            await Task.WhenAll(Own.Select(command => ControlPort.AskAsync(node, command)));
            await Task.WhenAll(
                Gentle.Select(command => ControlPort.AskAsync(node, ask(command), 1))
            );
        }
    }

    /// <summary>Three nodes with a job that runs and one to be cancelled.</summary>
    static async Task<(FarmNode One, FarmNode Two, Func<string, string> Ask)> StartAsync(
        TestCluster cluster
    )
    {
        var one = cluster.Start("one", "coordinator,worker");
        var two = cluster.Start("two", "worker");
        cluster.Start("three", "worker");
        await cluster.UpAsync(one, "one", "two", "three");
        var job = await cluster.SubmitAsync(one, settings: DrillClip.LongSegments);
        var victim = await cluster.SubmitAsync(one, "victim", settings: DrillClip.LongSegments);
        await cluster.UntilAsync(
            "something runs",
            () => cluster.AttemptsAsync(one),
            attempts => attempts.Count > 0
        );
        var clip = await DrillClip.MadeAsync();
        return (
            one,
            two,
            command =>
                command
                    .Replace("JOB", job)
                    .Replace("VICTIM", victim)
                    .Replace("CLIP", clip)
                    .Replace("OUT", cluster.Outputs)
        );
    }

    /// <summary>A command that is new is asked here too.</summary>
    static async Task EveryCommandIsAskedAsync(FarmNode node)
    {
        var palettes = await TestCluster.TryAsync(() =>
            node.Client.PalettesAsync(TestContext.Current.CancellationToken)
        );
        var asked = Own.Concat(Forwarded).Concat(Tails);
        palettes
            .Palettes.SelectMany(palette =>
                palette.Commands.Select(command => $"{palette.Name} {command.Name}")
            )
            .Where(name =>
                !asked.Any(a => $"{a} ".StartsWith($"{name} ", StringComparison.Ordinal))
            )
            .ShouldBeEmpty();
    }

    /// <summary>
    /// All at once, and again where one came late or not from whom it should: that the machine had no time for it just then is
    /// no fault of the node.
    /// </summary>
    /// <param name="fits">Whether it comes from whom it should.</param>
    async Task AskAllAsync(
        string what,
        FarmNode node,
        IEnumerable<string> commands,
        Func<ControlPort.Answer, bool> fits
    )
    {
        var asked = commands.ToList();
        var clock = Stopwatch.StartNew();
        ControlPort.Answer[] answers;
        do
        {
            answers = await Task.WhenAll(
                asked.Select(command =>
                    ControlPort.AskAsync(
                        node,
                        command,
                        command.Contains(" -f ") || command.Contains(" watch ") ? 1 : null
                    )
                )
            );
            var slowest = answers.MaxBy(answer => answer.Seconds)!;
            var unfit = answers.Count(answer => !fits(answer));
            output.WriteLine(
                FormattableString.Invariant(
                    $"{what}: {answers.Length} commands, {unfit} unfit, slowest {slowest.Seconds:0.00} s ({slowest.Command})"
                )
            );
            answers.ShouldAllBe(answer => answer.Exit == 0 || answer.Text + answer.Problem != "");
            answers.ShouldAllBe(answer =>
                answer.Problem == null || !answer.Problem.Contains("error in the program")
            );
        } while (
            clock.Elapsed < Patience
            && answers.Any(answer => answer.Seconds >= Limit || !fits(answer))
        );
        answers.ShouldAllBe(answer => answer.Seconds < Limit);
        answers.ShouldAllBe(answer => fits(answer));
    }
}
