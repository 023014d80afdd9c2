using System.Diagnostics;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>How farms are started and how they end, and what that does to their programs: the test host stands for one.</summary>
public sealed class FarmProcessTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private static readonly string Host = Path.Combine(
        AppContext.BaseDirectory,
        "EncodeFarm.TestHost"
    );

    private readonly TestDirectory scratch = new();
    private readonly string fifo;

    public FarmProcessTests()
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

    [Theory]
    [InlineData("--ignore-signal=CHLD")]
    [InlineData("--block-signal=CHLD")]
    public async Task A_farm_whose_starter_left_no_child_signals_notices_the_end_all_the_same(
        string option
    )
    {
        using var farm = Start("/usr/bin/env", option, Host, "/bin/sh", "-c", "exit 3");

        await farm.WaitForExitAsync().WaitAsync(Soon);

        farm.ExitCode.ShouldBe(1);
    }

    private static Process StartFarm(params string[] command) => Start(Host, command);

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
}
