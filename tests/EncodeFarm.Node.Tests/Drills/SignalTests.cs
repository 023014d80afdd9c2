using System.Diagnostics;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>Ctrl-C and its relatives: a quick end in order, and the same command goes on.</summary>
public sealed class SignalTests
{
    /// <summary>Far less than a tool that is waited for would take.</summary>
    static readonly TimeSpan Quick = TimeSpan.FromSeconds(60);

    /// <summary>A job that is over before the signal arrives is tried again.</summary>
    const int Trials = 20;

    /// <summary>Does not listen to polite signals, as a tool in an uninterruptible call.</summary>
    const string Deaf = """
        #!/bin/sh
        trap '' TERM INT HUP
        case "$*" in *libsvtav1*) touch "$(dirname "$0")/started"; sleep 600 ;; esac
        ffmpeg "$@"

        """;

    [Theory]
    [InlineData("INT", "Submitted")]
    [InlineData("TERM", " is encoded, ")]
    public Task A_signal_ends_it_soon_and_the_same_command_goes_on(string signal, string moment) =>
        InterruptedAsync(signal, moment);

    [Theory]
    [Trait("Length", "Long")]
    [InlineData("HUP", " is encoded, ")]
    [InlineData("INT", "mux, exit 0")]
    [InlineData("TERM", " is validated: ")]
    public Task Late_signals_too(string signal, string moment) => InterruptedAsync(signal, moment);

    static async Task InterruptedAsync(string signal, string moment)
    {
        var source = await Drill.SourceAsync();
        for (var trial = 0; trial < Trials; trial++)
        {
            using var drill = new Drill();
            var farm = drill.Start(source);
            await drill.Watch.SeeAsync(farm, moment);
            var end = await EndAsync(farm, signal);
            if (end.Output != "")
            {
                // Its report: it was over.
                continue;
            }
            await ShouldGoOnAsync(drill, source, end);
            return;
        }
        Assert.Fail($"The farm was never caught at '{moment}'.");
    }

    static async Task ShouldGoOnAsync(Drill drill, string source, FarmEnd end)
    {
        end.ExitCode.ShouldBe(130, end.Errors);
        end.Errors.ShouldEndWith("Interrupted. The same command goes on where it was.\n");
        await drill.NoOrphansAsync();
        var complete = await drill.AcceptedAsync();

        var done = await drill.Start(source).DeliveredAsync();

        done.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        var accepted = await drill.AcceptedAsync();
        complete.ShouldAllBe(pair => accepted[pair.Key] == pair.Value);
        drill.NothingTemporaryIsLeft();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deaf_tools_do_not_hold_it_up_and_a_second_signal_waits_for_nobody(bool twice)
    {
        using var drill = new Drill();
        var source = await Drill.SourceAsync();
        var deaf = drill.Tool("ffmpeg", Deaf);
        // Deaf tools are given 2 s, and the last words come when they have ended. A busy machine may need as long to end the
        // process at once, but not three times.
        var atOnce = false;
        for (var trial = 0; trial < (twice ? 3 : 1) && !atOnce; trial++)
        {
            var farm = drill.Start(source, deaf);
            await AppearsAsync(drill.File("started"));
            if (twice)
            {
                farm.Signal("TERM");
            }
            var end = await InterruptAsync(farm, "INT");
            atOnce = !end.Errors.Contains("Interrupted.");
            await drill.NoOrphansAsync();
            File.Delete(drill.File("started"));
        }

        atOnce.ShouldBe(twice);
        File.Delete(drill.File("ffmpeg"));
        (await drill.Start(source).DeliveredAsync()).VideoSha256.ShouldBe(
            await Drill.CalmHashAsync()
        );
    }

    [Fact]
    public async Task A_signal_ends_the_search_for_tools()
    {
        using var drill = new Drill();
        var script =
            "#!/bin/sh\ntrap '' TERM INT\ntouch \"$(dirname \"$0\")/started\"\nsleep 600\n";
        var farm = drill.Start(await Drill.SourceAsync(), drill.Tool("mkvmerge", script));
        await AppearsAsync(drill.File("started"));

        await InterruptAsync(farm, "TERM");
    }

    static async Task<FarmEnd> InterruptAsync(FarmProcess farm, string signal)
    {
        var end = await EndAsync(farm, signal);
        end.ExitCode.ShouldBe(130, end.Errors);
        return end;
    }

    static async Task<FarmEnd> EndAsync(FarmProcess farm, string signal)
    {
        var clock = Stopwatch.StartNew();
        farm.Signal(signal);
        var end = await farm.EndAsync();
        clock.Elapsed.ShouldBeLessThan(Quick);
        return end;
    }

    static async Task AppearsAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!File.Exists(path))
        {
            await look.WaitForNextTickAsync(limit.Token);
        }
    }
}
