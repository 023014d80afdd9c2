using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class OrphanSweepTests
{
    [Fact]
    public async Task Kills_strays_of_the_job_and_nothing_else()
    {
        using var scratch = new TestDirectory();
        using var stop = new CancellationTokenSource();
        var stray = scratch.File("stray");
        var other = scratch.File("other");
        Fifo.Create(stray);
        Fifo.Create(other);
        Fifo.Create($"{stray}.ready");
        Fifo.Create($"{other}.ready");
        var job = $"job {Guid.NewGuid()}";
        // A session of its own outlives the shell that started it, and belongs to nobody then.
        const string leave =
            "setsid sh -c 'exec > \"$1\" 2> /dev/null; echo > \"$1.ready\"; exec sleep 100' sh \"$1\" & "
            + "read _ < \"$1.ready\"";
        var ofJob = new ToolRunner { JobMarker = job };
        var ofOther = new ToolRunner { JobMarker = job + "2" };
        var started = new TaskCompletionSource();
        var child = ofJob.RunAsync(
            Shell.Command("echo; exec sleep 100") with
            {
                OnOutputLine = _ => started.SetResult(),
            },
            stop.Token
        );
        await started.Task;
        var leavings = new[]
        {
            ofJob.RunAsync(Shell.Command(leave, stray), default),
            ofOther.RunAsync(Shell.Command(leave, other), default),
        };
        await using var strayPipe = File.OpenRead(stray);
        await using var otherPipe = File.OpenRead(other);
        await Task.WhenAll(leavings);

        OrphanSweep.Kill(job).Count.ShouldBe(1);
        await Shell.AllWritersGoneAsync(strayPipe, TimeSpan.FromSeconds(30));

        child.IsCompleted.ShouldBeFalse();
        OrphanSweep.Kill(job).ShouldBeEmpty();
        OrphanSweep.Kill(job + "2").Count.ShouldBe(1);
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => child);
    }
}
