using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class AttemptMemoryTests
{
    private const int FullHd = 1920 * 1080;

    /// <summary>MiB. Rather too much than too little: with several threads the machine that measured had but two cores.</summary>
    [Theory]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 640, 360, 1, 145)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 1280, 720, 1, 315)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 1920, 1080, 1, 574)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 3840, 2160, 1, 1394)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p", 1920, 1080, 1, 433)]
    [InlineData(VideoCodec.Av1, "4", "yuv420p10le", 1920, 1080, 1, 669)]
    [InlineData(VideoCodec.Av1, "2", "yuv420p10le", 1280, 720, 1, 416)]
    [InlineData(VideoCodec.Av1, "8", "yuv420p10le", 1920, 1080, 1, 543)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 1280, 720, 2, 432)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 1920, 1080, 4, 841)]
    [InlineData(VideoCodec.Av1, "6", "yuv420p10le", 1280, 720, 8, 969)]
    [InlineData(VideoCodec.H265, "medium", "yuv420p10le", 1920, 1080, 1, 676)]
    [InlineData(VideoCodec.H265, "slow", "yuv420p10le", 1280, 720, 1, 405)]
    [InlineData(VideoCodec.H265, "medium", "yuv420p", 1920, 1080, 1, 436)]
    [InlineData(VideoCodec.Vp9, "5", "yuv420p10le", 1280, 720, 1, 281)]
    [InlineData(VideoCodec.Vp9, "5", "yuv420p", 1280, 720, 1, 204)]
    [InlineData(VideoCodec.H264, "fast", "yuv420p", 1920, 1080, 1, 347)]
    [InlineData(VideoCodec.H264, "slow", "yuv420p", 1280, 720, 1, 261)]
    [InlineData(VideoCodec.H264, "ultrafast", "yuv420p", 3840, 2160, 1, 196)]
    public void The_encoder_s_need_is_what_was_measured(
        VideoCodec codec,
        string preset,
        string format,
        int width,
        int height,
        int threads,
        int measured
    )
    {
        var video = new VideoSettings
        {
            Codec = codec,
            Preset = preset,
            PixelFormat = format,
        };

        var estimate = AttemptMemory.Encoder(Settings(video, width, height), threads) >> 20;

        ((int)estimate).ShouldBeInRange((int)(0.95 * measured), (int)(1.7 * measured));
    }

    /// <summary>What the three processes of a measurement took together.</summary>
    [Theory]
    [InlineData(640, 360, 154)]
    [InlineData(1280, 720, 237)]
    [InlineData(1920, 1080, 376)]
    [InlineData(3840, 2160, 1126)]
    public void A_measurement_takes_what_was_measured(int width, int height, int measured)
    {
        // An encoder that takes next to nothing, and a source of which nothing is kept.
        var video = new VideoSettings
        {
            Codec = VideoCodec.H264,
            Preset = "ultrafast",
            PixelFormat = "yuv420p",
        };

        var estimate = AttemptMemory.Bytes(Settings(video, width, height), 0) >> 20;

        ((int)estimate).ShouldBeInRange((int)(0.95 * measured), (int)(1.1 * measured));
    }

    [Fact]
    public void More_of_anything_takes_no_less()
    {
        var random = new Random(4);
        for (var round = 0; round < 3000; round++)
        {
            var video = new VideoSettings
            {
                Codec = (VideoCodec)random.Next(4),
                Preset = $"{random.Next(14)}",
                Rate = (RateControl)random.Next(3),
            };
            var (width, height) = (random.Next(16, 8000), random.Next(16, 5000));
            var source = random.NextInt64(1, 40_000_000);
            var settings = Settings(video, width, height);

            var bytes = AttemptMemory.Bytes(settings, source);

            bytes.ShouldBeInRange(90L << 20, 64L << 30);
            AttemptMemory
                .Bytes(Settings(video, width + 8, height), source)
                .ShouldBeGreaterThan(bytes);
            AttemptMemory.Bytes(settings, source + 100).ShouldBeGreaterThan(bytes);
            AttemptMemory
                .Encoder(settings, 4)
                .ShouldBeGreaterThanOrEqualTo(AttemptMemory.Encoder(settings, 1));
            var narrow = settings with { Video = video with { PixelFormat = "yuv420p" } };
            AttemptMemory.Bytes(narrow, source).ShouldBeLessThanOrEqualTo(bytes);
        }
    }

    [Fact]
    public void A_small_rendition_of_a_large_source_pays_for_its_decoder() =>
        AttemptMemory
            .Bytes(Settings(new VideoSettings(), 256, 144), 4 * FullHd)
            .ShouldBeGreaterThan(
                AttemptMemory.Bytes(Settings(new VideoSettings(), 256, 144), 0) + (200L << 20)
            );

    private static EncodeSettings Settings(VideoSettings video, int width, int height) =>
        new(
            video,
            "",
            width,
            height,
            new Rational(24, 1),
            false,
            new ColorTags("tv", "bt709", "bt709", "bt709", "left"),
            Hdr.None,
            null,
            null
        );
}
