using System.Globalization;
using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>Encoders come after everything else, whatever they would like.</summary>
public sealed class PriorityTests
{
    /// <summary>SCHED_OTHER; 1 and 2 are SCHED_FIFO and SCHED_RR.</summary>
    private const int Normal = 0;

    /// <summary>As administrator SVT-AV1 asks for real time; for others the test holds anyway.</summary>
    [Fact]
    public async Task No_thread_of_an_encoder_runs_in_real_time()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Threads are looked at in Linux's /proc.");
        var marker = $"priority {Guid.NewGuid()}";
        var encoding = new TaskCompletionSource();
        using var stop = new CancellationTokenSource();
        var command = new ToolCommand(
            "/usr/bin/ffmpeg",
            [
                "-nostdin",
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x180:rate=25:duration=1000",
                "-metadata",
                $"title={marker}",
                "-c:v",
                "libsvtav1",
                "-preset",
                "12",
                "-f",
                "null",
                "-",
            ],
            WorkKind.Encode
        )
        {
            OnProgress = progress =>
            {
                if (progress.Frame > 0)
                    encoding.TrySetResult();
            },
        };
        var run = new ToolRunner().RunAsync(command, stop.Token);
        await encoding.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var policies = Process(marker).SelectMany(Policies).ToList();

        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => run);
        // SVT-AV1 has more threads than the decoder's and the writer's few.
        policies.Count.ShouldBeGreaterThan(8);
        policies.ShouldAllBe(policy => policy == Normal);
    }

    [Theory]
    [InlineData("Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t000001fffeffffff\n", true)]
    // An administrator in a container.
    [InlineData("CapEff:\t00000000a80425fb\n", false)]
    // One that may run in real time, but give nothing up.
    [InlineData("CapEff:\t0000000000800000\n", false)]
    [InlineData("CapEff:\t0000000000000000\n", false)]
    [InlineData("CapEff:\tnothing\n", false)]
    [InlineData("", false)]
    public void What_nobody_can_use_is_not_given_up(string status, bool renounced) =>
        CommandChain
            .Renounce(CapabilityReader.Parse(status))
            .ShouldBe(renounced ? ["--bounding-set=-sys_nice"] : []);

    private static IEnumerable<string> Process(string marker) =>
        Directory
            .EnumerateDirectories("/proc")
            .Where(path => Path.GetFileName(path).All(char.IsAsciiDigit))
            .Where(path => Text($"{path}/cmdline").Contains(marker));

    /// <summary>The 41st field of stat; the second is a name in brackets.</summary>
    private static IEnumerable<int> Policies(string process) =>
        Directory
            .EnumerateDirectories($"{process}/task")
            .Select(thread => Text($"{thread}/stat"))
            .Where(stat => stat.Length > 0)
            .Select(stat => stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[38])
            .Select(field => int.Parse(field, CultureInfo.InvariantCulture));

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // A thread or a process that has ended meanwhile.
            return "";
        }
    }
}
