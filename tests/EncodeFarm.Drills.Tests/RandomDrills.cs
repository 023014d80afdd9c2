using System.Globalization;

namespace EncodeFarm.Drills.Tests;

/// <summary>
/// Kills and freezes at random, again and again: every job completes, every file is the calm one, every segment was
/// accepted once. ENCODEFARM_SEED and ENCODEFARM_KILLS choose other dice and other numbers.
/// </summary>
[Collection("broker")]
public sealed class RandomDrills(
    BrokerServer broker,
    PostgresServer postgres,
    ITestOutputHelper output
)
{
    static int Setting(string name, int standard) =>
        int.TryParse(
            Environment.GetEnvironmentVariable(name),
            CultureInfo.InvariantCulture,
            out var value
        )
            ? value
            : standard;

    [Fact]
    public Task A_few_random_kills() =>
        KillAsync(Setting("ENCODEFARM_KILLS", 6), jobs: 2, Pace.Quick);

    [Fact]
    [Trait("Length", "Long")]
    public Task Many_random_kills() =>
        KillAsync(Setting("ENCODEFARM_KILLS", 50), jobs: 5, Pace.Real);

    async Task KillAsync(int kills, int jobs, Pace pace)
    {
        var seed = Setting("ENCODEFARM_SEED", 1);
        var dice = new Random(seed);
        await using var cluster = await TestCluster.StartAsync(broker, postgres, pace);
        (string Name, string Roles)[] victims =
        [
            ("c1", "coordinator"),
            ("c2", "coordinator"),
            ("w1", "worker"),
            ("w2", "worker"),
            ("w3", "worker"),
        ];
        var anybody = cluster.Start("store", "store");
        foreach (var (name, roles) in victims)
        {
            cluster.Start(name, roles);
        }
        await cluster.UpAsync(anybody, [.. victims.Select(victim => victim.Name)]);
        var ids = new List<string>();
        for (var kill = 0; kill < kills; kill++)
        {
            if (kill * jobs / kills >= ids.Count)
            {
                ids.Add(await cluster.SubmitAsync(anybody, $"job{ids.Count}"));
            }
            var what = await StrikeAsync(cluster, dice, victims, pace);
            output.WriteLine($"{kill + 1}: {what}");
            await Task.Delay(TimeSpan.FromSeconds(dice.NextDouble() * 8 * pace.Scale));
        }
        foreach (var job in ids)
        {
            await cluster.CompletedAsync(anybody, job);
            (await cluster.HashAsync(anybody, job)).ShouldBe(
                await DrillClip.CalmHashAsync(),
                $"seed {seed}\n{cluster.Logs()}"
            );
            var encoded = (await cluster.EventsAsync(anybody, job))
                .Where(e => e.Type == "segment-encoded.v1")
                .Select(e => e.Text.Split(' ', ',')[1])
                .ToList();
            encoded.Distinct().Count().ShouldBe(DrillClip.Segments);
            encoded.Count.ShouldBe(DrillClip.Segments, $"seed {seed}: {string.Join(" ", encoded)}");
        }
    }

    /// <summary>SIGKILL and a restart after a while, SIGSTOP for a while, or the broker's end.</summary>
    async Task<string> StrikeAsync(
        TestCluster cluster,
        Random dice,
        (string Name, string Roles)[] victims,
        Pace pace
    )
    {
        var away = TimeSpan.FromSeconds((1 + dice.NextDouble() * 7) * pace.Scale);
        if (dice.Next(10) == 0)
        {
            await broker.KillAsync();
            await Task.Delay(away);
            await broker.StartAsync();
            return "kill of the broker";
        }
        var (name, roles) = victims[dice.Next(victims.Length)];
        var node = cluster.Node(name);
        if (dice.Next(2) == 0)
        {
            await node.KillAsync();
            await Task.Delay(away);
            cluster.Start(name, roles);
            return $"kill of {name}";
        }
        await node.FreezeAsync();
        await Task.Delay(away);
        await node.ThawAsync();
        return $"freeze of {name}";
    }
}
