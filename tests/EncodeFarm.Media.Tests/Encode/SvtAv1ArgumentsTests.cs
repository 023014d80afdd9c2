using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class SvtAv1ArgumentsTests
{
    private static readonly VideoSettings Video = new()
    {
        Parameters = "tune=0:film-grain=0:film-grain-denoise=0",
    };

    [Fact]
    public void Crf() =>
        Arguments(Settings(Video), 31)
            .ShouldBe(
                "-c:v libsvtav1 -preset 6 -crf 31 -g 120 -svtav1-params tune=0:film-grain=0:film-grain-denoise=0:lp=1"
            );

    [Fact]
    public void Bit_rate() =>
        Arguments(Settings(Video with { Rate = RateControl.Bitrate, Bitrate = 2_000_000 }), null)
            .ShouldBe(
                "-c:v libsvtav1 -preset 6 -b:v 2000000 -g 120 -svtav1-params tune=0:film-grain=0:film-grain-denoise=0:lp=1"
            );

    [Fact]
    public void Film_grain_replaces_the_parameter_of_that_name() =>
        Arguments(Settings(Video with { FilmGrain = 8 }), 31)
            .ShouldEndWith("tune=0:film-grain=8:film-grain-denoise=0:lp=1");

    [Fact]
    public void Hdr_carries_mastering_display_and_light_level() =>
        Arguments(
                Settings(Video with { Parameters = "" }) with
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
                31
            )
            .ShouldEndWith(
                "lp=1:enable-hdr=1:mastering-display=G(0.265,0.69)B(0.15,0.06)R(0.68,0.32)WP(0.3127,0.329)L(1000,0.005):content-light=1000,400"
            );

    [Fact]
    public void Colour_tags_are_given_also_where_the_source_has_none()
    {
        string.Join(
                ' ',
                ColorArguments.For(new("tv", "bt2020", "smpte2084", "bt2020nc", "topleft"))
            )
            .ShouldBe(
                "-color_range tv -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc -chroma_sample_location topleft"
            );
        string.Join(' ', ColorArguments.For(new(null, null, null, null, null)))
            .ShouldBe(
                "-color_range unknown -color_primaries unknown -color_trc unknown -colorspace unknown -chroma_sample_location unknown"
            );
    }

    private static EncodeSettings Settings(VideoSettings video) =>
        EncodeFixture.Settings(1280, 720, video);

    private static string Arguments(EncodeSettings settings, int? crf) =>
        string.Join(' ', SvtAv1Arguments.For(settings, crf, 120, threads: 1));
}
