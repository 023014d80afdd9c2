using System.Collections.Concurrent;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>The embedded farm with real tools and a journal in memory.</summary>
public static class TestFarm
{
    /// <summary>Encodes quickly, at a fixed CRF, and fails with the farm's own log where it does not complete.</summary>
    public static async Task<VideoState> EncodeAsync(
        TestDirectory directory,
        string source,
        string output,
        int slots,
        bool pieces = false,
        double segmentSeconds = 1,
        bool allowDamaged = false
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
                SegmentSeconds = segmentSeconds,
                Crop = CropSetting.Off,
                Renditions = [new Rendition { Name = "test", Video = video }],
            },
            [output],
            false,
            0,
            new JobOptions(Pieces: pieces, AllowDamaged: allowDamaged)
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
