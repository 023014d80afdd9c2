namespace EncodeFarm.Media.Analysis;

/// <summary>
/// Which of ffmpeg's demuxers may open a source. A list of the allowed ones, because the others include those that
/// open further files or addresses named in the source (hls, dash, concat, image sequences, …).
/// </summary>
internal static class Demuxers
{
    /// <summary>
    /// A program stream announces nothing: a track is known from its first packet only. So the first 5 minutes or 100 MB of
    /// one are looked at, instead of 7 s or 5 MB. Others have a list of their tracks; there this would only read on and on
    /// for the sizes of subtitles that come late.
    /// </summary>
    private static readonly IReadOnlyList<string> LongLook =
    [
        "-probesize",
        "100M",
        "-analyzeduration",
        "300M",
    ];

    /// <summary>The pack header with which a program stream begins (ISO/IEC 13818-1, 2.5.3.3).</summary>
    private static readonly byte[] PackHeader = [0, 0, 1, 0xBA];

    private static readonly IReadOnlyList<string> Restriction =
    [
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        "matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mpegts,mpeg,mpegvideo,avi,asf,flv,ogg,nut,ivf,obu,"
            + "h264,hevc,m4v,vc1,vc1test,mxf,gxf,dv,wtv,rm,yuv4mpegpipe,nsv,av1,gif,apng,mp3,wav,flac,aac,ac3,aiff",
    ];

    /// <summary>Options for ffprobe and ffmpeg in front of <c>-i</c> of a source; the same for all, since tracks are numbered as they are found.</summary>
    public static IReadOnlyList<string> Opening(string path) =>
        IsProgramStream(path) ? [.. LongLook, .. Restriction] : Restriction;

    /// <summary>False also of a file that can't be read: the tool will say why.</summary>
    private static bool IsProgramStream(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var start = new byte[PackHeader.Length];
            return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
                && start.AsSpan().SequenceEqual(PackHeader);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

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
