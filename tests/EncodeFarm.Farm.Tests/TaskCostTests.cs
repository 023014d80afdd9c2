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

    /// <summary>The analysis ends what runs beside a program that has failed.</summary>
    [Fact]
    public async Task What_a_cancelled_program_has_cost_counts()
    {
        var runner = new BrokenRunner(() => Interlocked.Increment(ref _runs))
        {
            Cancelled = "-read_intervals",
        };

        var error = await Should.ThrowAsync<TaskBrokeException>(() =>
            Work(runner).PlanAsync(Job(), _directory.Path, default)
        );

        error.Spent.ShouldBe(new SpentCpu(0.5 * _runs + 0.25, null, null, null));
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

    MediaWork Work() => Work(new BrokenRunner(() => Interlocked.Increment(ref _runs)));

    static MediaWork Work(IToolRunner runner)
    {
        var tool = new Tool("tool", "/tool", "1");
        var tools = new ToolSet(tool, tool, tool, null, null, false, ["libopus"], [])
        {
            Fingerprint = Samples.Fingerprint,
        };
        return new MediaWork(
            tools,
            new EncodeLimits(),
            _ => runner,
            new S3Outputs(new S3StoreOptions("", null, "us-east-1"), TimeProvider.System, _ => { })
        );
    }

    sealed class BrokenRunner(Action runs) : IToolRunner
    {
        /// <summary>An argument of the commands that are cancelled instead of failing.</summary>
        public string? Cancelled { get; init; }

        public Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
        {
            if (Cancelled is not null && command.Arguments.Contains(Cancelled))
                throw new ToolCancelledException(0.25, cancellation);
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
