using System.Text.Json;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Analysis;

/// <summary>On what ffprobe 5.1 and mediainfo 23.04 print.</summary>
public sealed class DolbyVisionTests
{
    private const string Nothing = "{}";

    [Fact]
    public void The_containers_record_comes_first()
    {
        var stream = Json(
            """
            { "side_data_list": [ { "side_data_type": "DOVI configuration record", "dv_version_major": 1,
              "dv_profile": 8, "dv_level": 1, "rpu_present_flag": 1, "el_present_flag": 0,
              "bl_present_flag": 1, "dv_bl_signal_compatibility_id": 1 } ] }
            """
        );

        var vision = DolbyVisionReader.Read(stream, Json(Nothing), MediaInfo("dvhe.08 / "));

        vision.ShouldBe(new DolbyVision(8, 1, 1, false));
        DolbyVisionReader.Contradiction(vision!, MediaInfo("dvhe.08 / ")).ShouldBeNull();
        DolbyVisionReader
            .Contradiction(vision!, MediaInfo("dvhe.05"))
            .ShouldBe(
                "ffprobe reads Dolby Vision profile 8, mediainfo profile 5; the first is taken."
            );
        DolbyVisionReader
            .Judge("/a.mkv", vision!)
            .ShouldBe(
                "The source is Dolby Vision profile 8: its dynamic metadata is dropped, its HDR10 base is encoded."
            );
    }

    [Fact]
    public void Mediainfo_is_asked_where_the_container_says_nothing() =>
        DolbyVisionReader
            .Read(Json(Nothing), Json(Nothing), MediaInfo("dvhe.07 / ", "BL+EL+RPU / "))
            .ShouldBe(new DolbyVision(7, 6, 1, true));

    [Theory]
    [InlineData("0", "1", 5)]
    [InlineData("1", "0", 8)]
    public void Frames_alone_give_the_profile_by_their_header(
        string profile,
        string fullRange,
        int expected
    )
    {
        var frames = Json(
            $$"""
            { "frames": [ { "side_data_list": [ { "side_data_type": "Dolby Vision RPU Data" },
              { "side_data_type": "Dolby Vision Metadata", "vdr_rpu_profile": {{profile}},
                "bl_video_full_range_flag": {{fullRange}}, "vdr_bit_depth": 12,
                "el_spatial_resampling_filter_flag": 0, "disable_residual_flag": 1 } ] } ] }
            """
        );

        DolbyVisionReader
            .Read(Json(Nothing), frames, Json(Nothing))
            .ShouldNotBeNull()
            .Profile.ShouldBe(expected);
    }

    [Fact]
    public void Plain_video_is_none() =>
        DolbyVisionReader.Read(Json(Nothing), Json(Nothing), Json(Nothing)).ShouldBeNull();

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    [InlineData(9)]
    public void Profiles_without_a_base_are_refused(int profile)
    {
        var error = Should.Throw<FarmException>(() =>
            DolbyVisionReader.Judge("/films/a.mkv", new DolbyVision(profile, 6, 0, false))
        );

        error.Error.ShouldBe(FarmError.BadInput);
        error.Message.ShouldStartWith($"'/films/a.mkv' is Dolby Vision profile {profile}, ");
    }

    private static JsonElement MediaInfo(string profile, string settings = "BL+RPU / ") =>
        Json(
            $$"""
            { "media": { "track": [ { "@type": "General" }, { "@type": "Video",
              "HDR_Format": "Dolby Vision / SMPTE ST 2086", "HDR_Format_Profile": "{{profile}}",
              "HDR_Format_Level": "06 / ", "HDR_Format_Settings": "{{settings}}",
              "HDR_Format_Compatibility": "HDR10 / HDR10" } ] } }
            """
        );

    private static JsonElement Json(string text) => ProbeJson.Parse(text);
}
