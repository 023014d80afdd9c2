using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Plan;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class EncodeSettingsResolverTests
{
    private static readonly VideoSettings Fixed = new() { Rate = RateControl.Crf };

    [Theory]
    [InlineData(720, 25)]
    [InlineData(1080, 26)]
    [InlineData(2160, 29)]
    public void Crf_goes_by_the_height(int height, double crf) =>
        Resolve(1280, height, Fixed with { CrfHd = 26 }).Video.Crf.ShouldBe(crf);

    [Fact]
    public void A_crf_that_is_set_stays_and_a_target_has_none()
    {
        Resolve(1280, 2160, Fixed with { Crf = 40 }).Video.Crf.ShouldBe(40);
        Resolve(1280, 720, new VideoSettings()).Video.Crf.ShouldBeNull();
    }

    [Fact]
    public void The_height_that_counts_is_the_encoded_one()
    {
        var settings = Resolve(3840, 2160, Fixed with { MaxHeight = 720 });

        (settings.Width, settings.Height).ShouldBe((1280, 720));
        settings.Video.Crf.ShouldBe(25);
        settings.Filters.ShouldStartWith("scale=1280:720");
    }

    [Fact]
    public void A_picture_that_the_encoder_can_not_take_is_refused_by_name()
    {
        var error = Should.Throw<FarmException>(() => Resolve(62, 480, Fixed));

        error.Error.ShouldBe(FarmError.BadInput);
        error.Message.ShouldContain("62x480");
        Resolve(62, 480, Fixed with { Codec = VideoCodec.H264 }).Width.ShouldBe(62);
    }

    private static EncodeSettings Resolve(int width, int height, VideoSettings video) =>
        EncodeSettingsResolver.Resolve(
            new Rendition { Video = video },
            Samples.Analysis(
                new VideoStream(
                    0,
                    "h264",
                    width,
                    height,
                    "yuv420p",
                    8,
                    new Rational(1, 1000),
                    new Rational(24, 1),
                    VariableFrameRate: false,
                    new Rational(1, 1),
                    Rotation: 0,
                    Interlaced: false,
                    FieldOrder: "progressive",
                    new ColorTags(null, null, null, null, null),
                    Hdr.None,
                    Mastering: null,
                    Light: null,
                    DolbyVision: null,
                    Hdr10Plus: false,
                    Language: null,
                    Title: null
                )
            )
        );
}
