namespace EncodeFarm.Drills.Tests;

/// <summary>What an operator orders acts within a second, asked of a worker's control port.</summary>
[Collection("broker")]
public sealed class OrderDrills(BrokerServer broker, ITestOutputHelper output)
{
    const int Rounds = 4;

    /// <summary>Nothing is waited for to be encoded: what is slow enough still runs when the other jobs have been planned.</summary>
    static readonly IReadOnlyList<string> Endless =
    [
        .. DrillClip.LongSegments.Where(setting =>
            !setting.StartsWith("encoding.preset", StringComparison.Ordinal)
        ),
        "encoding.preset=1",
    ];

    [Fact]
    public async Task Pause_resume_and_priority_act_within_a_second()
    {
        await using var cluster = await TestCluster.StartAsync(broker, Pace.Real.Patient);
        var one = cluster.Start("one", "coordinator");
        var two = cluster.Start("two", "worker");
        await cluster.UpAsync(one, "one", "two");
        var first = await cluster.SubmitAsync(one, "first", settings: Endless);
        var second = await cluster.SubmitAsync(one, "second", settings: Endless);
        var third = await cluster.SubmitAsync(one, "third", settings: Endless);
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

        var seconds = new Dictionary<string, List<double>>();
        for (var round = 0; round < Rounds; round++)
        {
            await ActsAsync("priority", $"encode priority {third} 5", null);
            await ActsAsync("pause", $"encode pause --now {first}", third);
            await ActsAsync("priority", $"encode priority {third} -5", null);
            await ActsAsync("pause", $"encode pause --now {third}", second);
            await ActsAsync("pause", $"encode pause --now {second}", null);
            await ActsAsync("resume", $"encode resume {first}", first);
            await ActsAsync("resume", $"encode resume {third}", null);
            await ActsAsync("resume", $"encode resume {second}", null);
        }
        foreach (var (what, taken) in seconds)
        {
            taken.Sort();
            output.WriteLine(
                FormattableString.Invariant(
                    $"{what}: median {taken[taken.Count / 2]:0.00} s, longest {taken[^1]:0.00} s of {taken.Count}"
                )
            );
            // A disk's fsync may stand still for a second where others write.
            taken[taken.Count / 2].ShouldBeLessThan(1, what);
        }

        // Until the answer, and where it must show in what runs, until it shows.
        async Task ActsAsync(string what, string order, string? runs)
        {
            var answer = await ControlPort.AskAsync(two, order);
            var taken = answer.Seconds;
            // Where a commit takes longer than an answer has, nobody knows what came of the order: it is given again.
            for (var again = false; answer.Exit != 0; again = true)
            {
                if (again && IsDoneAlready(answer))
                {
                    break;
                }
                (answer.IsMissing && taken < 30).ShouldBeTrue($"{order}: {answer.Problem}");
                answer = await ControlPort.AskAsync(two, order);
                taken += answer.Seconds;
            }
            taken += runs is null ? 0 : await RunsAsync(runs);
            seconds.TryAdd(what, []);
            seconds[what].Add(taken);
        }

        static bool IsDoneAlready(ControlPort.Answer answer) =>
            answer.Problem?.Contains("paused already", StringComparison.Ordinal) == true
            || answer.Problem?.Contains("not paused", StringComparison.Ordinal) == true;

        // Where it does not run, what it waits for is said.
        Task<double> RunsAsync(string job) =>
            cluster.UntilAsync(
                $"{job} runs, and nothing else",
                async () =>
                    new
                    {
                        Attempts = await cluster.AttemptsAsync(one),
                        (await one.Api.SegmentsAsync(job, default)).Segments,
                    },
                now => now.Attempts.Count == 1 && now.Attempts[0].Job == job,
                TimeSpan.FromMinutes(1)
            );
    }
}
