using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Encode;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>Every codec in every container that holds it: from the segment encoder to a file with the source's frames.</summary>
public sealed class ContainerTests(EncodeFixture farm, RichOutput rich)
    : IClassFixture<EncodeFixture>,
        IClassFixture<RichOutput>
{
    [Theory]
    [InlineData(VideoCodec.H264, "medium", AudioCodec.Aac, Container.Mkv)]
    [InlineData(VideoCodec.H264, "medium", AudioCodec.Aac, Container.Mp4)]
    [InlineData(VideoCodec.H265, "ultrafast", AudioCodec.Aac, Container.Mp4)]
    [InlineData(VideoCodec.Av1, "12", AudioCodec.Opus, Container.Mp4)]
    [InlineData(VideoCodec.Av1, "12", AudioCodec.Opus, Container.WebM)]
    [InlineData(VideoCodec.Vp9, "8", AudioCodec.Opus, Container.WebM)]
    public async Task The_frames_and_the_offset_of_the_sound_are_the_source_s(
        VideoCodec codec,
        string preset,
        AudioCodec sound,
        Container container
    )
    {
        var clip = await ClipWithLateSoundAsync();
        using var bench = await MuxBench.OpenAsync(clip);
        bench.Container = container;
        bench.Settings = EncodeFixture.Settings(
            320,
            180,
            new VideoSettings
            {
                Codec = codec,
                Preset = preset,
                PixelFormat = codec == VideoCodec.Av1 ? "yuv420p10le" : "yuv420p",
                Rate = RateControl.Crf,
                KeyframeSeconds = 1,
            }
        ) with
        {
            Color = bench.Analysis.Video.Color,
        };
        // Of several lengths and qualities; with one of a single frame.
        bench.UseSegments([
            await EncodeAsync(clip, bench.Settings, 0, 29, crf: 24),
            await EncodeAsync(clip, bench.Settings, 29, 18, crf: 34),
            await EncodeAsync(clip, bench.Settings, 47, 1, crf: 28),
        ]);
        await bench.JoinAsync();
        await bench.EncodeAudioAsync(new AudioSettings { Codec = sound });

        var muxed = await bench.MuxAsync();

        (await bench.ValidateAsync()).Findings.ShouldBeEmpty();
        muxed.Warnings.ShouldBeEmpty();
        var source = await FrameOracle.DecodeAsync(clip);
        var output = await FrameOracle.DecodeAsync(bench.Output);
        FrameOracle.Mismatch(source, output).ShouldBeNull();
        FrameOracle.TimestampError(source, output).ShouldBeLessThan(0.0011);
        (await SoundOffsetAsync(bench, bench.Output)).ShouldBe(
            await SoundOffsetAsync(bench, clip),
            tolerance: 0.025
        );
    }

    [Theory]
    [InlineData(Container.Mp4, "MP4")]
    [InlineData(Container.WebM, "WebM")]
    public async Task What_a_container_cannot_hold_is_named_and_the_rest_is_kept(
        Container container,
        string name
    )
    {
        using var bench = rich.Bench.Twin();
        bench.Container = container;

        var muxed = await bench.MuxAsync();

        (await bench.ValidateAsync()).Findings.ShouldBeEmpty();
        muxed.Warnings.ShouldContain(warning => warning.Contains($"{name} can't hold attachments"));
        muxed.Warnings.ShouldContain(warning => warning.Contains("ubtitle"));
        muxed.Warnings.ShouldAllBe(warning => warning.Contains(name));
    }

    private async Task<JoinInput> EncodeAsync(
        string clip,
        EncodeSettings settings,
        int first,
        int frames,
        double crf
    )
    {
        var outcome = await new SegmentEncoder(farm.Tools, farm.Runner).EncodeAsync(
            new SegmentTask(
                EncodeFixture.Range(clip, first, frames),
                settings with
                {
                    Video = settings.Video with { Crf = crf },
                },
                Tier: null,
                Known: []
            ),
            farm.NewDirectory(),
            new ProgressLog(),
            new EncodeLimits(Threads: 1),
            TestContext.Current.CancellationToken
        );
        var segment = outcome.ShouldBeOfType<SegmentOutcome.Encoded>();
        return new JoinInput(segment.Path, segment.SizeBytes, segment.Sha256, segment.Frames);
    }

    /// <summary>48 frames, and a sound that begins a quarter of a second after them.</summary>
    private async Task<string> ClipWithLateSoundAsync()
    {
        var pictures = await farm.ClipAsync("pictures", "testsrc2=s=320x180:r=24", 48);
        var path = Path.Combine(farm.NewDirectory(), "late sound.mp4");
        await TestTools.FfmpegAsync(
            "-i",
            "file:" + pictures,
            "-itsoffset",
            "0.25",
            "-f",
            "lavfi",
            "-i",
            "sine=d=1.5:r=44100",
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            "-video_track_timescale",
            "24000",
            "file:" + path
        );
        return path;
    }

    /// <summary>Seconds from the first picture to the first sound.</summary>
    private static async Task<double> SoundOffsetAsync(MuxBench bench, string path)
    {
        var times = new List<double>();
        foreach (var stream in (string[])["v:0", "a:0"])
        {
            var output = await bench.FfprobeAsync(
                "-select_streams",
                stream,
                "-read_intervals",
                "%+#16",
                "-show_entries",
                "frame=pts_time",
                "-of",
                "csv=p=0",
                path
            );
            times.Add(
                double.Parse(
                    output.Split('\n', 2)[0].TrimEnd(','),
                    System.Globalization.CultureInfo.InvariantCulture
                )
            );
        }
        return times[1] - times[0];
    }
}
