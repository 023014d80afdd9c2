using System.Collections.Concurrent;
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

        FrameOracle
            .Mismatch(await FrameOracle.DecodeAsync(source), await FrameOracle.DecodeAsync(output))
            .ShouldBeNull();
        Directory
            .EnumerateFileSystemEntries(directory.File("job"))
            .ShouldBeEmpty("the work directory is swept");
        state.Renditions[0].Segments.ShouldAllBe(segment => segment.Attempts == 1);
    }

    [Fact]
    public async Task The_video_does_not_depend_on_slots_or_on_where_its_frames_come_from()
    {
        var source = await TestClips.H264OpenGop();
        var hashes = new List<string>();
        foreach (var (slots, pieces) in new[] { (1, false), (3, false), (2, true) })
        {
            using var directory = new TestDirectory();
            var state = await EncodeAsync(
                directory,
                source,
                directory.File("out.mkv"),
                slots,
                pieces
            );
            hashes.Add(state.Renditions[0].Delivering!.VideoSha256);
        }
        hashes.Distinct().ShouldHaveSingleItem();
    }

    static async Task<VideoState> EncodeAsync(
        TestDirectory directory,
        string source,
        string output,
        int slots,
        bool pieces = false
    )
    {
        var tools = await TestTools.SetAsync();
        var file = new FileInfo(source);
        var video = new VideoSettings
        {
            Preset = "12",
            Rate = RateControl.Crf,
            Crf = 40,
        };
        var spec = new JobSpec(
            "job",
            new SourceIdentity(source, file.Length, file.LastWriteTimeUtc),
            new Profile
            {
                Name = "test",
                SegmentSeconds = 1,
                Renditions = [new Rendition { Name = "test", Video = video }],
            },
            [output],
            false,
            0,
            new JobOptions(Pieces: pieces)
        );
        var log = new ConcurrentQueue<string>();
        var options = new EmbeddedFarmOptions(
            directory.Path,
            slots,
            tools.Fingerprint,
            0,
            RetryPolicy.Default,
            TimeProvider.System,
            new Random(1),
            entry => log.Enqueue($"{entry}"),
            (_, happened) => log.Enqueue($"{happened}")
        );
        Directory.CreateDirectory(Path.Combine(directory.Path, spec.Id));
        var media = new MediaWork(tools, new EncodeLimits(), _ => TestTools.Runner);
        await using var farm = new EmbeddedFarm(
            options,
            media,
            [new EmbeddedJob(spec, new InMemoryJournal(), 1)]
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var state = (await farm.RunAsync(limit.Token)).Single();
            state.State.ShouldBe(JobState.Completed, string.Join("\n", log));
            return state;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(string.Join("\n", log));
        }
    }
}
