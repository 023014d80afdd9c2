using System.Diagnostics;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ToolStopTests
{
    /// <summary>For what must happen, however busy the machine is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly ToolRunner runner = new();

    [Fact]
    public async Task Cancelling_before_the_start_starts_nothing()
    {
        var records = 0;
        var counting = new ToolRunner { OnCommand = _ => records++ };

        await Should.ThrowAsync<OperationCanceledException>(() =>
            counting.RunAsync(Shell.Command("true"), new CancellationToken(canceled: true))
        );

        records.ShouldBe(0);
    }

    [Fact]
    public async Task Cancelling_lets_ffmpeg_close_its_file()
    {
        using var scratch = new TestDirectory();
        using var stop = new CancellationTokenSource();
        var file = scratch.File("partial.mp4");
        var encode = Shell.Ffmpeg(
            "-re",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=160x90:rate=25:duration=100",
            "-c:v",
            "mpeg4",
            file
        ) with
        {
            OnProgress = progress =>
            {
                if (progress.Frame > 10)
                    stop.Cancel();
            },
            StopGrace = Patience,
        };

        var cancelled = await Record.ExceptionAsync(async () =>
            await runner.RunAsync(encode, stop.Token)
        );

        cancelled
            .ShouldBeOfType<ToolCancelledException>()
            .CpuSeconds.ShouldNotBeNull()
            .ShouldBePositive();
        // An MP4 that was not closed has no index, and decoding it fails.
        await runner.RunAsync(Shell.Ffmpeg("-xerror", "-i", file, "-f", "null", "-"), default);
    }

    [Fact]
    public async Task A_program_that_ignores_the_polite_signal_is_killed_after_its_grace()
    {
        using var stop = new CancellationTokenSource();
        CommandRecord? record = null;
        var stubborn = Shell.Command("trap '' TERM; echo ready; while :; do sleep 1; done") with
        {
            OnOutputLine = _ => stop.Cancel(),
            StopGrace = TimeSpan.FromMilliseconds(300),
        };

        await Should.ThrowAsync<OperationCanceledException>(() =>
            new ToolRunner { OnCommand = value => record = value }.RunAsync(stubborn, stop.Token)
        );

        record
            .ShouldNotBeNull()
            .Wall.TotalMilliseconds.ShouldBeInRange(300, Patience.TotalMilliseconds);
        record.Cancelled.ShouldBeTrue();
        record.CpuSeconds.ShouldNotBeNull();
        Directory.Exists($"/proc/{record.ProcessId}").ShouldBeFalse();
    }

    [Fact]
    public async Task No_grace_kills_at_once()
    {
        using var scratch = new TestDirectory();
        using var stop = new CancellationTokenSource();
        var mark = scratch.File("was asked");
        var command = Shell.Command(
            "trap 'touch \"$1\"; exit' TERM; echo; sleep 100 & wait",
            mark
        ) with
        {
            OnOutputLine = _ => stop.Cancel(),
            StopGrace = TimeSpan.Zero,
        };

        await Should.ThrowAsync<OperationCanceledException>(() =>
            runner.RunAsync(command, stop.Token)
        );

        File.Exists(mark).ShouldBeFalse();
    }

    [Fact]
    public async Task A_silent_program_is_stalled_and_a_talking_one_is_not()
    {
        using var scratch = new TestDirectory();
        var words = scratch.File("words");
        Fifo.Create(words);
        // Between two words the clock goes on by less than the limit, and all in all by much more.
        var time = new ManualTimeProvider();
        var heard = new SemaphoreSlim(0);
        var talking = Shell.Command(
            "while read -r word; do echo \"$word\"; done < \"$1\"",
            words
        ) with
        {
            OnOutputLine = _ => heard.Release(),
            StallLimit = TimeSpan.FromSeconds(4),
        };
        var talks = new ToolRunner(time).RunAsync(talking, default);
        await using (var mouth = new FileStream(words, FileMode.Open, FileAccess.ReadWrite))
        {
            for (var word = 0; word < 5; word++)
            {
                time.Advance(TimeSpan.FromSeconds(3));
                await mouth.WriteAsync("word\n"u8.ToArray());
                await mouth.FlushAsync();
                (await heard.WaitAsync(Patience)).ShouldBeTrue();
            }
        }
        await talks;

        var stall = await Fail(
            Shell.Command("echo start; exec sleep 100") with
            {
                StallLimit = TimeSpan.FromMilliseconds(400),
            }
        );

        stall.Kind.ShouldBe(ToolFailureKind.Stalled);
        stall.Message.ShouldStartWith("sh made no progress for 0.4 s and was stopped");
    }

    [Fact]
    public async Task A_program_that_neither_talks_nor_works_is_stalled_whoever_started_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "processor time of others is read on Linux");

        var stall = await Fail(
            Shell.Command("exec sleep 100") with
            {
                SilenceLimit = TimeSpan.FromMilliseconds(200),
            }
        );

        stall.Kind.ShouldBe(ToolFailureKind.Stalled);
        stall.Message.ShouldStartWith("sh made no progress for 0.2 s and was stopped");
    }

    [Fact]
    public void A_program_that_works_is_seen_to_work()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "processor time of others is read on Linux");
        var before = ProcFile.CpuTicks(Environment.ProcessId).ShouldNotBeNull();

        SpinWait.SpinUntil(() => ProcFile.CpuTicks(Environment.ProcessId) > before);

        ProcFile.CpuTicks(int.MaxValue).ShouldBeNull();
    }

    [Fact]
    public async Task Progress_reports_without_an_advance_are_a_stall()
    {
        using var scratch = new TestDirectory();
        var source = scratch.File("source");
        Fifo.Create(source);
        // Held open and never written to: ffmpeg waits for its input, and no report comes at all.
        await using var held = new FileStream(source, FileMode.Open, FileAccess.ReadWrite);
        var time = new ManualTimeProvider();
        var reports = new SemaphoreSlim(0);
        var repeating = scratch.Program(
            "repeating",
            "#!/bin/sh\nwhile :; do printf 'frame=7\\nprogress=continue\\n'; sleep 0.05; done\n"
        );

        var waiting = await Fail(
            Shell.Ffmpeg("-i", source, "-f", "null", "-") with
            {
                OnProgress = _ => { },
                StallLimit = TimeSpan.FromSeconds(0.5),
            }
        );
        var stuck = new ToolRunner(time).RunAsync(
            new ToolCommand(repeating, [], WorkKind.Encode) with
            {
                OnProgress = _ => reports.Release(),
                StallLimit = TimeSpan.FromSeconds(3),
            },
            default
        );
        // The first one is an advance; those of two seconds later are none.
        await ReportsAsync();
        time.Advance(TimeSpan.FromSeconds(2));
        await ReportsAsync();
        time.Advance(TimeSpan.FromSeconds(1));

        waiting.Kind.ShouldBe(ToolFailureKind.Stalled);
        (
            await Should.ThrowAsync<ToolFailedException>(() => stuck.WaitAsync(Patience))
        ).Kind.ShouldBe(ToolFailureKind.Stalled);

        // That come from now on.
        async Task ReportsAsync()
        {
            while (reports.Wait(0)) { }
            for (var report = 0; report < 5; report++)
                (await reports.WaitAsync(Patience)).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_run_has_its_time_limit()
    {
        var clock = Stopwatch.StartNew();

        var failure = await Fail(
            Shell.Command("while :; do echo talking; sleep 0.1; done") with
            {
                TimeLimit = TimeSpan.FromSeconds(0.5),
                StallLimit = Patience,
            }
        );

        failure.Kind.ShouldBe(ToolFailureKind.TimeLimit);
        clock.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(0.5), Patience);
    }

    [Fact]
    public async Task A_run_has_its_memory_limit()
    {
        var failure = await Fail(
            Shell.Ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=1920x1080:duration=1000",
                "-f",
                "null",
                "-"
            ) with
            {
                OnProgress = _ => { },
                MemoryLimitBytes = 10_000_000,
                TimeLimit = Patience,
            }
        );

        failure.Kind.ShouldBe(ToolFailureKind.OutOfMemory);
    }

    private Task<ToolFailedException> Fail(ToolCommand command) =>
        Should.ThrowAsync<ToolFailedException>(() => runner.RunAsync(command, default));
}
