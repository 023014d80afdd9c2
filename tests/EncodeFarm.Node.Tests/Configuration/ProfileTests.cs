using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Tests.Configuration;

public sealed class ProfileTests : IDisposable
{
    private const string Av1Parameters = "tune=0:film-grain=0:film-grain-denoise=0";
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Eight_profiles_are_built_in() =>
        new ProfileCatalog(null).Names.ShouldBe([
            "4k",
            "av1-crf",
            "av1-crf-compare",
            "av1-vmaf",
            "balanced",
            "fast",
            "ladder-h264",
            "quality",
        ]);

    [Fact]
    public void Av1_vmaf_is_as_documented()
    {
        var profile = Load("av1-vmaf");

        profile.Container.ShouldBe(Container.Mkv);
        profile.SegmentSeconds.ShouldBe(15);
        profile.Crop.ShouldBe(CropSetting.Automatic);
        profile
            .Renditions.ShouldHaveSingleItem()
            .ShouldBe(
                new Rendition
                {
                    Name = "av1-vmaf",
                    Video = new VideoSettings { Parameters = Av1Parameters },
                }
            );
        var video = profile.Renditions[0].Video;
        (video.Preset, video.PixelFormat, video.KeyframeSeconds, video.Rate).ShouldBe(
            ("6", "yuv420p10le", 10, RateControl.TargetVmaf)
        );
        (video.Quality.Target, video.Quality.BestEffort, video.Quality.Subsample).ShouldBe(
            (93, true, 3)
        );
    }

    [Fact]
    public void Av1_crf_is_as_documented()
    {
        var rendition = Load("av1-crf").Renditions.ShouldHaveSingleItem();

        rendition.ShouldBe(
            new Rendition
            {
                Name = "av1-crf",
                Video = new VideoSettings { Parameters = Av1Parameters, Rate = RateControl.Crf },
            }
        );
        (rendition.Video.CrfSd, rendition.Video.CrfHd, rendition.Video.CrfUhd).ShouldBe(
            (25, 25, 29)
        );
    }

    [Fact]
    public void Compare_has_one_rendition_for_each_crf()
    {
        Load("av1-crf-compare")
            .Renditions.Select(rendition =>
                (rendition.Name, rendition.Video.Crf, rendition.Video.Rate)
            )
            .ShouldBe([("crf24", 24, RateControl.Crf), ("crf60", 60, RateControl.Crf)]);

        Load("av1-crf-compare", "encoding.crf_list=20,30,40")
            .Renditions.Select(rendition => rendition.Name)
            .ShouldBe(["crf20", "crf30", "crf40"]);
    }

    [Fact]
    public void The_ladder_is_as_documented()
    {
        var profile = Load("ladder-h264");

        (profile.Container, profile.SegmentSeconds).ShouldBe((Container.Mp4, 3));
        profile.Renditions.ShouldAllBe(rendition =>
            rendition.Video.Codec == VideoCodec.H264
            && rendition.Video.Rate == RateControl.Crf
            && rendition.Audio.Codec == AudioCodec.Aac
            && rendition.Audio.SampleRate == 44_100
        );
        profile
            .Renditions.Select(rendition =>
                (
                    rendition.Name,
                    rendition.Video.MaxHeight,
                    rendition.Video.Preset,
                    rendition.Video.Crf,
                    rendition.Video.Bitrate,
                    rendition.Audio.Bitrate
                )
            )
            .ShouldBe([
                ("144p", 144, "ultrafast", 35, 100_000, 48_000),
                ("240p", 240, "ultrafast", 33, 200_000, 64_000),
                ("360p", 360, "veryfast", 30, 400_000, 96_000),
                ("480p", 480, "veryfast", 28, 800_000, 96_000),
                ("720p", 720, "fast", 26, 2_000_000, 128_000),
                ("1080p", 1080, "fast", 24, 4_000_000, 192_000),
            ]);
    }

