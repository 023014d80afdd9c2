using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class OtherCodecTests(EncodeFixture farm) : IClassFixture<EncodeFixture>
{
    private static readonly VideoSettings X264 = new()
    {
        Codec = VideoCodec.H264,
        Preset = "ultrafast",
        PixelFormat = "yuv420p",
        Rate = RateControl.Crf,
        Crf = 35,
        Bitrate = 100_000,
    };

    private static readonly VideoSettings X265 = X264 with
    {
        Codec = VideoCodec.H265,
        Rate = RateControl.Bitrate,
        Crf = null,
    };

    private static readonly VideoSettings Vp9 = X264 with
    {
        Codec = VideoCodec.Vp9,
        Preset = "8",
        Bitrate = null,
    };

    public static TheoryData<VideoCodec> Codecs =>
        [VideoCodec.H264, VideoCodec.H265, VideoCodec.Vp9];

    [Fact]
    public void X264_rung_of_a_ladder() =>
        Text(X264Arguments.For(EncodeFixture.Settings(256, 144, X264), 35, 72))
            .ShouldBe(
                "-c:v libx264 -preset ultrafast -crf 35 -maxrate 100000 -bufsize 200000 -g 72 -flags +cgop -threads 1 -x264-params stitchable=1"
            );

    [Fact]
    public void X265_by_bit_rate_with_hdr() =>
        Text(
                X265Arguments.For(
                    EncodeFixture.Settings(3840, 2160, X265) with
                    {
                        Hdr = Hdr.Pq,
                        Mastering = new(
                            0.68,
                            0.32,
                            0.265,
                            0.69,
                            0.15,
                            0.06,
                            0.3127,
                            0.329,
                            0.005,
                            1000
                        ),
                        Light = new(1000, 400),
                    },
                    null,
                    72
                )
            )
            .ShouldBe(
                "-c:v libx265 -preset ultrafast -b:v 100000 -maxrate 100000 -bufsize 200000 -g 72 -x265-params frame-threads=1:pools=none:open-gop=0:repeat-headers=1:log-level=warning:hdr10-opt=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
            );

    [Fact]
    public void Vp9_by_quality() =>
        Text(Vp9Arguments.For(EncodeFixture.Settings(320, 180, Vp9), 35, 72))
            .ShouldBe(
                "-c:v libvpx-vp9 -deadline good -cpu-used 8 -crf 35 -b:v 0 -g 72 -auto-alt-ref 1 -lag-in-frames 25 -threads 1"
            );

    [Fact]
    public void Neither_crf_nor_bit_rate_is_an_error() =>
        Should
            .Throw<FarmException>(() => RateArguments.For(new VideoSettings(), null))
            .Error.ShouldBe(FarmError.BadConfiguration);

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task Every_codec_gives_the_planned_frames_and_equal_bytes_with_any_number_of_threads(
        VideoCodec codec
    )
    {
        var video = new[] { X264, X265, Vp9 }.Single(video => video.Codec == codec);

        var one = await EncodeAsync(video, threads: 1);
        var two = await EncodeAsync(video, threads: 2);

        one.Frames.ShouldBe(30);
        one.Path.ShouldEndWith(EncodeCommand.ExtensionOf(codec));
        two.Sha256.ShouldBe(one.Sha256);
    }

    [Fact]
    public async Task Target_vmaf_works_with_other_codecs()
    {
        var video = X264 with { Rate = RateControl.TargetVmaf, Crf = null, Bitrate = null };

        var outcome = await EncodeAsync(video, 1, QualityTiers.For(video.Quality)[0]);

        outcome.Scores!.HarmonicMean.ShouldBeInRange(92, 94);
    }

    [Theory]
    [InlineData(VideoCodec.H264, "00000001 67 42 00 000001 68 00 000001 65 88", true)]
    [InlineData(VideoCodec.H264, "000001 67 42 000001 41 88", false)]
    [InlineData(VideoCodec.H264, "000001 65 88", false)]
    [InlineData(VideoCodec.H265, "000001 4001 000001 4201 000001 2801", true)]
    [InlineData(VideoCodec.H265, "000001 4201 000001 0201", false)]
    [InlineData(VideoCodec.H264, "", false)]
    [InlineData(VideoCodec.H264, "000001", false)]
    public void A_byte_stream_begins_with_a_keyframe(VideoCodec codec, string hex, bool keyframe) =>
        AnnexB
            .BeginsWithKeyframe(Convert.FromHexString(hex.Replace(" ", "")), codec)
            .ShouldBe(keyframe);

    private async Task<SegmentOutcome.Encoded> EncodeAsync(
        VideoSettings video,
        int threads,
        QualityTier? tier = null
    )
    {
        var clip = await farm.ClipAsync("source", "mandelbrot=s=320x180:r=24:start_scale=0.4", 40);
        var outcome = await new SegmentEncoder(farm.Tools, farm.Runner).EncodeAsync(
            new SegmentTask(
                EncodeFixture.Range(clip, 5, 30),
                EncodeFixture.Settings(320, 180, video),
                tier,
                Known: []
            ),
            farm.NewDirectory(),
            new ProgressLog(),
            new EncodeLimits(Threads: threads),
            CancellationToken.None
        );
        return outcome.ShouldBeOfType<SegmentOutcome.Encoded>();
    }

    private static string Text(IEnumerable<string> arguments) => string.Join(' ', arguments);
}
