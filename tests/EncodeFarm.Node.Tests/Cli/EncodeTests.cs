using System.Text.Json;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Cli;

/// <summary>The whole way with real tools, on a very small clip.</summary>
public sealed class EncodeTests : IDisposable
{
    private const string Name = "-it's 100% [x]: 日本\n.mkv";

    private static readonly string[] Quick =
    [
        "-p",
        "av1-crf",
        "-s",
        "encoding.preset=12",
        "-s",
        "segment.seconds=2",
    ];

    private readonly Farm _farm = new();

    public void Dispose() => _farm.Dispose();

    [Fact]
    public async Task A_clip_is_delivered_once_and_again_when_its_output_is_gone()
    {
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, Name));
        string[] command = ["encode", "--json", "--quiet", .. Quick, "--", Name];

        var (code, output, error) = await _farm.RunAsync(command);
        error.ShouldBe("");
        code.ShouldBe(0);
        var delivered = Path.Combine(_farm.Directory, Path.ChangeExtension(Name, ".av1-crf.mkv"));
        using var report = JsonDocument.Parse(output);
        var job = report.RootElement.GetProperty("jobs")[0];
        var rendition = job.GetProperty("renditions")[0];
        job.GetProperty("state").GetString().ShouldBe("Completed");
        rendition.GetProperty("path").GetString().ShouldBe(delivered);
        rendition
            .GetProperty("frames")
            .GetInt32()
            .ShouldBe(job.GetProperty("analysis").GetProperty("frames").GetInt32());
        rendition.GetProperty("sizeBytes").GetInt64().ShouldBe(new FileInfo(delivered).Length);
        var hash = rendition.GetProperty("videoSha256").GetString();

        // The job is known: the same command tells what there is, and says so.
        var written = File.GetLastWriteTimeUtc(delivered);
        string[] loud = [.. command.Where(word => word != "--quiet")];
        var known = await _farm.RunAsync(loud);
        known.Code.ShouldBe(0);
        known.Out.ShouldContain(hash!);
        known.Error.ShouldContain("delivered before, so nothing is encoded; --overwrite");
        File.GetLastWriteTimeUtc(delivered).ShouldBe(written);

        var anew = await _farm.RunAsync(["encode", "--overwrite", .. loud[1..]]);
        anew.Code.ShouldBe(0);
        anew.Out.ShouldContain(hash!);
        anew.Error.ShouldNotContain("delivered before");
        File.GetLastWriteTimeUtc(delivered).ShouldBeGreaterThan(written);

        // A file that was changed in place is not the one that was delivered, and in the job's way.
        var content = await File.ReadAllBytesAsync(delivered);
        content[^1] ^= 1;
        await File.WriteAllBytesAsync(delivered, content);
        var strange = await _farm.RunAsync(command);
        strange.Error.ShouldContain("exists already, and what an earlier run delivered");
        strange.Code.ShouldBe(3);

        File.Delete(delivered);
        var (again, second, _) = await _farm.RunAsync(command);
        again.ShouldBe(0);
        second.ShouldContain(hash!);
        File.Exists(delivered).ShouldBeTrue();

        var (cleaned, text, _) = await _farm.RunAsync("clean", "--older", "0d");
        (cleaned, text).ShouldBe((0, text));
        text.ShouldStartWith("✓ 1 job removed, ");
    }

    [Fact]
    public async Task A_signal_ends_it_in_order_and_the_same_command_goes_on()
    {
        await _farm.KnowToolsAsync();
        // One that is over before the signal arrives is tried again.
        for (var trial = 0; trial < 20; trial++)
        {
            var film = $"film{trial}.mkv";
            File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, film));
            if (await IsInterruptedAsync(film))
            {
                return;
            }
        }
        Assert.Fail("No signal came in time.");
    }

    private async Task<bool> IsInterruptedAsync(string film)
    {
        string[] command = ["encode", .. Quick, "--verbose", film];
        var delivered = Path.Combine(_farm.Directory, Path.ChangeExtension(film, ".av1-crf.mkv"));

        using var process = _farm.Start(command);
        var report = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var seen = new List<string>();
        while (
            await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken)
                is { } line
        )
        {
            seen.Add(line);
            if (line.Contains("frames in"))
            {
                UnixSignal.Send("TERM", process.Id);
            }
        }
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        if ((await report).Length > 0)
        {
            // It was over.
            return false;
        }
        seen[^1].ShouldBe("Interrupted. The same command goes on where it was.");
        process.ExitCode.ShouldBe(130);
        File.Exists(delivered).ShouldBeFalse();

        var (code, output, error) = await _farm.RunAsync(command);
        error.ShouldContain("Goes on where it was.");
        error.ShouldNotContain("frames in");
        output.ShouldContain("✓");
        code.ShouldBe(0);
        return true;
    }

    /// <summary>/dev/full takes nothing, as a log on a full disk.</summary>
    [Fact]
    public async Task Messages_that_can_not_be_written_do_not_end_an_encode()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, "film.mkv"));

        using var shell = _farm.StartIn(
            "sh",
            [
                "-c",
                "exec \"$0\" \"$@\" 2>/dev/full",
                Farm.Program,
                "encode",
                .. Quick,
                "--verbose",
                "film.mkv/",
            ]
        );
        await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        shell.ExitCode.ShouldBe(0);
        File.Exists(Path.Combine(_farm.Directory, "film.av1-crf.mkv")).ShouldBeTrue();
    }

    [Fact]
    public async Task Plan_shows_what_would_be_done()
    {
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, "film.mkv"));

        var (code, output, error) = await _farm.RunAsync(
            "plan",
            "film.mkv",
            "-s",
            "segment.seconds=2",
            "--json"
        );

        error.ShouldBe("");
        code.ShouldBe(0);
        using var plan = JsonDocument.Parse(output);
        var segments = plan.RootElement.GetProperty("segments").EnumerateArray().ToList();
        segments
            .Sum(segment => segment.GetProperty("frames").GetInt32())
            .ShouldBe(plan.RootElement.GetProperty("analysis").GetProperty("frames").GetInt32());
        segments.Count.ShouldBeGreaterThan(1);
        (await _farm.RunAsync("plan", "film.mkv")).Out.ShouldContain("av1-vmaf → ");
        Directory.GetFiles(_farm.Directory).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("av1-crf", "encoding.rate crf, encoding.crf 25, encoding.preset 6,")]
    [InlineData("av1-crf", "encoding.crf 31,", "-s", "encoding.crf_sd=31")]
    [InlineData("av1-crf-compare", "encoding.crf 60, encoding.preset 6,")]
    [InlineData("av1-vmaf", "encoding.rate crf, encoding.crf 30, ", "-s", "encoding.crf=30")]
    public async Task Plan_shows_the_crf_that_will_be_used(
        string profile,
        string words,
        params string[] flags
    )
    {
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, "film.mkv"));
        string[] command = ["plan", "film.mkv", "-p", profile, .. flags];

        (await _farm.RunAsync(command)).Out.ShouldContain(words);
        using var plan = JsonDocument.Parse((await _farm.RunAsync([.. command, "--json"])).Out);
        plan.RootElement.GetProperty("renditions")
            .EnumerateArray()
            .Select(rendition => rendition.GetProperty("settings").GetProperty("encoding.crf"))
            .ShouldAllBe(crf => crf.GetString()!.Length == 2);
    }

    [Fact]
    public async Task A_ladder_stops_at_the_source_and_plan_and_report_say_so()
    {
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.Letterboxed(), Path.Combine(_farm.Directory, "film.mkv"));
        const string skipped = "240p (skipped: its 240 lines are more than the source's 180)";

        var (planned, plan, _) = await _farm.RunAsync("plan", "film.mkv", "-p", "ladder-h264");
        (planned, plan).ShouldBe((0, plan));
        plan.ShouldContain("144p → ");
        plan.ShouldContain(skipped);

        var (code, report, error) = await _farm.RunAsync(
            "encode",
            "film.mkv",
            "-p",
            "ladder-h264",
            "--quiet"
        );
        (code, error).ShouldBe((0, ""));
        report.ShouldContain(skipped);
        report.ShouldContain("1080p (skipped: ");
        Directory
            .GetFiles(_farm.Directory, "*.mp4")
            .Select(Path.GetFileName)
            .ShouldBe(["film.ladder-h264.144p.mp4"]);
    }

    [Fact]
    public async Task A_link_is_as_good_as_the_file_that_it_leads_to()
    {
        await _farm.KnowToolsAsync();
        var film = Path.Combine(_farm.Directory, "film.mkv");
        var (link, linkToLink) = (Path.Combine(_farm.Directory, "a.mkv"), "b.mkv");
        File.CreateSymbolicLink(link, await TestClips.H264ClosedGop());
        File.CreateSymbolicLink(Path.Combine(_farm.Directory, linkToLink), "a.mkv");
        File.Copy(await TestClips.H264ClosedGop(), film);

        var file = await _farm.RunAsync(["encode", "--json", "--quiet", .. Quick, "film.mkv"]);
        var linked = await _farm.RunAsync(["encode", "--json", "--quiet", .. Quick, linkToLink]);

        linked.Error.ShouldBe("");
        linked.Code.ShouldBe(0);
        HashOf(linked.Out).ShouldBe(HashOf(file.Out));
        File.Exists(Path.Combine(_farm.Directory, "b.av1-crf.mkv")).ShouldBeTrue();
    }

    private static string? HashOf(string report) =>
        JsonDocument
            .Parse(report)
            .RootElement.GetProperty("jobs")[0]
            .GetProperty("renditions")[0]
            .GetProperty("videoSha256")
            .GetString();

    [Fact]
    public async Task On_request_a_source_is_encoded_in_one_piece()
    {
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, "film.mkv"));
        string[] unchunked = [.. Quick, "-s", "segment.unchunked=true", "film.mkv"];

        var (planned, plan, _) = await _farm.RunAsync(["plan", .. unchunked]);
        (planned, plan).ShouldBe((0, plan));
        plan.ShouldContain("in one piece: segment.unchunked is set");

        var (code, output, error) = await _farm.RunAsync([
            "encode",
            "--json",
            "--quiet",
            .. unchunked,
        ]);
        (code, error).ShouldBe((0, ""));
        using var report = JsonDocument.Parse(output);
        var job = report.RootElement.GetProperty("jobs")[0];
        job.GetProperty("unchunked").GetString().ShouldBe("segment.unchunked is set");
        job.GetProperty("renditions")[0].GetProperty("segments").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_hardware_decoder_that_fails_is_reported_and_the_file_is_the_same()
    {
        Assert.SkipWhen(Directory.Exists("/dev/dri"), "This machine has a device for VAAPI.");
        await _farm.KnowToolsAsync();
        File.Copy(await TestClips.H264ClosedGop(), Path.Combine(_farm.Directory, "film.mkv"));
        string[] command = ["encode", .. Quick, "--json", "--quiet", "film.mkv"];

        var software = await _farm.RunAsync([.. command, "-o", "software.mkv"]);
        var hardware = await _farm.RunAsync([
            .. command,
            "-o",
            "hardware.mkv",
            "-s",
            "hwaccel=vaapi",
        ]);

        (software.Code, hardware.Code).ShouldBe((0, 0), hardware.Error);
        var (one, other) = (Job(software.Out), Job(hardware.Out));
        one.Warnings.ShouldNotContain("Hardware");
        other.Warnings.ShouldContain("Hardware decoding failed on local for 3 segments");
        other.Hash.ShouldBe(one.Hash);

        static (string Hash, string Warnings) Job(string json)
        {
            using var report = JsonDocument.Parse(json);
            var job = report.RootElement.GetProperty("jobs")[0];
            return (
                job.GetProperty("renditions")[0].GetProperty("videoSha256").GetString()!,
                job.GetProperty("warnings").ToString()
            );
        }
    }
}
