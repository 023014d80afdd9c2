using System.Diagnostics;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ToolPipelineTests : IDisposable
{
    private readonly TestDirectory scratch = new();
    private readonly ToolRunner runner = new();
    private readonly string fifo;

    public ToolPipelineTests()
    {
        fifo = scratch.File("frames");
        Fifo.Create(fifo);
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void A_named_pipe_is_made_once()
    {
        Should.Throw<IOException>(() => Fifo.Create(fifo)).Message.ShouldContain(fifo);
    }

    [Fact]
    public async Task Frames_go_from_one_ffmpeg_to_another()
    {
        var consumed = 0L;
        var producer = Shell.Ffmpeg(
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=160x90:rate=25:duration=2",
            "-pix_fmt",
            "yuv420p",
            "-f",
            "yuv4mpegpipe",
            fifo
        );
        var consumer = Shell.Ffmpeg("-f", "yuv4mpegpipe", "-i", fifo, "-f", "null", "-") with
        {
            OnProgress = progress => consumed = progress.Frame,
        };

        var results = await runner.RunPipelineAsync([producer], consumer, default);

        consumed.ShouldBe(50);
        results.Count.ShouldBe(2);
        results.ShouldAllBe(result => result.CpuSeconds != null);
    }

    [Fact]
    public async Task A_producer_that_fails_before_it_opens_the_pipe_is_the_cause()
    {
        var failure = await Fail(
            Shell.Command("echo 'no such source' >&2; exit 3"),
            Shell.Command("cat \"$1\"", fifo)
        );

        failure.Message.ShouldContain("no such source");
        failure.Other.ShouldBeNull();
    }

    [Fact]
    public async Task A_producer_that_fails_in_the_middle_is_the_cause_even_if_its_reader_complains_too()
    {
        var failure = await Fail(
            Shell.Command("exec > \"$1\"; echo half; echo 'bad packet' >&2; exit 3", fifo),
            Shell.Command("cat \"$1\" > /dev/null; echo 'short input' >&2; exit 4", fifo)
        );

        failure.Message.ShouldContain("bad packet");
    }

    [Fact]
    public async Task A_consumer_that_fails_before_it_opens_the_pipe_is_the_cause()
    {
        var failure = await Fail(
            Shell.Command("yes > \"$1\"", fifo),
            Shell.Command("echo 'bad filter' >&2; exit 4")
        );

        failure.Message.ShouldContain("bad filter");
    }

    [Fact]
    public async Task A_consumer_that_fails_in_the_middle_is_the_cause_of_its_producers_broken_pipe()
    {
        var failure = await Fail(
            Shell.Ffmpeg(
                "-y",
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=160x90:duration=1000",
                "-pix_fmt",
                "yuv420p",
                "-f",
                "yuv4mpegpipe",
                fifo
            ),
            Shell.Command(
                "head -c 100000 \"$1\" > /dev/null; echo 'score failed' >&2; exit 4",
                fifo
            )
        );

        failure.Message.ShouldContain("score failed");
    }

    [Fact]
    public async Task A_producer_whose_pipe_nobody_ever_opens_does_not_wait_for_ever()
    {
        var clock = Stopwatch.StartNew();

        var failure = await Fail(Shell.Command("yes > \"$1\"", fifo), Shell.Command("true"));

        failure.Kind.ShouldBe(ToolFailureKind.Stalled);
        clock.Elapsed.TotalSeconds.ShouldBeLessThan(60);
    }

    [Fact]
    public async Task Cancelling_ends_both_although_they_wait_for_each_other()
    {
        using var stop = new CancellationTokenSource();
        var records = new List<CommandRecord>();
        var recording = new ToolRunner
        {
            OnCommand = record =>
            {
                lock (records)
                    records.Add(record);
            },
        };
        var running = recording.RunPipelineAsync(
            [Shell.Command("yes > \"$1\"", fifo)],
            Shell.Command("echo ready; exec sleep 100") with
            {
                OnOutputLine = _ => stop.Cancel(),
            },
            stop.Token
        );

        await Should.ThrowAsync<OperationCanceledException>(() => running);

        records.Count.ShouldBe(2);
        records.ShouldAllBe(record =>
            record.Cancelled && !Directory.Exists($"/proc/{record.ProcessId}")
        );
    }

    private Task<ToolFailedException> Fail(ToolCommand producer, ToolCommand consumer) =>
        Should.ThrowAsync<ToolFailedException>(() =>
            runner.RunPipelineAsync([producer], consumer, default)
        );
}
