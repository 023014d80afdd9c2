using EncodeFarm.Actors.Testing;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

public sealed class EmbeddedFarmTests
{
    [Fact]
    public async Task A_clip_becomes_a_validated_file_with_every_frame_of_its_source()
    {
        using var directory = new TestDirectory();
        var source = await TestClips.H264OpenGop();
        var output = directory.File("out.mkv");

        var state = await EncodeAsync(directory, source, output, slots: 2);

        state.State.ShouldBe(
            JobState.Completed,
            $"{state.Failure} {state.Renditions.FirstOrDefault()?.Failure}"
        );
        FrameOracle
            .Mismatch(await FrameOracle.DecodeAsync(source), await FrameOracle.DecodeAsync(output))
            .ShouldBeNull();
    }

    static async Task<VideoState> EncodeAsync(
        TestDirectory directory,
        string source,
        string output,
        int slots
    )
    {
        var tools = await TestTools.SetAsync();
        var file = new FileInfo(source);
        var spec = new JobSpec(
            "job",
            new SourceIdentity(source, file.Length, file.LastWriteTimeUtc),
            new Profile
            {
                Name = "test",
                SegmentSeconds = 1,
                Renditions =
                [
                    new Rendition
                    {
                        Name = "test",
                        Video = new VideoSettings
                        {
                            Preset = "12",
                            Rate = RateControl.Crf,
                            Crf = 40,
                        },
                    },
                ],
            },
            [output],
            false,
            0,
            new JobOptions()
        );
        var log = new List<string>();
        var options = new EmbeddedFarmOptions(
            directory.Path,
            slots,
            tools.Fingerprint,
            0,
            RetryPolicy.Default,
            TimeProvider.System,
            new Random(1),
            entry => log.Add($"{entry}"),
            (_, happened) => log.Add($"{happened}")
        );
        Directory.CreateDirectory(Path.Combine(directory.Path, spec.Id));
        var media = new MediaWork(tools, new EncodeLimits(), _ => TestTools.Runner);
        await using var farm = new EmbeddedFarm(
            options,
            media,
            [new EmbeddedJob(spec, new InMemoryJournal(), 1)]
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return (await farm.RunAsync(limit.Token)).Single();
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(string.Join("\n", log));
        }
    }
}
