using System.Diagnostics;
using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>What the runner costs; alone in its process, for it counts descriptors, threads and CPU time.</summary>
[Collection(nameof(Alone))]
public sealed class ToolRunnerLoadTests
{
    private readonly ToolRunner runner = new();

    [Fact]
    public async Task Two_hundred_children_at_once_hold_neither_threads_nor_cpu()
    {
        using var stop = new CancellationTokenSource();
        var started = new CountdownEvent(200);
        var command = Shell.Command("echo; exec sleep 1000") with
        {
            OnOutputLine = _ => started.Signal(),
        };

        var runs = Enumerable.Range(0, 200).Select(_ => runner.RunAsync(command, stop.Token));
        var all = Task.WhenAll(runs);
        await Task.Run(() => started.Wait(TimeSpan.FromMinutes(5)));
        started.IsSet.ShouldBeTrue();
        var threads = ThreadCount();
        var spent = TimeSpan.MaxValue;
        // What the runtime does by itself now and then, such as compiling, counts too, so a quiet second is looked for.
        for (var window = 0; window < 30 && spent.TotalSeconds >= 0.3; window++)
        {
            var cpu = OwnCpu();
            await runner.RunAsync(Shell.Command("sleep 1"), default);
            spent = OwnCpu() - cpu;
        }
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => all);

        // The runtime's own and those of its pool; a thread for each output would make 400.
        threads.ShouldBeLessThan(100);
        spent.TotalSeconds.ShouldBeLessThan(0.3);
        ChildReaper.Count.ShouldBe(0);
    }

    [Fact]
    public async Task No_descriptor_is_left_whatever_the_end()
    {
        await RunAllWays();
        var before = Descriptors();

        for (var round = 0; round < 10; round++)
            await RunAllWays();

        Descriptors().ShouldBeInRange(0, before + 1);
    }

    [Fact]
    public async Task Cancelling_at_any_moment_leaves_no_process()
    {
        var job = $"job {Guid.NewGuid()}";
        var marked = new ToolRunner { JobMarker = job };
        var random = new Random(1);

        for (var round = 0; round < 60; round++)
        {
            using var stop = new CancellationTokenSource(
                TimeSpan.FromMilliseconds(random.NextDouble() * 8)
            );
            await Should.ThrowAsync<OperationCanceledException>(() =>
                marked.RunAsync(Shell.Command("exec sleep 100"), stop.Token)
            );
        }

        ChildReaper.Count.ShouldBe(0);
        // Others come and go meanwhile.
        ProcFile.ProcessIds().Count(id => Read($"/proc/{id}/environ").Contains(job)).ShouldBe(0);
    }

    private async Task RunAllWays()
    {
        await runner.RunAsync(Shell.Command("echo x"), default);
        await Should.ThrowAsync<ToolFailedException>(() =>
            runner.RunAsync(Shell.Command("exit 1"), default)
        );
        await Should.ThrowAsync<ToolFailedException>(() =>
            runner.RunAsync(new ToolCommand("/no/such/tool", [], WorkKind.Mux), default)
        );
        await Should.ThrowAsync<ToolFailedException>(() =>
            runner.RunAsync(
                Shell.Command("exec sleep 100") with
                {
                    TimeLimit = TimeSpan.FromMilliseconds(20),
                },
                default
            )
        );
        await Should.ThrowAsync<InvalidDataException>(() =>
            runner.RunAsync(
                Shell.Command("echo; exec sleep 100") with
                {
                    OnOutputLine = _ => throw new InvalidDataException(),
                },
                default
            )
        );
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
        await Should.ThrowAsync<OperationCanceledException>(() =>
            runner.RunAsync(Shell.Command("exec sleep 100"), stop.Token)
        );
    }

    private static int Descriptors() => Directory.GetFiles("/proc/self/fd").Length;

    private static int ThreadCount()
    {
        using var self = Process.GetCurrentProcess();
        return self.Threads.Count;
    }

    private static TimeSpan OwnCpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
