using System.Globalization;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Audio;

public sealed class AudioEncoderTests : IDisposable
{
    private readonly AudioBench _bench = new();

    public void Dispose() => _bench.Dispose();

    /// <summary>Source layout, layout stored, and for each stored channel the source channel that it must carry (-1: silence).</summary>
    public static TheoryData<string, string, int[]> Layouts =>
        new()
        {
            { "mono", "mono", [0] },
            { "stereo", "stereo", [0, 1] },
            { "3.0", "3.0", [0, 1, 2] },
            { "quad", "quad", [0, 1, 2, 3] },
            { "quad(side)", "quad", [0, 1, 2, 3] },
            { "5.0", "5.0", [0, 1, 2, 3, 4] },
            { "5.0(side)", "5.0", [0, 1, 2, 3, 4] },
            { "5.1", "5.1", [0, 1, 2, 3, 4, 5] },
            { "5.1(side)", "5.1", [0, 1, 2, 3, 4, 5] },
            { "6.1", "6.1", [0, 1, 2, 3, 4, 5, 6] },
            { "7.1", "7.1", [0, 1, 2, 3, 4, 5, 6, 7] },
            { "2.1", "5.1", [0, 1, -1, 2, -1, -1] },
            { "3.1", "5.1", [0, 1, 2, 3, -1, -1] },
            { "4.0", "6.1", [0, 1, 2, -1, 3, -1, -1] },
            { "4.1", "6.1", [0, 1, 2, 3, 4, -1, -1] },
            { "6.0", "6.1", [0, 1, 2, -1, 3, 4, 5] },
            { "hexagonal", "6.1", [0, 1, 2, -1, 5, 3, 4] },
            { "6.1(back)", "6.1", [0, 1, 2, 3, 6, 4, 5] },
            { "7.0", "7.1", [0, 1, 2, -1, 3, 4, 5, 6] },
            { "7.1(wide)", "7.1", [0, 1, 2, 3, 4, 5, 6, 7] },
            { "octagonal", "unknown", [0, 1, 2, 3, 4, 5, 6, 7] },
        };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Every_channel_is_heard_in_its_place(string layout, string stored, int[] map)
    {
        // A loudness of its own tells a channel from the others; 60 Hz is what a low-frequency channel can carry.
        var source = await TonesAsync(layout, map.Max() + 1, "sin(60*2*PI*t)");

        var audio = await _bench.EncodeAsync(source);

        audio.Layout.ShouldBe(stored);
        audio.Channels.ShouldBe(map.Length);
        var channels = await AudioBench.DecodeAsync(audio.Path, map.Length);
        for (var channel = 0; channel < map.Length; channel++)
        {
            var expected = map[channel] < 0 ? 0 : Amplitude(map[channel]) / Math.Sqrt(2);
            AudioBench
                .Rms(channels[channel])
                .ShouldBe(expected, 0.01 + expected * 0.06, $"channel {channel}");
        }
        var kept = stored == layout || layout == stored + "(side)" || layout == "6.1(back)";
        audio.Warnings.Count.ShouldBe(kept ? 0 : 1, string.Join(' ', audio.Warnings));
    }

    /// <summary>As above, with the number by which MPEG-4 knows the layout (0: none).</summary>
    public static TheoryData<string, string, int, int[]> AacLayouts =>
        new()
        {
            { "stereo", "stereo", 2, [0, 1] },
            { "5.0(side)", "5.0", 5, [0, 1, 2, 3, 4] },
            { "5.1(side)", "5.1", 6, [0, 1, 2, 3, 4, 5] },
            { "quad(side)", "5.0", 5, [0, 1, -1, 2, 3] },
            { "7.1(wide)", "7.1", 7, [0, 1, 2, 3, 4, 5, 6, 7] },
            { "6.1", "unknown", 0, [0, 1, 2, 3, 4, 5, 6] },
        };

