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
    const int Trials = 5;

    static readonly TimeSpan OrphanLimit = TimeSpan.FromSeconds(2);

    static readonly Lazy<Task<string>> CalmHash = new(async () =>
    {
        using var directory = new TestDirectory();
        var end = await Start(directory, await TestClips.H264OpenGop()).EndAsync();
        end.ExitCode.ShouldBe(0, end.Errors);
        return end.VideoSha256;
    });

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
        var source = await TestClips.H264OpenGop();
        for (var trial = 0; trial < Trials; trial++)
        {
            using var directory = new TestDirectory();
            var watch = new JobWatch(directory.File("work"));
            using var first = Start(directory, source);
            await watch.SeeAsync(first, moment, times);
            if (!await first.KillAsync(group))
            {
                continue;
            }
            await NoOrphansAsync(watch);
            var complete = Accepted(await watch.JournalAsync());
            using var second = Start(directory, source);
            var end = await second.EndAsync();

            end.ExitCode.ShouldBe(0, end.Errors);
            end.VideoSha256.ShouldBe(await CalmHash.Value);
            FrameOracle
                .Mismatch(
                    await FrameOracle.DecodeAsync(source),
                    await FrameOracle.DecodeAsync(directory.File("out.mkv"))
                )
                .ShouldBeNull();
            var journal = await watch.JournalAsync();
            Accepted(journal).Count.ShouldBe(journal.OfType<SegmentEncoded>().Count());
            foreach (var (segment, attempt) in complete)
            {
                Accepted(journal)[segment].ShouldBe(attempt, "a complete segment ran again");
            }
            Directory.GetFiles(directory.Path, ".*").ShouldBeEmpty("nothing temporary is left");
            return;
        }
        Assert.Fail($"The farm was never caught at '{moment}'.");
    }

    static FarmProcess Start(TestDirectory directory, string source) =>
        FarmProcess.Start(
            "encode",
            source,
            "-o",
            directory.File("out.mkv"),
            "--work",
            directory.File("work"),
            "-p",
            "av1-crf",
            "-s",
            "encoding.preset=11",
            "-s",
            "segment.seconds=1",
            "--slots",
            "2",
            "--json"
        );

    static Dictionary<SegmentId, string> Accepted(IReadOnlyList<VideoEvent> journal) =>
        journal.OfType<SegmentEncoded>().ToDictionary(e => e.Segment, e => e.Attempt);

    static async Task NoOrphansAsync(JobWatch watch)
    {
        using var limit = new CancellationTokenSource(OrphanLimit);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (watch.Processes() is { Count: > 0 } orphans)
        {
            limit.IsCancellationRequested.ShouldBeFalse(
                $"processes {string.Join(", ", orphans)} outlived the farm"
            );
            await look.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
