using EncodeFarm.Farm.Videos;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>
/// SIGKILL at any moment, and the same command again: the same file, nothing that was complete is encoded again, and no
/// tool outlives the farm.
/// </summary>
public sealed class KillTests
{
    /// <summary>A moment that ends before the kill arrives is tried again.</summary>
    const int Trials = 20;

    public static TheoryData<string, int, bool> Moments
    {
        get
        {
            var moments = new TheoryData<string, int, bool>();
            foreach (var group in new[] { false, true })
            {
                moments.Add("Submitted", 1, group);
                moments.Add(" is encoded, ", 2, group);
                moments.Add("mux, exit 0", 1, group);
                moments.Add(" is validated: ", 1, group);
            }
            return moments;
        }
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_killed_farm_goes_on_where_it_was(string moment, int times, bool group)
    {
        var source = await Drill.SourceAsync();
        for (var trial = 0; trial < Trials; trial++)
        {
            using var drill = new Drill();
            var first = drill.Start(source);
            await drill.Watch.SeeAsync(first, moment, times);
            if (!await first.KillAsync(group))
            {
                continue;
            }
            await drill.NoOrphansAsync();
            var complete = await drill.AcceptedAsync();
            var end = await drill.Start(source).DeliveredAsync();

            end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
            FrameOracle
                .Mismatch(
                    await FrameOracle.DecodeAsync(source),
                    await FrameOracle.DecodeAsync(drill.Output)
                )
                .ShouldBeNull();
            await NothingRanAgainAsync(drill, complete);
            drill.NothingTemporaryIsLeft();
            return;
        }
        Assert.Fail($"The farm was never caught at '{moment}'.");
    }

    [Theory]
    [InlineData(1)]
    public Task A_few_kills_in_a_row_change_nothing(int seed) => KillsInARowAsync(seed, 3);

    [Theory]
    [Trait("Length", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    public Task Many_kills_in_a_row_change_nothing(int seed) => KillsInARowAsync(seed, 20);

    /// <summary>Group kills at moments of a seeded lottery, until the job comes through.</summary>
    static async Task KillsInARowAsync(int seed, int most)
    {
        var random = new Random(seed);
        var source = await Drill.SourceAsync();
        using var drill = new Drill();
        for (var kill = 0; kill < most; kill++)
        {
            var farm = drill.Start(source);
            await drill.Watch.SeeAsync(farm, "\n", drill.Watch.Count("\n") + random.Next(1, 9));
            if (!await farm.KillAsync(group: true))
            {
                break;
            }
            await drill.NoOrphansAsync();
        }
        var complete = await drill.AcceptedAsync();

        var end = await drill.Start(source).DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        await NothingRanAgainAsync(drill, complete);
        drill.NothingTemporaryIsLeft();
    }

    static async Task NothingRanAgainAsync(
        Drill drill,
        IReadOnlyDictionary<SegmentId, string> complete
    )
    {
        // A segment that was accepted twice would stop this.
        var accepted = await drill.AcceptedAsync();
        foreach (var (segment, attempt) in complete)
        {
            accepted[segment].ShouldBe(attempt, "a complete segment ran again");
        }
    }
}
