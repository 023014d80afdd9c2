using static EncodeFarm.TestMedia.TestClips;

namespace EncodeFarm.TestMedia;

/// <summary>Moving pictures from places that make few of them; read them, never change them.</summary>
public static class HardOrigins
{
    /// <summary>An animated GIF, 10 fps, 30 frames.</summary>
    public static Task<string> Gif() =>
        Make("moving.gif", new Shape { Rate = "10", Frames = 30 }, ["-c:v", "gif"]);

    /// <summary>An animated PNG, 10 fps, 30 frames.</summary>
    public static Task<string> Apng() =>
        Make("moving.apng", new Shape { Rate = "10", Frames = 30 }, ["-c:v", "apng"]);

    /// <summary>Left and right eye side by side, each squeezed to half its width, as MKV says of it. 50 frames.</summary>
    public static Task<string> SideBySide() =>
        Make(
            "side-by-side.mkv",
            new Shape { Rate = "25", Frames = 50 },
            ["-aspect", "32:9", "-metadata:s:v", "stereo_mode=left_right", .. X264("keyint=25")]
        );

    /// <summary>H.264 with B-frames in MXF, whose index gives decoding times as presentation times; as <see cref="H264OpenGop"/>.</summary>
    public static Task<string> MxfWithoutOrder() =>
        Make(
            "without-order.mxf",
            new Shape { Rate = "25", Frames = 125 },
            X264("keyint=25:min-keyint=25:open-gop=1:bframes=3:b-pyramid=normal")
        );
}
