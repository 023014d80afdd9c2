using System.Diagnostics;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>Ctrl-C and its relatives: a quick end in order, and the same command goes on.</summary>
public sealed class SignalTests
{
    static readonly TimeSpan Quick = TimeSpan.FromSeconds(3);

    /// <summary>Does not listen to polite signals, as a tool in an uninterruptible call.</summary>
    const string Deaf = """
        #!/bin/sh
        trap '' TERM INT HUP
        case "$*" in *libsvtav1*) touch "$(dirname "$0")/started"; sleep 60 ;; esac
        ffmpeg "$@"

        """;

    [Theory]
    [InlineData("INT", "Submitted")]
    [InlineData("TERM", " is encoded, ")]
    public Task A_signal_ends_it_within_three_seconds_and_the_same_command_goes_on(
        string signal,
        string moment
    ) => InterruptedAsync(signal, moment);

    [Theory]
    [Trait("Length", "Long")]
    [InlineData("HUP", " is encoded, ")]
    [InlineData("INT", "mux, exit 0")]
    [InlineData("TERM", " is validated: ")]
    public Task Late_signals_too(string signal, string moment) => InterruptedAsync(signal, moment);

    static async Task InterruptedAsync(string signal, string moment)
    {
        using var drill = new Drill();
        var source = await Drill.SourceAsync();
        var farm = drill.Start(source);
        await drill.Watch.SeeAsync(farm, moment);
        var end = await InterruptAsync(farm, signal);
        end.Errors.ShouldEndWith("Interrupted. The same command goes on where it was.\n");
        end.Output.ShouldBe("");
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
        var farm = drill.Start(source, drill.Tool("ffmpeg", Deaf));
        await AppearsAsync(drill.File("started"));
        var clock = Stopwatch.StartNew();
        if (twice)
        {
            farm.Signal("TERM");
        }
        await InterruptAsync(farm, "INT");

        if (twice)
        {
            // Deaf tools are given 2 s.
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1.5));
        }
        await drill.NoOrphansAsync();
        File.Delete(drill.File("ffmpeg"));
        (await drill.Start(source).DeliveredAsync()).VideoSha256.ShouldBe(
            await Drill.CalmHashAsync()
        );
    }

    [Fact]
    public async Task A_signal_ends_the_search_for_tools()
    {
        using var drill = new Drill();
        var script = "#!/bin/sh\ntrap '' TERM INT\ntouch \"$(dirname \"$0\")/started\"\nsleep 60\n";
        var farm = drill.Start(await Drill.SourceAsync(), drill.Tool("mkvmerge", script));
        await AppearsAsync(drill.File("started"));

        await InterruptAsync(farm, "TERM");
    }

    static async Task<FarmEnd> InterruptAsync(FarmProcess farm, string signal)
    {
        var clock = Stopwatch.StartNew();
        farm.Signal(signal);
        var end = await farm.EndAsync();
        end.ExitCode.ShouldBe(130, end.Errors);
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
