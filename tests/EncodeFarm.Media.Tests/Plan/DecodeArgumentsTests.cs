using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Plan;

public sealed class DecodeArgumentsTests
{
    private const string Moments = "*(isnan(prev_selected_pts)+gt(pts\\,prev_selected_pts))'";

    private static readonly SourceRange Range = new(
        "/films/a: b.mkv",
        1000,
        2,
        new Rational(1, 1000),
        12.5,
        420,
        17_517,
        360,
        15
    );

    [Fact]
    public void A_range_is_sought_early_and_selected_by_timestamp()
    {
        var settings = Settings(variable: false, RateControl.TargetVmaf);

        DecodeArguments
            .Input(Range)
            .ShouldBe([
                "-noautorotate",
                "-flags:v",
                "+unaligned",
                "-noaccurate_seek",
                "-ss",
                "12.500000",
                "-copyts",
                "-i",
                "file:/films/a: b.mkv",
            ]);
        DecodeArguments
            .FilterGraph(Range, settings)
            .ShouldBe(
                $"select='gte(pts\\,17517){Moments},crop=160:80:0:4,settb=1001/24000,setpts=N,fps=24000/1001,format=yuv420p10le"
            );
        DecodeArguments
            .Output(Range, settings)
            .ShouldBe([
                "-map",
                "0:2",
                "-sws_flags",
                "bicubic+accurate_rnd+bitexact",
                "-frames:v",
                "360",
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "1001:24000",
            ]);
    }

    [Fact]
    public void The_first_range_is_not_sought() =>
        DecodeArguments
            .Input(Range with { SeekSeconds = null })
            .ShouldBe([
                "-noautorotate",
                "-flags:v",
                "+unaligned",
                "-copyts",
                "-i",
                "file:/films/a: b.mkv",
            ]);

    [Theory]
    [InlineData(RateControl.Crf)]
    [InlineData(RateControl.TargetVmaf)]
    public void Without_a_bit_rate_frames_are_counted_though_the_rate_varies(RateControl rate) =>
        DecodeArguments
            .FilterGraph(Range, Settings(variable: true, rate))
            .ShouldContain("settb=1001/24000,setpts=N,fps=24000/1001");

    [Fact]
    public void A_variable_rate_under_bit_rate_control_keeps_its_time()
    {
        var settings = Settings(variable: true, RateControl.Bitrate);

        DecodeArguments
            .FilterGraph(Range, settings)
            .ShouldContain("settb=1/1000,setpts=PTS-(17517),format=");
        DecodeArguments.Output(Range, settings)[^1].ShouldBe("1:1000");
    }

    [Fact]
    public void Deinterlacing_sees_the_frame_before()
    {
        var settings = Settings(variable: false, RateControl.Crf) with
        {
            Filters = "bwdif=mode=send_frame:parity=tff:deint=all",
        };

        DecodeArguments
            .FilterGraph(Range, settings)
            .ShouldStartWith(
                $"select='gte(pts\\,17267){Moments},bwdif=mode=send_frame:parity=tff:deint=all,settb=1/1000,select='gte(pts\\,17517){Moments},"
            );
    }

    private static EncodeSettings Settings(bool variable, RateControl rate) =>
        new(
            new VideoSettings { Rate = rate },
            "crop=160:80:0:4",
            160,
            80,
            new Rational(24000, 1001),
            variable,
            new ColorTags(null, null, null, null, null),
            Hdr.None,
            null,
            null
        );
}
