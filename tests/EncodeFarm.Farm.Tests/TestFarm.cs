using System.Collections.Concurrent;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;
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
        string preset = "12",
        TimeProvider? time = null,
        bool allowDamaged = false
    )
    {
        var spec = Job(
            source,
            output,
            segmentSeconds,
            new JobOptions(Pieces: pieces, AllowDamaged: allowDamaged),
            preset
        );
        var (state, log) = await RunAsync(directory, spec, slots, RetryPolicy.Default, time);
        state.State.ShouldBe(JobState.Completed, log);
        return state;
    }

    /// <summary>The same without a second try, to whatever end.</summary>
    public static async Task<VideoState> TryAsync(
        TestDirectory directory,
        string source,
        string output
    )
    {
        var spec = Job(source, output, 1, new JobOptions());
        var once = RetryPolicy.Default with { Retries = 0 };
        return (await RunAsync(directory, spec, slots: 2, once)).State;
    }

    static JobSpec Job(
        string source,
        string output,
        double segmentSeconds,
        JobOptions options,
        string preset = "12"
    )
    {
        var file = new FileInfo(source);
        var rendition = new Rendition
        {
            Name = "test",
            Video = new VideoSettings
            {
                Preset = preset,
                Rate = RateControl.Crf,
                Crf = 40,
            },
        };
        return new JobSpec(
            "job",
            new SourceIdentity(source, file.Length, file.LastWriteTimeUtc),
            new Profile
            {
                Name = "test",
                SegmentSeconds = segmentSeconds,
                Crop = CropSetting.Off,
                Renditions = [rendition],
            },
            [output],
            false,
            0,
            options
        );
    }

    static async Task<(VideoState State, string Log)> RunAsync(
        TestDirectory directory,
        JobSpec spec,
        int slots,
        RetryPolicy policy,
        TimeProvider? time = null
    )
    {
        var tools = await TestTools.SetAsync();
        var log = new ConcurrentQueue<string>();
        var options = new EmbeddedFarmOptions(
            directory.Path,
            slots,
            tools.Fingerprint,
            0,
            policy,
            time ?? TimeProvider.System,
            new Random(1),
            entry => log.Enqueue($"{entry}"),
            (_, happened) => log.Enqueue($"{happened}")
        );
        Directory.CreateDirectory(Path.Combine(directory.Path, spec.Id));
        var media = new MediaWork(
            tools,
            new EncodeLimits(),
            _ => TestTools.Runner,
            new S3Outputs(new S3StoreOptions("", null, "us-east-1"), TimeProvider.System, _ => { })
        );
        await using var farm = new EmbeddedFarm(
            options,
            media,
            [new EmbeddedJob(spec, new InMemoryJournal(), 1)]
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        try
        {
            var state = (await farm.RunAsync(limit.Token)).Single();
            return (state, string.Join("\n", log));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException(string.Join("\n", log));
        }
    }
}
