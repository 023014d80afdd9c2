namespace EncodeFarm.Drills.Tests;

/// <summary>Labels of running workers, set with <c>pbm</c>.</summary>
[Collection("broker")]
public sealed class PbmLabelDrills(BrokerServer broker)
{
    [Fact]
    public async Task A_job_waits_for_a_label_and_starts_when_a_running_worker_gets_it()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var one = cluster.Start("one", "coordinator");
        var two = cluster.Start("two", "worker", settings: ["node.labels=rack=2"]);
        var three = cluster.Start("three", "worker");
        await cluster.UpAsync(one, "one", "two", "three");
        var needs = DrillClip.Settings.Append("needs=gpu=yes,rack=2").ToList();
        var job = await cluster.SubmitAsync(one, settings: needs);

        await BlockedAsync("label gpu=yes");
        (await PbmProcess.AnsweredAsync(three, "node", "label", "gpu=yes", "rack=1")).Out.ShouldBe(
            "three | gpu=yes,rack=1\n"
        );
        await BlockedAsync("labels gpu=yes,rack=2 on one worker");

        (
            await PbmProcess.AnsweredAsync(three, "node", "label", "gpu=yes", "-a", "two")
        ).Out.ShouldBe("two | gpu=yes,rack=2\n");
        var started = await cluster.UntilAsync(
            "two has work",
            () => cluster.AttemptsAsync(one),
            attempts => attempts.Any(attempt => attempt.Node == "two")
        );
        started.ShouldBeLessThan(30);
        (await PbmProcess.AnsweredAsync(one, "node", "list")).Out.ShouldContain("gpu=yes,rack=2");

        // The next coordinator hears of it from the worker.
        await one.KillAsync();
        one = cluster.Start("one", "coordinator");
        await LabelledAsync("gpu=yes,rack=2");
        await cluster.CompletedAsync(one, job);
        (
            await TestCluster.TryAsync(() =>
                one.Api.SegmentsAsync(job, TestContext.Current.CancellationToken)
            )
        ).Segments.ShouldAllBe(segment => segment.Node == "two");

        // It lasts as long as the process; what the configuration says comes again.
        await two.KillAsync();
        cluster.Start("two", "worker", settings: ["node.labels=rack=2"]);
        await LabelledAsync("rack=2");

        Task BlockedAsync(string what) =>
            cluster.UntilAsync(
                $"blocked by {what}",
                () => PbmProcess.RunAsync(three, "encode", "list"),
                list => list.Out.Contains($"blocked: needs {what}\n", StringComparison.Ordinal)
            );

        Task LabelledAsync(string labels) =>
            cluster.UntilAsync(
                $"two has {labels}",
                () => PbmProcess.RunAsync(one, "node", "label", "-a", "two"),
                shown => shown.Out == $"two | {labels}\n"
            );
    }

    [Fact]
    public async Task A_frozen_worker_has_done_nothing_until_it_says_so()
    {
        // All before it is found to be unreachable, which would be another answer.
        var pace = Pace.Real with
        {
            Silence = 300,
            Absence = 600,
        };
        await using var cluster = await TestCluster.StartAsync(broker, pace);
        var one = cluster.Start("one", "coordinator");
        var two = cluster.Start("two", "worker", slots: 2);
        await cluster.UpAsync(one, "one", "two");
        await two.FreezeAsync();

        string[][] wishes =
        [
            ["slots", "3"],
            ["label", "gpu=yes"],
        ];
        await Task.WhenAll(
            wishes.Select(wish =>
                cluster.UntilAsync(
                    $"two has not answered {wish[0]}",
                    () => PbmProcess.RunAsync(one, ["node", .. wish, "-a", "two"]),
                    answer =>
                    {
                        // A coordinator that is too busy says something else, but nobody may say that it is done.
                        answer.Exit.ShouldNotBe(0, answer.Out);
                        return answer is { Exit: 4, Out: "" }
                            && answer.Error.Contains("'two' has not answered yet.");
                    }
                )
            )
        );

        await two.ThawAsync();
        await cluster.UntilAsync(
            "two has three slots",
            () => PbmProcess.RunAsync(one, "node", "slots", "3", "-a", "two"),
            answer => answer.Out == "'two' encodes 3 at a time from now on.\n"
        );
        await cluster.UntilAsync(
            "the guard of two has other limits",
            () =>
                PbmProcess.RunAsync(
                    one,
                    ["node", "guard", "--high", "70", "--low", "50", "-a", "two"]
                ),
            answer =>
                answer.Out.StartsWith(
                    "two | closes above 70 %, opens below 50 %, ",
                    StringComparison.Ordinal
                )
        );
        (await PbmProcess.AnsweredAsync(two, "node", "guard")).Out.ShouldStartWith(
            "two | closes above 70 %, opens below 50 %, "
        );
    }
}
