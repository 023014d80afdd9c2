using System.Diagnostics;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>What happens to the programs when the farm that started them is killed: the test host stands for it.</summary>
public sealed class ParentDeathTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly ScratchDirectory scratch = new();
    private readonly string fifo;

    public ParentDeathTests()
    {
        fifo = scratch.File("alive");
        Fifo.Create(fifo);
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Ffmpeg_does_not_survive_the_farm_that_was_killed_alone()
    {
        using var farm = StartFarm(
            "/usr/bin/ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-re",
            "-f",
            "lavfi",
            "-i",
            "testsrc=size=160x90:rate=25:duration=1000",
            "-pix_fmt",
            "yuv420p",
            "-f",
            "yuv4mpegpipe",
            fifo
        );
        await using var pipe = await Task.Run(() => File.OpenRead(fifo)).WaitAsync(Soon);
        await pipe.ReadExactlyAsync(new byte[1000]);

        farm.Kill(entireProcessTree: false);

        await Shell.AllWritersGoneAsync(pipe, Soon);
    }

    [Fact]
    public async Task A_farm_that_is_asked_to_stop_lets_its_program_finish()
    {
        using var farm = StartFarm(
            "/bin/sh",
            "-c",
            "trap 'echo closed; exit 0' TERM; echo > \"$1\"; sleep 100 & wait",
            "sh",
            fifo
        );
        await using var pipe = await Task.Run(() => File.OpenRead(fifo)).WaitAsync(Soon);

        using var kill = Process.Start("/bin/kill", ["-TERM", farm.Id.ToString()]);

        (await farm.StandardOutput.ReadToEndAsync().WaitAsync(Soon)).ShouldBe("closed\n");
        await farm.WaitForExitAsync().WaitAsync(Soon);
        farm.ExitCode.ShouldBe(130);
    }

    private static Process StartFarm(params string[] command)
    {
        var host = Path.Combine(AppContext.BaseDirectory, "EncodeFarm.TestHost");
        return Process.Start(
            new ProcessStartInfo(host, command) { RedirectStandardOutput = true }
        )!;
    }
}
