using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm.Tests;

/// <summary>What a task has cost whose tool fails.</summary>
public sealed class TaskCostTests : IDisposable
{
    readonly TestDirectory _directory = new();
    int _runs;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_analysis_that_fails_tells_its_CPU_seconds()
    {
        var error = await Should.ThrowAsync<TaskBrokeException>(() =>
            Work().PlanAsync(Job(), _directory.Path, default)
        );

        _runs.ShouldBePositive();
        error.Spent.ShouldBe(new SpentCpu(0.5 * _runs, null, null, null));
        Failures.Of(error).Kind.ShouldBe(FailureKind.OutOfMemory);
    }

    [Fact]
    public async Task An_audio_track_that_fails_tells_its_CPU_seconds()
    {
        var spec = Job();
        var context = new DecideContext(Samples.Start, RetryPolicy.Default, new Random(1));
        var state = new VideoInput[]
        {
            new Submit(spec, Samples.Fingerprint),
            Samples.Plan(spec, segments: 1, audio: 1),
        }.Aggregate(
            VideoState.Empty,
            (before, input) =>
                VideoDecider
                    .Decide(before, input, context)
                    .Events.Aggregate(before, VideoFold.Apply)
        );

        var error = await Should.ThrowAsync<TaskBrokeException>(() =>
            Work().EncodeAudioAsync(state, 0, 0, _directory.Path, default)
        );

        _runs.ShouldBePositive();
        error.Spent.ShouldBe(new SpentCpu(null, 0.5 * _runs, null, null));
    }

    JobSpec Job()
    {
        // No text, which would be refused before any tool is asked.
        var file = new FileInfo(_directory.Write("a.mkv", "\u001aE\0\0 video"));
        return Samples.Job() with
        {
            Source = new SourceIdentity(file.FullName, file.Length, file.LastWriteTimeUtc),
        };
    }

    MediaWork Work()
    {
        var tool = new Tool("tool", "/tool", "1");
        var tools = new ToolSet(tool, tool, tool, null, null, false, ["libopus"], [])
        {
            Fingerprint = Samples.Fingerprint,
        };
        return new MediaWork(
            tools,
            new EncodeLimits(),
            _ => new BrokenRunner(() => Interlocked.Increment(ref _runs)),
            new S3Outputs(new S3StoreOptions("", null, "us-east-1"), TimeProvider.System, _ => { })
        );
    }

    sealed class BrokenRunner(Action runs) : IToolRunner
    {
        public Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
        {
            runs();
            throw new ToolFailedException(
                command,
                ToolFailureKind.OutOfMemory,
                null,
                "It was killed.",
                "",
                0.5
            );
        }
    }
}
