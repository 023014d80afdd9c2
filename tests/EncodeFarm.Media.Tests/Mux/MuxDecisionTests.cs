using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>What is decided without any tool.</summary>
public sealed class MuxDecisionTests
{
    private static readonly AudioTrack Surround = new(
        new MediaTrack(2, "ac3", "ger", null, ["default"], 0.25, 10),
        6,
        "5.1(side)",
        48_000,
        null
    );

    [Theory]
    [InlineData(0, 0.0, 0)]
    [InlineData(0.08, 0.0, 0)]
    [InlineData(0.08, 0.5, 0)]
    [InlineData(1.4, 1.48, 1.4)]
    [InlineData(12345.68, 12345.6, 12345.6)]
    [InlineData(-0.5, 0.0, -0.5)]
    [InlineData(0, -1.5, -1.5)]
    [InlineData(0, -0.007, 0)]
    [InlineData(12345.6, null, 12345.6)]
    public void The_output_begins_with_the_first_picture_or_sound(
        double video,
        double? audio,
        double zero
    ) => OutputClock.ZeroSeconds(Analysis(video, audio)).ShouldBe(zero);

    [Fact]
    public void Frames_keep_their_distance_from_the_sound_also_when_a_remux_has_its_own_clock()
    {
        var analysis = Analysis(firstVideo: 100.08, audioStart: 100);
        var frames = new FrameTable(new Rational(1, 1000), [7, 47, 87], [0], 127);

        OutputClock
            .FrameMilliseconds(analysis, frames)
            .Select(time => Math.Round(time, 6))
            .ShouldBe([80, 120, 160]);
        OutputClock.EndMilliseconds(analysis, frames).ShouldBe(200, 1e-6);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 128)]
    [InlineData(3, 160)]
    [InlineData(4, 192)]
    [InlineData(5, 224)]
    [InlineData(6, 256)]
    [InlineData(7, 320)]
    [InlineData(8, 384)]
    [InlineData(16, 768)]
    public void Opus_gets_its_bit_rate_by_the_channels(int channels, int kilobits) =>
        AudioBitrate.Opus(channels).ShouldBe(kilobits * 1000);

    [Fact]
    public void The_audio_command_line() =>
        string.Join(
                ' ',
                AudioArguments.Build("/a b.mkv", Surround, new AudioSettings(), 0, "/o.mka")
            )
            .ShouldBe(
                "-nostdin -v verbose -y "
                    + string.Join(' ', EncodeFarm.Media.Analysis.Demuxers.Opening("/a b.mkv"))
                    + " -copyts -drc_scale:2 0 -i file:/a b.mkv -map 0:2 -map_metadata -1 -map_chapters -1"
                    + " -af aresample=48000:min_comp=0.04:min_hard_comp=0.04,aformat=channel_layouts=5.1,"
                    + "asetpts=round(PTS+(0.006500000)/TB)"
                    + " -c:a libopus -b:a 256000 -vbr on -compression_level 10 -frame_duration 20 -mapping_family 1"
                    + " -fflags +bitexact -f matroska file:/o.mka"
            );

    [Theory]
    [InlineData("ac3", AudioCodec.Aac, true)]
    [InlineData("eac3", AudioCodec.Opus, true)]
    [InlineData("ac3", AudioCodec.Copy, false)]
    [InlineData("dts", AudioCodec.Opus, false)]
    public void The_levelling_of_loudness_for_small_loudspeakers_is_not_encoded(
        string source,
        AudioCodec output,
        bool switchedOff
    )
    {
        var track = Surround with { Track = Surround.Track with { Codec = source } };

        var arguments = AudioArguments.Build(
            "/a",
            track,
            new AudioSettings { Codec = output },
            0,
            "/o"
        );

        arguments
            .TakeWhile(argument => argument != "-i")
            .Contains("-drc_scale:2")
            .ShouldBe(switchedOff);
    }

    [Fact]
    public void The_mkvmerge_command_line()
    {
        var plan = new CarryPlan(
            Direct: true,
            new TrackLabels("en", "A \"title\"", Default: true, Original: true),
            new Dictionary<int, TrackLabels>
            {
                [2] = new TrackLabels("de-CH", null, Default: false, Commentary: true),
            },
            [],
            [],
            []
        );
        var inputs = new MkvmergeInputs(
            "/out",
            "seed",
            "/v.ivf",
            "/t.txt",
            [new EncodedAudio(2, "/a.mka", 1, "", AudioCodec.Opus, 6, "5.1", 0, 1, 48_000, 0, [])],
            ExtractedSubtitles: null,
            Passengers: "/source.mkv",
            ChaptersFile: null,
            TagsFile: null,
            Title: null,
            Covers: [],
            ZeroSeconds: 12.5,
            PassengersHaveChapters: true
        );
        var settings = new Media.Encode.EncodeSettings(
            new VideoSettings(),
            "",
            720,
            576,
            new Rational(25, 1),
            VariableFrameRate: false,
            new ColorTags("tv", "bt2020", "smpte2084", "bt2020nc", "left"),
            Hdr.Pq,
            new MasteringDisplay(0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329, 0.005, 1000),
            new ContentLight(1000, 400)
        );

        var arguments = MkvmergeArguments.Build(
            inputs,
            plan,
            settings,
            Video(new Rational(64, 45))
        );

        string.Join(' ', arguments)
            .ShouldBe(
                "--gui-mode --deterministic seed --output /out"
                    + " --language 0:en --track-name 0:A \"title\" --default-track-flag 0:1 --original-flag 0:1"
                    + " --timestamps 0:/t.txt --color-matrix-coefficients 0:9 --color-range 0:1"
                    + " --color-transfer-characteristics 0:16 --color-primaries 0:9 --chroma-siting 0:1,2"
                    + " --chromaticity-coordinates 0:0.68,0.32,0.265,0.69,0.15,0.06"
                    + " --white-color-coordinates 0:0.3127,0.329 --max-luminance 0:1000 --min-luminance 0:0.005"
                    + " --max-content-light 0:1000 --max-frame-light 0:400 --display-dimensions 0:1024x576 =/v.ivf"
                    + " --no-chapters --no-global-tags --no-track-tags --language 0:de-CH --default-track-flag 0:0"
                    + " --commentary-flag 0:1 =/a.mka"
                    + " --no-video --no-audio --sync -1:-12500 --chapter-sync -12500 =/source.mkv"
            );
        // mkvmerge warns of chapters that it is told to move and does not find.
        MkvmergeArguments
            .Build(
                inputs with
                {
                    PassengersHaveChapters = false,
                },
                plan,
                settings,
                Video(new Rational(64, 45))
            )
            .ShouldNotContain("--chapter-sync");
    }

    [Theory]
    [InlineData("fra", "fre")]
    [InlineData("GER", "ger")]
    [InlineData("en-us", "en")]
    [InlineData("klingon", null)]
    [InlineData("", null)]
    public void Languages_of_other_containers_are_put_in_matroskas_words(
        string language,
        string? code
    ) =>
        LanguageCodes
            .Normalize(language, new HashSet<string> { "fre", "ger", "en" })
            .ShouldBe(code);

    [Fact]
    public void What_mkv_cant_hold_is_named()
    {
        var analysis = Analysis(0, 0) with
        {
            Subtitles =
            [
                new MediaTrack(3, "mov_text", "fra", null, [], 0, null),
                new MediaTrack(4, "dvb_teletext", "ger", null, [], 0, null),
                new MediaTrack(5, "dvb_subtitle", "xx1", null, [], 0, null),
            ],
        };

        var plan = CarryPlan.Make(analysis, source: null, new HashSet<string> { "fre", "ger" });

        plan.Subtitles.Select(subtitle => (subtitle.Track.StreamIndex, subtitle.Converted))
            .ShouldBe([(3, true), (5, false)]);
        plan.Warnings.ShouldBe([
            "Subtitle stream 3 is mov_text, which MKV can't hold; it is converted to SRT and loses its styling.",
            "Subtitle stream 4 is dvb_teletext, which MKV can't hold; it is left out.",
            "The language \"xx1\" of stream 5 is not a known code; the track is marked as undetermined.",
        ]);
    }

    [Fact]
    public void What_mp4_cant_hold_is_named()
    {
        var tags = new Dictionary<string, string>
        {
            ["ARTIST"] = "kept",
            ["DIRECTOR"] = "lost",
            ["title"] = "kept",
            ["encoder"] = "of the old file",
            ["copyright"] = "   ",
            ["location"] = "+52.5+013.4/",
        };
        var languages = new HashSet<string> { "ger" };
        var audio = Surround with
        {
            Track = Surround.Track with
            {
                Dispositions = ["comment", "hearing_impaired", "original"],
            },
        };
        var analysis = Analysis(0, 0) with { Audio = [audio], Metadata = tags };

        var plan = CarryPlan
            .Make(analysis, source: null, languages)
            .ForMp4(new Dictionary<string, string> { ["ger"] = "ger" });

        plan.Warnings.ShouldBe([
            "MP4 has no place for the flags of audio stream 2 (original): they are left out.",
            "MP4 has no place for the tags DIRECTOR: they are left out.",
        ]);
        plan.Audio[2].Flags.ShouldBe("hearing impaired+commentary");
        (plan.Title, string.Join(' ', plan.Tags.Keys)).ShouldBe(("kept", "ARTIST"));
    }

    /// <summary>A disc's picture has several packets, of which Matroska makes one: only the time tells what is missing.</summary>
    [Theory]
    [InlineData(new long[] { 90, 90, 91, 200, 200 }, new long[] { 1, 111 }, true)]
    [InlineData(new long[] { 90, 200 }, new long[] { 1, 102 }, true)]
    [InlineData(new long[] { 90, 150, 200 }, new long[] { 1, 61 }, false)]
    [InlineData(new long[] { 90 }, new long[] { }, false)]
    [InlineData(new long[] { }, new long[] { }, true)]
    public void Lost_subtitles_are_found(long[] planned, long[] found, bool ok) =>
        CarriedChecks.Span("", Packets(planned), Packets(found)).Ok.ShouldBe(ok);

    private static StreamPackets? Packets(long[] seconds)
    {
        var packets = new StreamPackets { TimeBase = new Rational(1, 1) };
        foreach (var second in seconds)
        {
            packets.Add(second, 0);
        }
        return seconds.Length == 0 ? null : packets;
    }

    [Fact]
    public void Chapters_and_tags_survive_any_characters()
    {
        var chapters = MatroskaXml.Chapters([new Chapter(90_061.5, 90_062, "A <b> & \u0001ü")], 0);
        var tags = MatroskaXml.Tags(
            new Dictionary<string, string>
            {
                ["encoder"] = "x",
                ["my tag"] = "<&>",
                ["title"] = "t",
            }
        );

        chapters.ToString().ShouldContain("25:01:01.5000000");
        chapters.ToString().ShouldContain("A &lt;b&gt; &amp; ü");
        tags!.Descendants("Name").Select(name => name.Value).ShouldBe(["MY_TAG"]);
        MatroskaXml.Tags(new Dictionary<string, string> { ["title"] = "t" }).ShouldBeNull();
    }

    private static VideoStream Video(Rational aspect) =>
        new(
            0,
            "h264",
            720,
            576,
            "yuv420p",
            8,
            new Rational(1, 1000),
            new Rational(25, 1),
            VariableFrameRate: false,
            aspect,
            Rotation: 0,
            Interlaced: false,
            null,
            new ColorTags(null, null, null, null, null),
            Hdr.None,
            null,
            null,
            null,
            Hdr10Plus: false,
            null,
            null
        );

    private static SourceAnalysis Analysis(double firstVideo, double? audioStart) =>
        new(
            new SourceIdentity("/source", 1, DateTimeOffset.UnixEpoch),
            "/source",
            "mov,mp4",
            0,
            10,
            3,
            firstVideo,
            "",
            Video(new Rational(1, 1)),
            audioStart is { } start
                ? [Surround with { Track = Surround.Track with { StartSeconds = start } }]
                : [],
            [],
            [],
            [],
            new Dictionary<string, string>(),
            new CropDecision(null, 1, "off"),
            []
        );
}
