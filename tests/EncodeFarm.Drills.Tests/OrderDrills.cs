using EncodeFarm.Cluster.Tests.Rabbit;

namespace EncodeFarm.Drills.Tests;

/// <summary>What an operator orders acts within a second, asked of a worker's control port.</summary>
[Collection("broker")]
public sealed class OrderDrills(BrokerServer broker, ITestOutputHelper output)
{
    [Fact]
    public async Task Pause_resume_and_priority_act_within_a_second()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real);
        var one = cluster.Start("one", "coordinator");
        var two = cluster.Start("two", "worker");
        await cluster.UpAsync(one, "one", "two");
        var first = await cluster.SubmitAsync(one, "first", settings: DrillClip.LongSegments);
        var second = await cluster.SubmitAsync(one, "second", settings: DrillClip.LongSegments);
        var third = await cluster.SubmitAsync(one, "third", settings: DrillClip.LongSegments);
        await RunsAsync(first);
        // Planned and cut, so that nothing but the slot is waited for.
        foreach (var job in new[] { second, third })
        {
            await cluster.UntilAsync(
                $"{job} waits for a slot",
                () => one.Api.SegmentsAsync(job, TestContext.Current.CancellationToken),
                list =>
                    list.Segments.Count > 0
                    && list.Segments.All(segment => segment.Waiting == "no free slot")
            );
        }

        await ActsAsync($"encode priority {third} 5", null);
        await ActsAsync($"encode pause --now {first}", third);
        await ActsAsync($"encode pause --now {third}", second);
        await ActsAsync($"encode pause --now {second}", null);
        await cluster.UntilAsync(
            "nothing runs",
            () => cluster.AttemptsAsync(one),
            attempts => attempts.Count == 0,
            TimeSpan.FromSeconds(1)
        );
        await ActsAsync($"encode resume {first}", first);

        async Task ActsAsync(string order, string? runs)
        {
            var answer = await ControlPort.AskAsync(two, order);
            answer.Exit.ShouldBe(0, answer.Problem);
            var seconds = answer.Seconds + (runs is null ? 0 : await RunsAsync(runs));
            output.WriteLine(FormattableString.Invariant($"{order[..13]}: answered after {answer.Seconds:0.00} s, acted after {seconds:0.00} s"));
            seconds.ShouldBeLessThan(1, $"{order}\n{cluster.Logs()}");
        }

        Task<double> RunsAsync(string job) =>
            cluster.UntilAsync(
                $"{job} runs, and nothing else",
                () => cluster.AttemptsAsync(one),
                attempts => attempts.Count == 1 && attempts[0].Job == job,
                TimeSpan.FromSeconds(15)
            );
    }
}