    [Fact]
    public void Only_the_ladder_skips_what_lies_above_the_source() =>
        Directory
            .GetFiles(Path.Combine(Repository.Configuration, "profiles"))
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => Load(name).Ladder)
            .ShouldBe(["ladder-h264"]);

    [Theory]
    [InlineData("fast", VideoCodec.H264, 1280, 720, 1_000_000, "medium")]
    [InlineData("balanced", VideoCodec.H264, 1920, 1080, 2_000_000, "slow")]
    [InlineData("quality", VideoCodec.H265, 1920, 1080, 4_000_000, "slower")]
    [InlineData("4k", VideoCodec.H265, 3840, 2160, 15_000_000, "slower")]
    public void Bitrate_profiles_are_as_documented(
        string name,
        VideoCodec codec,
        int width,
        int height,
        long bitrate,
        string preset
    )
    {
        var profile = Load(name);

        profile.Container.ShouldBe(Container.Mp4);
        var rendition = profile.Renditions.ShouldHaveSingleItem();
        rendition.Audio.Codec.ShouldBe(AudioCodec.Aac);
        var video = rendition.Video;
        (
            video.Codec,
            video.MaxWidth,
            video.MaxHeight,
            video.Bitrate,
            video.Preset,
            video.Rate
        ).ShouldBe((codec, width, height, bitrate, preset, RateControl.Bitrate));
    }

    [Fact]
    public void A_fixed_crf_switches_the_search_off()
    {
        var video = Load("av1-vmaf", "encoding.crf=30").Renditions[0].Video;

        (video.Rate, video.Crf).ShouldBe((RateControl.Crf, 30));
    }

    [Fact]
    public void An_override_reaches_every_rendition_it_fits()
    {
        var ladder = Load(
            "ladder-h264",
            "encoding.preset=slow",
            "audio.bitrate=64k",
            "segment.seconds=6"
        );

        ladder.SegmentSeconds.ShouldBe(6);
        ladder.Renditions.ShouldAllBe(rendition =>
            rendition.Video.Preset == "slow" && rendition.Audio.Bitrate == 64_000
        );
    }

    [Theory]
    [InlineData("ladder-h264", "encoding.preset=8")]
    [InlineData("av1-vmaf", "encoding.preset=slow")]
    [InlineData("av1-crf", "encoding.vmaf_target=95")]
    [InlineData("fast", "encoding.crf=20")]
    [InlineData("fast", "encoding.film_grain=5")]
    public void A_flag_without_effect_is_refused(string profile, string flag) =>
        Should
            .Throw<FarmException>(() => Load(profile, flag))
            .Message.ShouldBe(
                $"{flag.Replace('=', ' ')} does not fit profile {profile} (given with -s). Choose another profile with -p, or leave it out."
            );

    [Fact]
    public void A_general_setting_without_effect_is_not()
    {
        _directory.Write("farm.yaml", "schema: 1\nencoding:\n  preset: 8\n  vmaf_target: 95\n");

        Load("fast").Renditions[0].Video.Preset.ShouldBe("medium");
        Load("av1-vmaf").Renditions[0].Video.Quality.Target.ShouldBe(95);
    }

    [Theory]
    [InlineData(
        "encoding.film_grain is 8 together with encoding.preset 9; film grain needs preset 8 or below.",
        "encoding.film_grain=8",
        "encoding.preset=9"
    )]
    [InlineData(
        "encoding.crf is 21 together with encoding.vmaf_target 96; a fixed CRF above 20 contradicts a target above 95.",
        "encoding.crf=21",
        "encoding.vmaf_target=96"
    )]
    [InlineData(
        "encoding.crf_min is 40, but must not be above encoding.crf_max, 39.",
        "encoding.crf_min=40",
        "encoding.crf_max=39"
    )]
    [InlineData("encoding.crf is 20.5, but AV1 takes whole numbers.", "encoding.crf=20.5")]
    [InlineData(
        "encoding.preset is 6, which H264 does not know; it takes ultrafast..placebo.",
        "encoding.codec=h264"
    )]
    [InlineData(
        "encoding.rate is bitrate, but encoding.bitrate is missing.",
        "encoding.rate=bitrate"
    )]
    [InlineData(
        "container is webm, which holds Opus audio, not Aac; use mkv or mp4.",
        "container=webm",
        "audio.codec=aac"
    )]
    public void Contradictions_are_refused(string message, params string[] flags) =>
        Should
            .Throw<FarmException>(() => Load("av1-vmaf", flags))
            .Message.ShouldBe($"Profile av1-vmaf: {message}");

    [Theory]
    [InlineData("encoding.film_grain=8", "encoding.preset=8")]
    [InlineData("encoding.crf=20", "encoding.vmaf_target=96")]
    [InlineData("encoding.crf=21", "encoding.vmaf_target=95")]
    [InlineData("encoding.crf_min=40", "encoding.crf_max=40")]
    public void What_only_comes_near_a_contradiction_is_fine(params string[] flags) =>
        Load("av1-vmaf", flags);

    /// <summary>It is SVT-AV1's alone.</summary>
    [Fact]
    public void Film_grain_is_nothing_to_a_codec_whose_presets_have_names()
    {
        _directory.Write(
            "profiles/grainy.yaml",
            "schema: 1\nname: grainy\nencoding:\n  codec: h264\n  preset: fast\n  rate: crf\n  crf: 20\n  film_grain: 8\n"
        );

        Load("grainy").Renditions[0].Video.Preset.ShouldBe("fast");
    }

    [Fact]
    public void A_user_adds_and_replaces_profiles()
    {
        _directory.Write("profiles/fast.yaml", "schema: 1\nname: fast\nencoding:\n  preset: 12\n");
        var mine = _directory.Write(
            "profiles/mine.yaml",
            "schema: 1\nname: mine\ncontainer: webm\n"
        );

        Load("fast").Renditions[0].Video.Preset.ShouldBe("12");
        Load("mine").Container.ShouldBe(Container.WebM);
        Load(mine).Container.ShouldBe(Container.WebM);
        new ProfileCatalog(Path.Combine(_directory.Path, "profiles")).Names.Count.ShouldBe(9);
    }

    [Fact]
    public void An_unknown_profile_is_refused_with_the_nearest() =>
        Should
            .Throw<FarmException>(() => Load("av1-vmf"))
            .Message.ShouldBe("There is no profile av1-vmf. Did you mean av1-vmaf?");

    [Theory]
    [InlineData(
        "schema: 1\nname: other\n",
        "line 2: the name is other, but the file is called bad."
    )]
    [InlineData("name: bad\n", "line 1: the schema version is missing; begin with 'schema: 1'.")]
    [InlineData("schema: 1\nname: bad\nrenditions: 3\n", "line 3: renditions must be a list.")]
    [InlineData(
        "schema: 1\nname: bad\nrenditions:\n  - name: ../x\n",
        "line 4: a rendition needs a name of letters, digits, '.', '_' and '-'."
    )]
    public void A_file_that_is_no_profile_is_refused(string text, string reason)
    {
        var path = _directory.Write("profiles/bad.yaml", text);

        Should.Throw<FarmException>(() => Load("bad")).Message.ShouldBe($"{path}, {reason}");
    }

    [Theory]
    [InlineData("schema: 1\nname: bad\nslots: 3\n", "slots belongs in farm.yaml, not in a profile")]
    [InlineData(
        "schema: 1\nname: bad\nencoding:\n  crfs: 3\n",
        "There is no setting encoding.crfs"
    )]
    [InlineData(
        "schema: 1\nname: bad\nencoding:\n  crf: 99\n",
        "encoding.crf is 99, but must be none or 1..63"
    )]
    [InlineData(
        "schema: 1\nname: bad\nrenditions:\n  - name: a\n    crop: off\n",
        "crop is the same for all renditions and stands above them"
    )]
    [InlineData(
        "schema: 1\nname: bad\nencoding.crf: 30\nencoding:\n  crf: 31\n",
        "encoding.crf stands in "
    )]
    [InlineData(
        "schema: 1\nname: bad\nrenditions:\n  - name: a\n  - name: a\n",
        "Profile bad, a: the rendition stands there twice."
    )]
    public void Wrong_entries_of_a_profile_are_found_by_check(string text, string sentence)
    {
        var path = _directory.Write("profiles/bad.yaml", text);

        ConfigurationLoader.Check(path).ShouldHaveSingleItem().Sentence.ShouldStartWith(sentence);
    }

    private Profile Load(string name, params string[] flags) =>
        ConfigurationLoader
            .Load(
                new ConfigurationInput(
                    _directory.Path,
                    new Dictionary<string, string>(),
                    [
                        new SettingEntry("profile", name, Origin.Flag("-p")),
                        .. flags.Select(ConfigurationLoader.ParseFlag),
                    ],
                    "/"
                )
            )
            .Profile()
            .Profile;
}
