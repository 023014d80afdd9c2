using System.Globalization;
using System.Text.Json;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Tools;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

public sealed class MuxerTests(RichOutput rich) : IClassFixture<RichOutput>
{
    private readonly MuxBench _bench = rich.Bench;

    [Fact]
    public async Task Everything_of_a_matroska_source_is_kept()
    {
        var source = await IdentifyAsync(rich.Source);
        var output = await IdentifyAsync(_bench.Output);

        output
            .Tracks.Select(track => (track.Type, track.Labels, track.Iso639))
            .ShouldBe(source.Tracks.Select(track => (track.Type, track.Labels, track.Iso639)));
        output.Attachments.ShouldBe(source.Attachments);
        output.Title.ShouldBe("Title with \"quotes\"");
        var report = await _bench.ValidateAsync();
        report.Findings.ShouldBeEmpty();
        report.CpuSeconds.ShouldNotBeNull().ShouldBeGreaterThan(0);
        var header = await _bench.FfprobeAsync("-show_format", "-show_chapters", _bench.Output);
        header.ShouldContain("DIRECTOR=Somebody");
        header.ShouldContain("title=Anfang");
    }

    [Theory]
    [InlineData(1001, 24_000)]
    [InlineData(1001, 30_000)]
    [InlineData(1001, 60_000)]
    [InlineData(1, 25)]
    [InlineData(7, 90)]
    public async Task Joined_frames_stay_within_half_a_millisecond_of_their_time(
        long numerator,
        long denominator
    )
    {
        using var bench = _bench.Twin();
        bench.UseFrames(
            new Rational(numerator, denominator),
            // The last case has a variable rate: every third frame stays twice as long.
            [.. Enumerable.Range(0, 48).Select(n => numerator == 7 ? n + n / 3 : (long)n)]
        );
        bench.Settings = bench.Settings with { FrameRate = new Rational(denominator, numerator) };

        await bench.MuxAsync();

        var output = await bench.FfprobeAsync(
            "-select_streams",
            "v:0",
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            bench.Output
        );
        var times = output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => double.Parse(line, CultureInfo.InvariantCulture));
        var errors = times.Zip(
            bench.Source.Frames.Pts,
            (time, pts) => Math.Abs(time - pts * (double)numerator / denominator)
        );
        errors.Count().ShouldBe(48);
        errors.Max().ShouldBeLessThanOrEqualTo(0.000501);
    }

    [Fact]
    public async Task Subtitles_keep_their_words_and_times()
    {
        string[] question =
        [
            "-select_streams",
            "s",
            "-show_entries",
            "packet=stream_index,pts_time,duration_time,data_hash",
            "-show_data_hash",
            "MD5",
            "-of",
            "csv",
        ];
        var output = await _bench.FfprobeAsync([.. question, _bench.Output]);

        output.ShouldBe(await _bench.FfprobeAsync([.. question, rich.Source]));
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
    }

    [Fact]
    public async Task Equal_inputs_give_equal_bytes_and_nothing_is_left_behind()
    {
        var again = _bench.File("again.mkv");
        var before = Directory.GetFileSystemEntries(Path.GetDirectoryName(again)!);

        var muxed = await _bench.MuxAsync(again);

        (await File.ReadAllBytesAsync(again)).ShouldBe(await File.ReadAllBytesAsync(_bench.Output));
        muxed.Warnings.ShouldBeEmpty();
        muxed.CpuSeconds.ShouldNotBeNull().ShouldBeGreaterThan(0);
        File.Delete(again);
        Directory
            .GetFileSystemEntries(Path.GetDirectoryName(again)!)
            .ShouldBe(before, ignoreOrder: true);
    }

    [Theory]
    [InlineData("-dash.mkv")]
    [InlineData("@file (1) + =x.mkv")]
    [InlineData("it's 100% \"quoted\": ü 日本.mkv")]
    [InlineData("new\nline.mkv")]
    public async Task Odd_names_of_source_and_output_just_work(string name)
    {
        using var directory = new TestDirectory("encodefarm odd ' % ü");
        var source = directory.File(name);
        File.Copy(rich.Source, source);
        using var bench = await MuxBench.OpenAsync(source);
        bench.UseSegmentsOf(_bench);
        await bench.EncodeAudioAsync(new Profiles.AudioSettings());
        var output = directory.File("out " + name);

        await bench.MuxAsync(output);

        var report = await bench.ValidateAsync(output);
        report.Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_full_disk_is_named_and_leaves_nothing()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        using var directory = new TestDirectory();
        var destination = directory.File(".part");
        File.CreateSymbolicLink(destination, "/dev/full");

        var failure = await Should.ThrowAsync<FarmException>(() => _bench.MuxAsync(destination));

        failure.Error.ShouldBe(FarmError.DiskFull);
        failure.Message.ShouldContain(directory.Path);
        failure.Message.ShouldContain("1 MB are needed");
        Directory.GetFileSystemEntries(directory.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_mux_says_why_and_leaves_nothing()
    {
        using var directory = new TestDirectory();
        using var bench = _bench.Twin();
        bench.Audio = [_bench.Audio[0] with { Path = directory.File("gone.mka") }];

        var failure = await Should.ThrowAsync<ToolFailedException>(() =>
            bench.MuxAsync(directory.File("out.mkv"))
        );

        failure.Message.ShouldContain("gone.mka");
        Directory.GetFileSystemEntries(directory.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Subtitles_chapters_tags_and_cover_of_an_mp4_come_along()
    {
        using var directory = new TestDirectory();
        var source = await Mp4Async(directory);
        using var bench = await MuxBench.PrepareAsync(source);

        var muxed = await bench.MuxAsync();

        var report = await bench.ValidateAsync();
        report.Findings.ShouldBeEmpty();
        muxed.Warnings.ShouldHaveSingleItem().ShouldContain("converted to SRT");
        var output = await IdentifyAsync(bench.Output);
        output.Title.ShouldBe("@midnight ü \"quoted\"");
        output.Attachments.ShouldHaveSingleItem().MimeType.ShouldBe("image/png");
        var subtitle = output.OfType("subtitles").ShouldHaveSingleItem();
        subtitle.Labels.Language.ShouldBe("fr");
        output.OfType("audio").ShouldHaveSingleItem().Iso639.ShouldBe("ger");
        var header = await bench.FfprobeAsync("-show_format", "-show_chapters", bench.Output);
        header.ShouldContain("title=Ende");
        header.ShouldContain("ARTIST=Some <body> & co");
        var words = await bench.FfprobeAsync(
            "-select_streams",
            "s",
            "-show_entries",
            "packet=pts_time,duration_time",
            "-of",
            "csv=p=0",
            bench.Output
        );
        words.Trim().ShouldBe("0.000000,1.000000\n1.200000,0.700000");
    }

    [Fact]
    public async Task Hdr_is_told_by_container_and_bitstream()
    {
        using var bench = await MuxBench.PrepareAsync(await TestClips.Hdr10());
        await bench.MuxAsync();

        var info = await MediaInfoAsync(bench);

        info.GetProperty("HDR_Format").GetString().ShouldBe("SMPTE ST 2086");
        info.GetProperty("transfer_characteristics").GetString().ShouldBe("PQ");
        info.GetProperty("colour_primaries").GetString().ShouldBe("BT.2020");
        info.GetProperty("MaxCLL").GetString()!.ShouldStartWith("1000");
        info.GetProperty("MaxFALL").GetString()!.ShouldStartWith("400");
        info.GetProperty("MasteringDisplay_ColorPrimaries").GetString().ShouldBe("Display P3");
        info.GetProperty("MasteringDisplay_Luminance")
            .GetString()
            .ShouldBe("min: 0.0050 cd/m2, max: 1000 cd/m2");
        var container = await bench.FfprobeAsync("-show_streams", bench.Output);
        container.ShouldContain("side_data_type=Mastering display metadata");
        container.ShouldContain("max_content=1000");
    }

    private async Task<MkvIdentification> IdentifyAsync(string path) =>
        await new Mkvmerge(_bench.Tools, TestTools.Runner).IdentifyAsync(
            path,
            WorkKind.Validate,
            TestContext.Current.CancellationToken
        );

    private static async Task<JsonElement> MediaInfoAsync(MuxBench bench)
    {
        Assert.SkipUnless(bench.Tools.MediaInfo is not null, "needs mediainfo");
        var command = new ToolCommand(
            bench.Tools.MediaInfo!.Path,
            ["--Output=JSON", bench.Output],
            WorkKind.Validate
        );
        var result = await TestTools.Runner.RunAsync(command, CancellationToken.None);
        return JsonDocument
            .Parse(result.Output)
            .RootElement.GetProperty("media")
            .GetProperty("track")
            .EnumerateArray()
            .First(track => track.GetProperty("@type").GetString() == "Video");
    }

    private static async Task<string> Mp4Async(TestDirectory directory)
    {
        await RichSource.MakeAsync(directory);
        var path = directory.File("source.mp4");
        await TestTools.FfmpegAsync(
            "-i",
            directory.File("rich.mkv"),
            "-i",
            directory.File("cover.png"),
            "-map",
            "0:v:0",
            "-map",
            "0:a:0",
            "-map",
            "0:s:0",
            "-map",
            "1:v",
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            "-c:s",
            "mov_text",
            "-disposition:v:1",
            "attached_pic",
            "-metadata:s:s:0",
            "language=fra",
            "-metadata",
            "artist=Some <body> & co",
            // mkvmerge would look for options in a file of that name.
            "-metadata",
            "title=@midnight ü \"quoted\"",
            path
        );
        return path;
    }
}
