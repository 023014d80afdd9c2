using System.Diagnostics;
using System.Globalization;

namespace EncodeFarm.Drills.Tests;

/// <summary>
/// A failover as an operator sees it, done with <c>pbm</c> and <c>kill</c> alone: the drill of the README, once read as
/// text and once by exit codes and JSON.
/// </summary>
[Collection("broker")]
public sealed class PbmDrills(BrokerServer broker)
{
    [Fact]
    public Task An_operator_sees_a_node_die_and_lets_another_go() =>
        OperateAsync(broker, json: false);

    [Fact]
    [Trait("Length", "Long")]
    public Task A_script_sees_a_node_die_and_lets_another_go() => OperateAsync(broker, json: true);

    /// <summary>The very text that users copy: <c>pbm</c> and <c>jq</c> on the path, <c>$three</c> the process to kill.</summary>
    [Fact]
    [Trait("Length", "Long")]
    public async Task The_script_of_the_README_runs_as_it_is_printed()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/jq"), "jq is not installed.");
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var one = cluster.Start("one", "coordinator,worker");
        var (two, three) = (cluster.Start("two", "worker"), cluster.Start("three", "worker"));
        var eyes = new Eyes(cluster, json: true);
        foreach (var node in new[] { one, two, three })
        {
            await eyes.SeeAsync(one, node, "up", reachable: true);
        }
        File.CreateSymbolicLink(
            Path.Combine(cluster.Outputs, "film.mkv"),
            await DrillClip.MadeAsync()
        );
        Directory.CreateDirectory(Path.Combine(cluster.Outputs, "out"));

        var script = ScriptOfReadme()
            .Replace("pbm ", $"{PbmProcess.Program} {one.Client.Node} ", StringComparison.Ordinal);
        var start = new ProcessStartInfo("/bin/sh", ["-e", "-c", script])
        {
            WorkingDirectory = cluster.Outputs,
            RedirectStandardOutput = true,
        };
        start.Environment["three"] = three.Id.ToString(CultureInfo.InvariantCulture);
        start.Environment["ENCODEFARM_TOKEN"] = one.Token;
        using var process = Process.Start(start)!;
        // It waits in loops, for ever where it is wrong.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await using var end = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(0, cluster.Logs());
        said.Trim().ShouldEndWith("true");
        File.Exists(Path.Combine(cluster.Outputs, "out", "third.mkv")).ShouldBeTrue();
    }

    static string ScriptOfReadme()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var begin = readme.IndexOf("#!/bin/sh -e", StringComparison.Ordinal);
        return readme[begin..readme.IndexOf("```", begin, StringComparison.Ordinal)];
    }

    static async Task OperateAsync(BrokerServer broker, bool json)
    {
        // One is killed, and no other may be taken for lost; there is time to see it unreachable before it is down.
        var pace = Pace.Real with
        {
            Silence = 10,
            Absence = 30,
        };
        await using var cluster = await TestCluster.StartAsync(broker, pace);
        var one = cluster.Start("one", "coordinator,worker");
        var two = cluster.Start("two", "worker");
        var three = cluster.Start("three", "worker");
        var eyes = new Eyes(cluster, json);
        foreach (var node in new[] { one, two, three })
        {
            await eyes.SeeAsync(one, node, "up", reachable: true);
        }

        var first = await SubmitAsync(two, cluster, "first");
        var watching = PbmProcess.AnsweredAsync(two, "encode", "watch", first);
        await cluster.UntilAsync(
            "three has work",
            () => PbmProcess.RunAsync(one, "cluster-sharding", "region-stats", "-r", "attempts"),
            stats => stats.Out.Contains("attempts | three | 1", StringComparison.Ordinal)
        );
        await three.KillAsync();
        await eyes.SeeAsync(two, three, "up", reachable: false);
        (
            await PbmProcess.AnsweredAsync(two, "cluster", "leave", "-a", "three")
        ).ShouldSatisfyAllConditions(
            leave => leave.Exit.ShouldBe(1),
            leave => leave.Error.ShouldContain("cluster down -a three")
        );
        await eyes.SeeAsync(two, three, "down", reachable: false);
        (await watching).Exit.ShouldBe(0, cluster.Logs());

        var second = await SubmitAsync(one, cluster, "second");
        watching = PbmProcess.AnsweredAsync(one, "encode", "watch", second);
        await cluster.UntilAsync(
            "two has work",
            () => PbmProcess.RunAsync(one, "node", "show", "-a", "two", "--json"),
            node => node.Exit == 0 && node.Json()[0].GetProperty("running").GetInt32() == 1
        );
        (await PbmProcess.AnsweredAsync(one, "cluster", "drain", "-a", "two")).Exit.ShouldBe(0);
        (await PbmProcess.AnsweredAsync(one, "node", "list")).Out.ShouldContain("no: draining");
        var leave = await PbmProcess.AnsweredAsync(one, "cluster", "leave", "-a", "two");
        // Whoever is told a second time may have left.
        (leave.Exit == 0 || leave.Again).ShouldBeTrue(leave.Error);
        await two.EndAsync();
        (await watching).Exit.ShouldBe(0, cluster.Logs());

        var report = await PbmProcess.AnsweredAsync(one, "encode", "report", second, "--json");
        report
            .Json()
            .Single()
            .GetProperty("jobs")[0]
            .GetProperty("renditions")[0]
            .GetProperty("videoSha256")
            .GetString()
            .ShouldBe(await DrillClip.CalmHashAsync());
        // Whoever leaves in order burns no attempt.
        (
            await PbmProcess.AnsweredAsync(one, "encode", "events", second, "--json")
        ).Out.ShouldNotContain("attempt-lost");
    }

    static async Task<string> SubmitAsync(FarmNode at, TestCluster cluster, string name)
    {
        var submitted = await PbmProcess.AnsweredAsync(
            at,
            [
                "encode",
                "submit",
                await DrillClip.MadeAsync(),
                "-p",
                "av1-crf",
                "-o",
                Path.Combine(cluster.Outputs, $"{name}.mkv"),
                "--key",
                name,
                "--json",
                .. DrillClip.Settings.SelectMany(setting => new[] { "-s", setting }),
            ]
        );
        submitted.Exit.ShouldBe(0, submitted.Error);
        return submitted.Json().Single().GetProperty("job").GetProperty("id").GetString()!;
    }

    /// <summary>Looks at <c>cluster show</c> until it says something.</summary>
    sealed class Eyes(TestCluster cluster, bool json)
    {
        public Task<double> SeeAsync(FarmNode at, FarmNode node, string status, bool reachable) =>
            cluster.UntilAsync(
                $"{node.Name} {status}, reachable: {reachable}",
                () =>
                    PbmProcess.RunAsync(
                        at,
                        ["cluster", "show", .. json ? ["--json"] : Array.Empty<string>()]
                    ),
                shown =>
                    json
                        ? shown.Exit == 0
                            && shown
                                .Json()
                                .Any(member =>
                                    member.GetProperty("name").GetString() == node.Name
                                    && member.GetProperty("status").GetString() == status
                                    && member.GetProperty("unreachable").GetBoolean() != reachable
                                )
                        : shown.Out.Contains(
                            $"farm://encodefarm@{node.Client.Node} | [{Roles(node)}] | {status} | {(reachable ? "" : "unreachable")} | ",
                            StringComparison.Ordinal
                        )
            );

        static string Roles(FarmNode node) => node.Name == "one" ? "coordinator,worker" : "worker";
    }
}
