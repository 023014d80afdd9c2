using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Dolby Vision, from the container's record, the frames' metadata and mediainfo; they have to agree.</summary>
internal static class DolbyVisionReader
{
    /// <summary>Null where nothing says Dolby Vision.</summary>
    public static DolbyVision? Read(JsonElement stream, JsonElement frames, JsonElement mediaInfo)
    {
        if (stream.SideData("DOVI configuration record") is { } record)
        {
            return new DolbyVision(
                (int)(record.Integer("dv_profile") ?? 0),
                (int)(record.Integer("dv_level") ?? 0),
                (int)(record.Integer("dv_bl_signal_compatibility_id") ?? 0),
                record.Integer("el_present_flag") == 1
            );
        }
        if (MediaInfoVideo(mediaInfo) is { } video && MediaInfoProfile(video) is { } profile)
        {
            return new DolbyVision(
                profile,
                MediaInfoNumber(video, "HDR_Format_Level") ?? 0,
                Compatibility(video),
                video.Text("HDR_Format_Settings")?.Contains("EL") == true
            );
        }
        var frame = frames.Items("frames").FirstOrDefault();
        return frame.SideData("Dolby Vision") is null ? null : FromFrame(frame);
    }

    /// <summary>A warning where mediainfo contradicts ffprobe; null where they agree or one of them is silent.</summary>
    public static string? Contradiction(DolbyVision found, JsonElement mediaInfo) =>
        MediaInfoVideo(mediaInfo) is { } video
        && MediaInfoProfile(video) is { } profile
        && profile != found.Profile
            ? $"ffprobe reads Dolby Vision profile {found.Profile}, mediainfo profile {profile}; the first is taken."
            : null;

    /// <summary>
    /// Profiles 7 and 8 have a base that plain decoders show right: a warning names what is dropped. Profile 5 and
    /// the others have none, so their colours would come out wrong.
    /// </summary>
    /// <exception cref="FarmException">The profile has no base layer that can be encoded.</exception>
    public static string Judge(string path, DolbyVision vision) =>
        vision.Profile switch
        {
            7 =>
                "The source is Dolby Vision profile 7: its enhancement layer and dynamic metadata are dropped, its HDR10 base is encoded.",
            8 =>
                $"The source is Dolby Vision profile 8: its dynamic metadata is dropped, its {Base(vision)} base is encoded.",
            _ => throw InputFile.Bad(
                path,
                $"is Dolby Vision profile {vision.Profile}, which has no HDR10 base that can be encoded with right colours",
                "Use a version of profile 7 or 8, or plain HDR10."
            ),
        };

    private static string Base(DolbyVision vision) =>
        vision.CompatibilityId switch
        {
            2 => "SDR",
            4 => "HLG",
            _ => "HDR10",
        };

    /// <summary>Only the frames speak: the profile follows from their header, as ffmpeg guesses it.</summary>
    private static DolbyVision FromFrame(JsonElement frame)
    {
        var header = frame
            .Items("side_data_list")
            .FirstOrDefault(d => d.Text("side_data_type") == "Dolby Vision Metadata");
        var profile = header.Integer("vdr_rpu_profile") switch
        {
            0 => header.Integer("bl_video_full_range_flag") == 1 ? 5 : 0,
            1
                when header.Integer("el_spatial_resampling_filter_flag") == 1
                    && header.Integer("disable_residual_flag") == 0 => header.Integer(
                "vdr_bit_depth"
            ) == 12
                ? 7
                : 4,
            _ => 8,
        };
        return new DolbyVision(profile, 0, profile == 8 ? 1 : 0, profile is 4 or 7);
    }

    private static JsonElement? MediaInfoVideo(JsonElement mediaInfo)
    {
        foreach (var track in mediaInfo.Member("media")?.Items("track") ?? [])
        {
            if (track.Text("@type") == "Video")
            {
                return track.Text("HDR_Format")?.Contains("Dolby Vision") == true ? track : null;
            }
        }
        return null;
    }

    /// <summary>"dvhe.08 / " is profile 8.</summary>
    private static int? MediaInfoProfile(JsonElement video)
    {
        var name = video.Text("HDR_Format_Profile")?.Split('/')[0].Trim();
        return name is not null && int.TryParse(name.Split('.')[^1], out var profile)
            ? profile
            : null;
    }

    private static int? MediaInfoNumber(JsonElement video, string name) =>
        int.TryParse(video.Text(name)?.Split('/')[0].Trim(), out var value) ? value : null;

    private static int Compatibility(JsonElement video) =>
        video.Text("HDR_Format_Compatibility")?.Split('/')[0].Trim() switch
        {
            null or "" => 0,
            var text when text.StartsWith("HDR10", StringComparison.Ordinal) => 1,
            var text when text.StartsWith("SDR", StringComparison.Ordinal) => 2,
            var text when text.StartsWith("HLG", StringComparison.Ordinal) => 4,
            _ => 0,
        };
}