    [Theory]
    [MemberData(nameof(AacLayouts))]
    public async Task Every_channel_is_heard_in_its_place_in_aac(
        string layout,
        string stored,
        int number,
        int[] map
    )
    {
        var source = await TonesAsync(layout, map.Max() + 1, "sin(60*2*PI*t)");

        var audio = await _bench.EncodeAsync(source, new AudioSettings { Codec = AudioCodec.Aac });

        audio.Layout.ShouldBe(stored);
        (await AudioBench.AacConfigurationAsync(audio.Path)).ShouldBe(number);
        var channels = await AudioBench.DecodeAsync(audio.Path, map.Length);
        for (var channel = 0; channel < map.Length; channel++)
        {
            var expected = map[channel] < 0 ? 0 : Amplitude(map[channel]) / Math.Sqrt(2);
            AudioBench
                .Rms(channels[channel])
                .ShouldBe(expected, 0.01 + expected * 0.06, $"channel {channel}");
        }
    }

    [Theory]
    [InlineData(48_000)]
    [InlineData(44_100)]
    [InlineData(96_000)]
    [InlineData(22_050)]
    public async Task No_sample_is_added_or_lost(int rate)
    {
        var source = _bench.File("tone.flac");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            string.Create(CultureInfo.InvariantCulture, $"sine=f=440:r={rate}:d=3.21"),
            "-c:a",
            "flac",
            source
        );

        var audio = await _bench.EncodeAsync(source);

