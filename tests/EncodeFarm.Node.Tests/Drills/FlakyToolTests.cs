using System.Text.Json;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>An ffmpeg that fails, hangs or is broken: the same video, and the report says what it took.</summary>
public sealed class FlakyToolTests
{
    /// <summary>Encodes get this far; everything else is passed on. A directory is made once, so only the first try of a segment is bad.</summary>
    const string OncePerSegment = """
        #!/bin/sh
        here=$(dirname "$0")
        case "$*" in
            *libsvtav1*)
                if mkdir "$here/tried-$(printf %s "$*" | sed s/lp=[0-9]*// | cksum | tr ' ' -)" 2>/dev/null; then
                    DISASTER
                fi ;;
        esac
        exec ffmpeg "$@"

        """;

    static readonly string Once = OncePerSegment.Replace(
        "$(printf %s \"$*\" | sed s/lp=[0-9]*// | cksum | tr ' ' -)",
        "once"
    );

    static readonly string[] Impatient = ["-s", "retries.backoff_min_seconds=0.1"];

    /// <summary>More tries than the disturbances need: on a starved machine a healthy encoder may seem to hang, too.</summary>
    static readonly string[] Watchful =
    [
        .. Impatient,
        "-s",
        "attempt.stall_seconds=5",
        "-s",
        "retries.max=10",
    ];

    [Fact]
    public async Task Each_segment_fails_once_and_the_video_is_the_same()
    {
        using var drill = new Drill();
        // It does all the work before it fails: that is CPU time which the job has cost.
        var variables = drill.Tool(
            "ffmpeg",
            OncePerSegment.Replace("DISASTER", "ffmpeg \"$@\"; exit 1")
        );

        var end = await drill
            .Start(await Drill.SourceAsync(), variables, Impatient)
            .DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        foreach (var segment in end.Rendition.GetProperty("segments").EnumerateArray())
        {
            segment.GetProperty("attempts").GetInt32().ShouldBe(2);
            CpuOf(segment).ShouldBeGreaterThan(1.3 * await CpuOfLastAttemptAsync(drill, segment));
        }
        end.Errors.ShouldContain("failed in attempt");
    }

    [Fact]
    public async Task A_hung_encoder_is_noticed_and_the_video_is_the_same()
    {
        using var drill = new Drill();
        var variables = drill.Tool("ffmpeg", Once.Replace("DISASTER", "sleep 600"));

        var end = await drill
            .Start(await Drill.SourceAsync(), variables, Watchful)
            .DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        // The way from the keyframe to the segment's first frame adds to the 5 s.
        end.Errors.ShouldMatch(@"made no progress for [5-9](\.\d)? s and was stopped");
        end.Rendition.GetProperty("segments")
            .EnumerateArray()
            .Sum(segment => segment.GetProperty("attempts").GetInt32())
            .ShouldBeGreaterThanOrEqualTo(6);
        await drill.NoOrphansAsync();
    }

    [Fact]
    public async Task An_encoder_that_takes_too_much_memory_is_stopped_and_the_video_is_the_same()
    {
        using var drill = new Drill();
        // 8K needs over a gigabyte.
        var glutton =
            "exec ffmpeg -v error -nostats -progress pipe:1 -stats_period 0.5 -f lavfi -i testsrc2=s=7680x4320 -c:v libx264 -f null -";
        var variables = drill.Tool("ffmpeg", Once.Replace("DISASTER", glutton));

        var end = await drill
            .Start(
                await Drill.SourceAsync(),
                variables,
                [.. Impatient, "-s", "memory.limit=256MiB"]
            )
            .DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        end.Errors.ShouldContain("ran out of memory");
        end.Errors.ShouldContain("it may have 256 MiB, memory.limit");
        await drill.NoOrphansAsync();
    }

    [Fact]
    public async Task A_broken_encoder_fails_the_job_and_after_its_repair_the_same_command_goes_through()
    {
        using var drill = new Drill();
        var source = await Drill.SourceAsync();
        var variables = drill.Tool(
            "ffmpeg",
            """
            #!/bin/sh
            case "$*" in *libsvtav1*) [ -e "$(dirname "$0")/repaired" ] || { echo 'no luck' >&2; exit 7; } ;; esac
            exec ffmpeg "$@"

            """
        );
        var broken = await drill.Start(source, variables, Impatient).EndAsync();
        broken.ExitCode.ShouldBe(1);
        broken.Json.GetProperty("jobs")[0].GetProperty("state").GetString().ShouldBe("Failed");
        broken.Errors.ShouldContain(
            "failed 4 times, last on local: ffmpeg failed (exit code 7): no luck"
        );
        File.Exists(drill.Output).ShouldBeFalse();

        File.WriteAllText(drill.File("repaired"), "");
        var end = await drill.Start(source, variables, Impatient).DeliveredAsync();

        end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
        drill.NothingTemporaryIsLeft();
    }

    [Fact]
    public async Task Other_tools_begin_the_job_anew_instead_of_waiting_for_ever()
    {
        var source = await Drill.SourceAsync();
        // One that is over before the kill arrives is tried again.
        for (var trial = 0; trial < 20; trial++)
        {
            using var drill = new Drill();
            var tool = drill.Tool("ffmpeg", "#!/bin/sh\nexec ffmpeg \"$@\"\n");
            var first = drill.Start(source, tool);
            await drill.Watch.SeeAsync(first, " is encoded, ");
            if (!await first.KillAsync(group: true) || File.Exists(drill.Output))
            {
                continue;
            }

            var end = await drill.Start(source).DeliveredAsync();

            end.Errors.ShouldContain("begins anew, because the tools of this machine have changed");
            end.VideoSha256.ShouldBe(await Drill.CalmHashAsync());
            (await drill.AcceptedAsync()).Count.ShouldBe(5);
            return;
        }
        Assert.Fail("The farm was never caught in the middle.");
    }

    static double CpuOf(JsonElement segment) => segment.GetProperty("encodeCpuSeconds").GetDouble();

    static async Task<double> CpuOfLastAttemptAsync(Drill drill, JsonElement segment) =>
        (await drill.Watch.JournalAsync())
            .OfType<EncodeFarm.Farm.Videos.SegmentEncoded>()
            .Single(e => e.Segment.Index == segment.GetProperty("index").GetInt32())
            .Figures.Cpu.Encode!.Value;
}
