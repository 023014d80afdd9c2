using EncodeFarm.Media.Model;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class SourceAnalyzerTests
{
    [Theory]
    [InlineData(nameof(TestClips.H264ClosedGop), 120, "24/1", false)]
    [InlineData(nameof(TestClips.H264OpenGop), 125, "25/1", false)]
    [InlineData(nameof(TestClips.H264OpenGopTs), 120, "30000/1001", false)]
    [InlineData(nameof(TestClips.H264At5994), 180, "60000/1001", false)]
    [InlineData(nameof(TestClips.HevcOpenGop), 96, "24000/1001", false)]
    [InlineData(nameof(TestClips.Mpeg2TsLateStart), 125, "25/1", false)]
    [InlineData(nameof(TestClips.Mpeg2ProgramStream), 125, "25/1", false)]
    [InlineData(nameof(TestClips.Vp9), 90, "30/1", false)]
    [InlineData(nameof(TestClips.Vp8), 90, "30/1", false)]
    [InlineData(nameof(TestClips.EditListMidGop), 84, "24/1", false)]
    [InlineData(nameof(TestClips.OneFrame), 1, "24/1", false)]
    [InlineData(nameof(TestClips.NineFrames), 9, "24/1", false)]
    [InlineData(nameof(TestClips.VariableRate), 90, null, true)]
    [InlineData(nameof(TestClips.LongGap), 60, null, true)]
    [InlineData(nameof(TestClips.RepeatedTimestamps), 75, null, true)]
    public async Task Frames_and_rate_are_exact(
        string clip,
        int frames,
        string? rate,
        bool variable
    )
    {
        var source = await Analyze.ClipAsync(clip);

        source.Analysis.Frames.ShouldBe(frames);
        source.Analysis.Video.VariableFrameRate.ShouldBe(variable);
        if (rate is not null)
        {
            source.Analysis.Video.FrameRate.ToString().ShouldBe(rate);
        }
    }

    [Fact]
    public async Task Every_stream_is_listed_with_what_it_is_called()
    {
        var analysis = (await Analyze.ClipAsync(nameof(TestClips.Everything))).Analysis;

        analysis.Video.Language.ShouldBe("de-CH");
        analysis.Video.Title.ShouldBe("Main picture");
        analysis.Audio.Select(a => a.Track.Language).ShouldBe(["de-CH", "en"]);
        analysis.Audio.Select(a => a.Track.Title).ShouldBe(["Stereo", "Director"]);
        analysis.Audio.Select(a => a.Channels).ShouldBe([2, 6]);
        analysis.Audio.Select(a => a.ChannelLayout).ShouldBe(["stereo", "5.1(side)"]);
        analysis.Audio.Select(a => a.SampleRate).ShouldBe([48000, 48000]);
        analysis.Audio[0].Track.StartSeconds.ShouldBe(0.25, 0.02);
        analysis.Audio[0].Track.Dispositions.ShouldContain("default");
        analysis.Audio[1].Track.Dispositions.ShouldContain("comment");
        analysis.Audio[1].Track.Dispositions.ShouldNotContain("default");
        var subtitle = analysis.Subtitles.Single();
        (subtitle.Codec, subtitle.Language).ShouldBe(("subrip", "pt-BR"));
        subtitle.Dispositions.ShouldContain("forced");
        analysis
            .Chapters.Select(c => (c.StartSeconds, c.Title))
            .ShouldBe([(0, "Beginning"), (2.5, "End")]);
        analysis
            .Attachments.Select(a => (a.FileName, a.MimeType, a.Cover))
            .ShouldBe([("font.ttf", "font/ttf", false), ("cover.png", "image/png", true)]);
        analysis.Metadata["title"].ShouldBe("A film with everything");
        analysis.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Hdr10_is_read_whole()
    {
        var video = (await Analyze.ClipAsync(nameof(TestClips.Hdr10))).Analysis.Video;

        video.Hdr.ShouldBe(Hdr.Pq);
        video.BitDepth.ShouldBe(10);
        video.Color.Primaries.ShouldBe("bt2020");
        video.Color.Transfer.ShouldBe("smpte2084");
        video.Color.Matrix.ShouldBe("bt2020nc");
        video.Color.Range.ShouldBe("tv");
        video.Light.ShouldBe(new ContentLight(1000, 400));
        video.Mastering.ShouldBe(
            new MasteringDisplay(0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329, 0.005, 1000)
        );
    }

    [Fact]
    public async Task Shape_and_turn_are_read()
    {
        var wide = (await Analyze.ClipAsync(nameof(TestClips.Anamorphic))).Analysis.Video;
        var turned = (await Analyze.ClipAsync(nameof(TestClips.Rotated))).Analysis.Video;
        var odd = (await Analyze.ClipAsync(nameof(TestClips.OddDimensions))).Analysis.Video;

        wide.SampleAspect.ShouldBe(new Rational(4, 3));
        turned.Rotation.ShouldBe(90);
        (odd.Width, odd.Height, odd.PixelFormat).ShouldBe((161, 91, "yuv444p"));
    }

    [Fact]
    public async Task A_source_without_timestamps_is_remuxed_and_keeps_its_clock()
    {
        using var work = new TestDirectory();
        var path = await TestClips.Mpeg2ProgramStream();

        var analysis = (await Analyze.FileAsync(path, work)).Analysis;

        analysis.Source.Path.ShouldBe(path);
        Path.GetDirectoryName(analysis.WorkingPath).ShouldBe(work.Path);
        analysis.FirstVideoSeconds.ShouldBe(0.54, 0.001);
        analysis.Audio.Single().Track.StartSeconds.ShouldBe(0.53, 0.02);
    }

    [Fact]
    public async Task Pictures_that_nothing_can_show_are_left_out_with_a_warning()
    {
        var source = await Analyze.ClipAsync(nameof(TestClips.TsCutMidGop));

        source.Frames.Keyframes[0].ShouldBe(0);
        source.Analysis.Warnings.ShouldContain(w => w.Contains("can't be decoded"));
    }

    [Fact]
    public async Task A_transport_stream_that_ends_inside_a_packet_is_hinted_at()
    {
        using var home = new TestDirectory();
        var bytes = await File.ReadAllBytesAsync(await TestClips.H264OpenGopTs());
        await File.WriteAllBytesAsync(
            home.File("cut.ts"),
            bytes[..(bytes.Length / 2 / 188 * 188 + 100)]
        );

        var source = await Analyze.FileAsync(home.File("cut.ts"), home);

        source.Analysis.Warnings.ShouldContain(w => w.Contains("may have been cut off"));
        source.Frames.Pts.ShouldBe((await FrameOracle.DecodeAsync(home.File("cut.ts"))).Pts);
    }

    [Fact]
    public async Task Other_videos_are_named_as_dropped()
    {
        using var home = new TestDirectory();
        var path = home.File("two.mkv");
        await TestTools.FfmpegAsync(
            "-i",
            await TestClips.H264ClosedGop(),
            "-i",
            await TestClips.NineFrames(),
            "-map",
            "0:v",
            "-map",
            "1:v",
            "-c",
            "copy",
            path
        );

        var source = await Analyze.FileAsync(path, home);

        source.Frames.Count.ShouldBe(120);
        source.Analysis.Warnings.ShouldContain(
            "Video stream 1 (h264) is dropped: only the first video is encoded."
        );
    }

    /// <summary>The picture of a music file's cover is no video, and a video's cover does not take its place.</summary>
    [Fact]
    public async Task A_cover_in_front_is_not_taken_for_the_video()
    {
        using var home = new TestDirectory();
        var path = home.File("cover-first.mp4");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=200x200:r=1:d=1",
            "-i",
            await TestClips.H264ClosedGop(),
            "-map",
            "0:v",
            "-map",
            "1:v",
            "-c:v:0",
            "mjpeg",
            "-c:v:1",
            "copy",
            "-disposition:v:0",
            "attached_pic",
            path
        );

        var analysis = (await Analyze.FileAsync(path, home)).Analysis;

        analysis.Video.Codec.ShouldBe("h264");
        analysis.Frames.ShouldBe(120);
        analysis.Attachments.Single().Cover.ShouldBeTrue();
    }

    [Fact]
    public async Task A_track_that_begins_late_in_a_program_stream_is_found()
    {
        using var work = new TestDirectory();

        var source = await Analyze.FileAsync(await HardStreams.LateTrack(), work);

        source.Analysis.Audio.ShouldHaveSingleItem().Track.Codec.ShouldBe("ac3");
    }

    /// <summary>Recordings announce sound that never comes; DVB does so for films without a description of the picture.</summary>
    [Theory]
    [InlineData("announced.ts", "mp2")]
    [InlineData("announced.mkv", "flac")]
    public async Task Sound_that_is_announced_and_never_comes_is_left_out_with_a_warning(
        string name,
        string codec
    )
    {
        using var home = new TestDirectory();
        var path = home.File(name);
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "sine=d=1,aselect=0",
            "-i",
            await TestClips.H264ClosedGop(),
            "-map",
            "1:v",
            "-map",
            "0",
            "-map",
            "1:a",
            "-c",
            "copy",
            "-c:a:0",
            codec,
            path
        );

        var analysis = (await Analyze.FileAsync(path, home)).Analysis;

        analysis.Audio.Single().Track.StreamIndex.ShouldBe(2);
        analysis.Warnings.ShouldContain(w =>
            w.StartsWith("Audio stream 1 (") && w.Contains("left out")
        );
    }

    /// <summary>ffmpeg itself shows such pictures at 0, 120, 160 ms …, and again at others after a seek.</summary>
    [Fact]
    public async Task Decoding_times_that_pass_for_presentation_times_are_not_believed()
    {
        using var work = new TestDirectory();
        var original = await FrameOracle.DecodeAsync(await TestClips.H264OpenGop());

        var source = await Analyze.FileAsync(await HardOrigins.MxfWithoutOrder(), work);

        var decoded = await FrameOracle.DecodeAsync(source.Analysis.WorkingPath);
        FrameOracle.Mismatch(original, decoded).ShouldBeNull();
        FrameOracle.TimestampError(original, decoded).ShouldBeLessThan(0.0011);
        source.Frames.Pts.ShouldBe(decoded.Pts);
        source.Analysis.Video.VariableFrameRate.ShouldBeFalse();
    }

    [Theory]
    [InlineData("yuva420p", "libvpx-vp9", "alpha.webm")]
    [InlineData("argb", "qtrle", "alpha.mov")]
    public async Task Transparency_is_not_dropped_without_a_word(
        string pixelFormat,
        string codec,
        string name
    )
    {
        using var home = new TestDirectory();
        var path = home.File(name);
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            $"testsrc2=s=128x96:r=5:d=1:alpha=128,format={pixelFormat}",
            "-c:v",
            codec,
            path
        );

        var analysis = (await Analyze.FileAsync(path, home)).Analysis;

        analysis.Warnings.ShouldContain(w => w.Contains("alpha channel"));
    }

    [Fact]
    public async Task A_turn_by_no_quarter_is_named()
    {
        using var home = new TestDirectory();
        var path = await TestClips.Oriented(1, 1, -1, 1);

        var analysis = (await Analyze.FileAsync(path, home)).Analysis;

        analysis.Warnings.ShouldContain(w => w.Contains("by 45°"));
    }
}