        var heard = (await AudioBench.DecodeAsync(audio.Path, 1))[0];
        heard.Length.ShouldBe((int)audio.Samples);
        ((double)audio.Samples).ShouldBe(3.21 * 48_000, 32);
        audio.DurationSeconds.ShouldBe(3.21, 0.001);
        audio.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(250)]
    [InlineData(1234)]
    public async Task A_click_is_heard_when_it_was_heard_in_the_source(int delayMilliseconds)
    {
        var flac = _bench.File("click.flac");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "aevalsrc='if(between(t,0.5,0.5005),0.9,0)':s=48000:d=1",
            flac
        );
        var source = _bench.File("click.mka");
        await TestTools.MkvmergeAsync("-o", source, "--sync", $"0:{delayMilliseconds}", flac);

        var audio = await _bench.EncodeAsync(source);

        var heard = (await AudioBench.DecodeAsync(audio.Path, 1))[0];
        var loudest = Array.IndexOf(heard, heard.Max());
        audio.StartSeconds.ShouldBe(delayMilliseconds / 1000.0, 0.001);
        (audio.StartSeconds + loudest / 48_000.0).ShouldBe(
            0.50025 + delayMilliseconds / 1000.0,
            0.0015
        );
    }

    [Theory]
    [InlineData("opus", "click.mkv", AudioCodec.Opus)]
    [InlineData("aac", "click.mp4", AudioCodec.Opus)]
    [InlineData("ac3", "click.ts", AudioCodec.Opus)]
    [InlineData("libmp3lame", "click.mp4", AudioCodec.Opus)]
    [InlineData("flac", "click.mkv", AudioCodec.Aac)]
    [InlineData("aac", "click.mp4", AudioCodec.Copy)]
    [InlineData("opus", "click.mkv", AudioCodec.Copy)]
    public async Task Warm_up_of_other_codecs_moves_nothing(
        string codec,
        string name,
        AudioCodec output
    )
    {
        var source = _bench.File(name);
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "aevalsrc='if(between(t,0.5,0.5005),0.9,0)':s=48000:d=1",
            "-c:a",
            codec == "opus" ? "libopus" : codec,
            "-b:a",
            "160k",
            source
        );

        var audio = await _bench.EncodeAsync(source, new AudioSettings { Codec = output });

        var zero = await AudioBench.ZeroAsync(source);
        var before = await ClickAsync(source) - zero;
        (await ClickAsync(audio.Path)).ShouldBe(before, 0.0015);
        audio.Warnings.ShouldBeEmpty();
    }

    private static async Task<double> ClickAsync(string path)
    {
        var heard = (await AudioBench.DecodeAsync(path, 1))[0];
        var facts = await new AudioProbe(await TestTools.SetAsync(), TestTools.Runner).ReadAsync(
            path,
            0,
            CancellationToken.None
        );
        return facts.FirstHeardSeconds!.Value + Array.IndexOf(heard, heard.Max()) / 48_000.0;
    }

    [Theory]
    [InlineData(AudioCodec.Opus)]
    [InlineData(AudioCodec.Aac)]
    public async Task A_track_that_becomes_wider_in_the_middle_is_as_wide_throughout(
        AudioCodec codec
    )
    {
        var source = _bench.File("programmes.ac3");
        foreach (var part in new[] { "stereo", "5.1(side)" })
        {
            var wav = await TonesAsync(part, part == "stereo" ? 2 : 6, "sin(60*2*PI*t)");
            var coded = _bench.File("part.ac3");
            await TestTools.FfmpegAsync("-i", wav, "-b:a", "448k", coded);
            await using var whole = new FileStream(source, FileMode.Append);
            await whole.WriteAsync(await File.ReadAllBytesAsync(coded));
        }
        // Longer programmes than a test has time for: there ffprobe sees the first part alone.
        var settings = new AudioSettings { Codec = codec };

        var audio = await _bench.EncodeAsync(
            source,
            settings,
            track => track with { Channels = 2, ChannelLayout = "stereo" }
        );

        audio.Layout.ShouldBe("5.1");
        audio.Warnings.ShouldContain(
            "Audio stream 0 changes its channels on the way (stereo, 5.1(side)); all of it is stored as 5.1."
        );
        var channels = await AudioBench.DecodeAsync(audio.Path, 6);
        for (var channel = 0; channel < 6; channel++)
        {
            var (stereo, surround) = (
                channels[channel][10_000..40_000],
                channels[channel][60_000..90_000]
            );
            var before = channel < 2 ? Amplitude(channel) / Math.Sqrt(2) : 0;
            AudioBench.Rms(stereo).ShouldBe(before, 0.015, $"channel {channel}");
            AudioBench
                .Rms(surround)
                .ShouldBe(Amplitude(channel) / Math.Sqrt(2), 0.03, $"channel {channel}");
        }
    }

    [Theory]
    [InlineData("mono", 1)]
    [InlineData("downmix", 2)]
    [InlineData("quad(side)", 4)]
    [InlineData("5.1(side)", 6)]
    [InlineData("7.1(wide-side)", 8)]
    [InlineData("7.1.4", 12)]
    [InlineData("22.2", 24)]
    [InlineData("3 channels (FL+FR+LFE)", 3)]
    [InlineData("FL+FR+LFE", 3)]
    [InlineData("ambisonic", 0)]
    public void Channels_are_counted_by_the_layouts_name(string name, int channels) =>
        ChannelLayouts.Count(name).ShouldBe(channels);

    [Fact]
    public async Task A_hole_in_the_source_is_filled_with_silence()
    {
        var source = _bench.File("hole.mka");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "sine=f=440:r=48000:d=3",
            "-af",
            "asetnsamples=480,aselect='not(between(t,1,1.499))'",
            "-c:a",
            "pcm_s16le",
            source
        );

        var audio = await _bench.EncodeAsync(source);

        audio.DurationSeconds.ShouldBe(3, 0.011);
        var heard = (await AudioBench.DecodeAsync(audio.Path, 1))[0];
        AudioBench.Rms(heard[52_000..68_000]).ShouldBeLessThan(0.001);
        AudioBench.Rms(heard[80_000..100_000]).ShouldBeGreaterThan(0.05);
        audio.Warnings.ShouldHaveSingleItem().ShouldContain("holes");
    }

    [Fact]
    public async Task Equal_sources_give_equal_bytes()
    {
        var source = await TonesAsync("5.1", 6, "sin(60*2*PI*t)");

        var first = await _bench.EncodeAsync(source);
        var second = await _bench.EncodeAsync(source);

        second.Sha256.ShouldBe(first.Sha256);
    }

    [Fact]
    public async Task Channels_without_names_are_kept_and_a_warning_says_so()
    {
        var wav = await TonesAsync("quad", 4, "sin(60*2*PI*t)");
        var source = _bench.File("unnamed.mka");
        await TestTools.FfmpegAsync("-i", wav, "-c:a", "pcm_s16le", source);

        var audio = await _bench.EncodeAsync(source);

        audio.Layout.ShouldBe("quad");
        var channels = await AudioBench.DecodeAsync(audio.Path, 4);
        AudioBench.Rms(channels[2]).ShouldBe(Amplitude(2) / Math.Sqrt(2), 0.02);
        audio.Warnings.ShouldHaveSingleItem().ShouldContain("taken for quad");
    }

    [Fact]
    public async Task A_copied_track_stays_as_it_is()
    {
        var source = _bench.File("track.mka");
        await TestTools.FfmpegAsync("-f", "lavfi", "-i", "sine=d=2:r=48000", "-c:a", "ac3", source);

        var audio = await _bench.EncodeAsync(source, new AudioSettings { Codec = AudioCodec.Copy });

        audio.DurationSeconds.ShouldBe(2, 0.04);
        audio.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_track_that_cant_be_decoded_is_named_and_leaves_nothing()
    {
        var source = _bench.File("noise.mka");
        await TestTools.FfmpegAsync("-f", "lavfi", "-i", "sine=d=1", "-c:a", "flac", source);
        var bytes = await File.ReadAllBytesAsync(source);
        new Random(5).NextBytes(bytes.AsSpan(600));
        await File.WriteAllBytesAsync(source, bytes);

        var failure = await Should.ThrowAsync<Exception>(() => _bench.EncodeAsync(source));

        failure.Message.ShouldNotBeEmpty();
        Directory.GetFiles(Path.GetDirectoryName(source)!).ShouldBe([source]);
    }

    [Theory]
    [InlineData(AudioCodec.Opus)]
    [InlineData(AudioCodec.Copy)]
    public async Task A_source_that_is_not_read_to_its_end_is_an_error_although_ffmpeg_has_none(
        AudioCodec codec
    )
    {
        var source = _bench.File("long.mka");
        await TestTools.FfmpegAsync("-f", "lavfi", "-i", "sine=d=4:r=48000", "-c:a", "ac3", source);

        var failure = await Should.ThrowAsync<FarmException>(() =>
            _bench.EncodeAsync(
                source,
                new AudioSettings { Codec = codec },
                runner: new ShortReader(TestTools.Runner)
            )
        );

        failure.Error.ShouldBe(FarmError.ToolFailed);
        failure.Message.ShouldContain("goes on until 4.0 s, but only 2.0 s of it");
        Directory.GetFiles(Path.GetDirectoryName(source)!).ShouldBe([source]);
    }

    /// <summary>ffmpeg reads two seconds of its input, as if the rest could not be read.</summary>
    private sealed class ShortReader(IToolRunner inner) : IToolRunner
    {
        public Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation) =>
            inner.RunAsync(
                command.Program.EndsWith("ffmpeg")
                    ? command with
                    {
                        Arguments = ["-t", "2", .. command.Arguments],
                    }
                    : command,
                cancellation
            );
    }

    private static double Amplitude(int channel) => 0.1 * (channel + 1);

    private async Task<string> TonesAsync(string layout, int channels, string tone)
    {
        var path = _bench.File("tones.wav");
        var expressions = Enumerable
            .Range(0, channels)
            .Select(channel =>
                string.Create(CultureInfo.InvariantCulture, $"{Amplitude(channel):0.0}*{tone}")
            );
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            $"aevalsrc={string.Join('|', expressions)}:c={layout}:s=48000:d=1",
            path
        );
        return path;
    }
}
