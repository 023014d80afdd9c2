using EncodeFarm.Farm.Videos;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>What a job stands on is damaged or changed while it is under way.</summary>
public sealed class DamageTests
{
    /// <summary>A job that is over before it is disturbed is tried again.</summary>
    const int Trials = 20;

    [Fact]
    public async Task A_damaged_journal_is_named_and_without_it_the_job_begins_anew()
    {
        var source = await Drill.SourceAsync();
        using var drill = await KilledAsync(source);
        var journal = Path.Combine(drill.Watch.Directory, "farm.db");
        await File.WriteAllBytesAsync(journal, Enumerable.Repeat((byte)0xA5, 40_000).ToArray());
        File.Delete($"{journal}-wal");

        var refused = await drill.Start(source).EndAsync();
        refused.ExitCode.ShouldBe(1);
        refused.Output.ShouldContain("\"state\": \"Failed\"");
        refused.Errors.ShouldStartWith(
            $"✗ The journal '{journal}' is damaged or no journal at all ("
        );
        refused.Errors.ShouldEndWith("Restore it from a copy, or move it away to begin anew.\n");
        File.Exists(drill.Output).ShouldBeFalse();

        File.Delete(journal);
        var end = await drill.Start(source).DeliveredAsync();
        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        drill.NothingTemporaryIsLeft();
    }

    /// <summary>A disk that lied about its flush: the newest events are gone.</summary>
    [Fact]
    public async Task A_journal_that_lost_its_end_only_costs_work()
    {
        var source = await Drill.SourceAsync();
        using var drill = await KilledAsync(source);
        await using (var log = File.OpenWrite(Path.Combine(drill.Watch.Directory, "farm.db-wal")))
        {
            log.Length.ShouldBeGreaterThan(0);
            log.SetLength(log.Length / 2);
        }

        var end = await drill.Start(source).DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        drill.NothingTemporaryIsLeft();
    }

    [Fact]
    public async Task An_accepted_segment_that_is_damaged_is_encoded_again()
    {
        var source = await Drill.SourceAsync();
        using var drill = await KilledAsync(source);
        // There may be one more that was not accepted yet.
        var accepted = (await drill.Watch.JournalAsync()).OfType<SegmentEncoded>().First();
        var segment = Path.Combine(
            drill.Watch.Directory,
            "encoded",
            "0",
            Path.GetFileName(accepted.Artifact.Name)
        );
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);

        var end = await drill.Start(source).DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        end.Errors.ShouldContain("is encoded again: ");
    }

    [Theory]
    [InlineData("another file takes its name")]
    [InlineData("it is written over")]
    public async Task A_source_that_changes_is_noticed_and_not_mixed(string how)
    {
        var trial = 1;
        while (!await IsNoticedAsync(how))
        {
            trial++.ShouldBeLessThan(
                Trials,
                "the change always came too late, or is never noticed"
            );
        }
    }

    /// <returns>False where the job was over before the change.</returns>
    static async Task<bool> IsNoticedAsync(string how)
    {
        using var drill = new Drill();
        var source = drill.File("source.mkv");
        File.Copy(await Drill.SourceAsync(), source);
        var farm = drill.Start(source);
        await drill.Watch.SeeAsync(farm, " is encoded, ");
        if (how == "it is written over")
        {
            await using var file = File.OpenWrite(source);
            file.Position = file.Length / 2;
            file.Write(new byte[64]);
        }
        else
        {
            File.Copy(await TestClips.H264ClosedGop(), drill.File("other"));
            File.Move(drill.File("other"), source, overwrite: true);
        }

        var end = await farm.EndAsync();
        if (end.ExitCode == 0)
        {
            end.VideoSha256.ShouldBe(
                await Drill.CalmHashAsync(),
                "what was there before is in it alone"
            );
            return false;
        }
        end.ExitCode.ShouldBe(3, end.Errors);
        end.Errors.ShouldEndWith(
            $"✗ '{source}' has changed since the job was submitted. Start again to encode what it is now.\n"
        );
        File.Exists(drill.Output).ShouldBeFalse();
        drill.NothingTemporaryIsLeft();

        if (how != "it is written over")
        {
            var again = await drill.Start(source).DeliveredAsync();
            FrameOracle
                .Mismatch(
                    await FrameOracle.DecodeAsync(source),
                    await FrameOracle.DecodeAsync(drill.Output)
                )
                .ShouldBeNull();
        }
        return true;
    }

    static async Task<Drill> KilledAsync(string source)
    {
        for (var trial = 0; trial < Trials; trial++)
        {
            var drill = new Drill();
            var farm = drill.Start(source);
            await drill.Watch.SeeAsync(farm, " is encoded, ", 2);
            if (await farm.KillAsync(group: true) && !File.Exists(drill.Output))
            {
                await drill.NoOrphansAsync();
                return drill;
            }
            drill.Dispose();
        }
        throw new InvalidOperationException("The farm was never caught in the middle.");
    }
}
