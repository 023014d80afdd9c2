namespace EncodeFarm.Media.Analysis;

/// <summary>
/// Which of ffmpeg's demuxers may open a source. A list of the allowed ones, because the others include those that
/// open further files or addresses named in the source (hls, dash, concat, image sequences, …).
/// </summary>
internal static class Demuxers
{
    /// <summary>
    /// Options for ffprobe and ffmpeg in front of <c>-i</c>. Program streams announce nothing, so that a track is known
    /// from its first packet only: these look at the first 5 minutes or 100 MB instead of 7 s or 5 MB. All commands do, for
    /// tracks are numbered as they are found. Files with an index are opened as quickly as before.
    /// </summary>
    public static readonly IReadOnlyList<string> Restriction =
    [
        "-probesize",
        "100M",
        "-analyzeduration",
        "300M",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpegts,mpeg,mpegvideo,avi,asf,flv,ogg,nut,ivf,obu,"
            + "h264,hevc,m4v,vc1,vc1test,mxf,gxf,dv,wtv,rm,yuv4mpegpipe,nsv,av1,gif,apng,mp3,wav,flac,aac,ac3,aiff",
    ];

    /// <summary>Elementary streams and the like, which have no clock of their own.</summary>
    public static bool IsRaw(string format) =>
        format is "h264" or "hevc" or "m4v" or "mpegvideo" or "obu" or "vc1" or "vc1test" or "av1";

    /// <summary>Formats of images that may move: one picture alone is an image.</summary>
    public static bool IsAnimation(string format) => format is "gif" or "apng";

    /// <summary>Why a format that is not on the list is refused, and what to do.</summary>
    public static (string Reason, string Advice) Refusal(string format) =>
        format switch
        {
            "hls"
            or "dash"
            or "concat"
            or "concatf"
            or "sdp"
            or "rtsp"
            or "imf"
            or "webm_dash_manifest" => (
                $"is a playlist ({format}) that names other files, and those are not opened",
                "Give the video files themselves."
            ),
            "webp_pipe" => (
                "is a WebP picture, and ffmpeg can't decode animated ones",
                "Convert it to GIF, APNG or MKV first."
            ),
            _ when IsImage(format) => ("is an image, not a video", "Give a video file."),
            _ => (
                $"is of the format '{format}', which is not supported",
                "Convert it to MKV first."
            ),
        };

    private static bool IsImage(string format) =>
        format.StartsWith("image2", StringComparison.Ordinal)
        || format.EndsWith("_pipe", StringComparison.Ordinal)
        || format is "ico" or "webp" or "jpegxl_anim";
}
