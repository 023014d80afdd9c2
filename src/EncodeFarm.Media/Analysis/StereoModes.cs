using System.Text.Json;

namespace EncodeFarm.Media.Analysis;

/// <summary>How the pictures of two eyes share one, as Matroska numbers it (RFC 9559, StereoMode).</summary>
internal static class StereoModes
{
    /// <summary>ffprobe's tag of Matroska files, by that number; 0 is flat.</summary>
    private static readonly string[] Tags =
    [
        "mono",
        "left_right",
        "bottom_top",
        "top_bottom",
        "checkerboard_rl",
        "checkerboard_lr",
        "row_interleaved_rl",
        "row_interleaved_lr",
        "col_interleaved_rl",
        "col_interleaved_lr",
        "anaglyph_cyan_red",
        "right_left",
        "anaglyph_green_magenta",
        "block_lr",
        "block_rl",
    ];

    /// <summary>Null of flat pictures, and of arrangements that Matroska has no number for.</summary>
    public static int? Read(JsonElement stream, JsonElement frame)
    {
        if (stream.Tag("stereo_mode") is { } tag)
        {
            return Array.IndexOf(Tags, tag) is > 0 and var number ? number : null;
        }
        if ((stream.SideData("Stereo 3D") ?? frame.SideData("Stereo 3D")) is not { } data)
        {
            return null;
        }
        var rightFirst = data.Integer("inverted") == 1;
        return data.Text("type") switch
        {
            "side by side" => rightFirst ? 11 : 1,
            "top and bottom" => rightFirst ? 2 : 3,
            "checkerboard" => rightFirst ? 4 : 5,
            "interleaved lines" => rightFirst ? 6 : 7,
            "interleaved columns" => rightFirst ? 8 : 9,
            "frame alternate" => rightFirst ? 14 : 13,
            _ => null,
        };
    }
}
