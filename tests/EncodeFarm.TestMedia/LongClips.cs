namespace EncodeFarm.TestMedia;

/// <summary>
/// Clips of 14 s: long enough that a decoder really has to seek for the later segments (5 s before the first frame).
/// The kinds are those that lose frames when they are cut without care.
/// </summary>
public static class LongClips
{
    private const string Hevc =
        "log-level=error:pools=1:scenecut=0:keyint=50:min-keyint=50:open-gop=1:bframes=4";

    private static readonly string[] Mpeg2 =
    [
        "-c:v",
        "mpeg2video",
        "-bf",
        "2",
        "-g",
        "50",
        "-sc_threshold",
        "1000000000",
    ];

    public static IReadOnlyDictionary<string, Func<Task<string>>> ByName { get; } =
        new Dictionary<string, Func<Task<string>>>
        {
            ["H.264 open GOP MKV"] = () => X264("long-open.mkv", "open-gop=1:bframes=3"),
            ["H.264 open GOP TS"] = H264OpenGopTs,
            ["H.264 open GOP VFR MP4"] = () =>
                X264(
                    "long-vfr.mp4",
                    "open-gop=1:bframes=3",
                    "-vf",
                    "settb=1/90000,setpts='(3*N+mod(N*N,7)/2)/75/TB'",
                    "-fps_mode",
                    "passthrough",
                    "-enc_time_base",
                    "1:90000"
                ),
            ["H.264 intra refresh"] = () => X264("long-refresh.mkv", "intra-refresh=1:bframes=0"),
            ["H.264 interlaced TS"] = () =>
                X264("long-interlaced.ts", "open-gop=1:bframes=3:tff=1", "-flags", "+ildct+ilme"),
            ["HEVC open GOP MKV"] = () =>
                Make(
                    "long-hevc.mkv",
                    "-c:v",
                    "libx265",
                    "-preset",
                    "ultrafast",
                    "-x265-params",
                    Hevc
                ),
            ["MPEG-2 TS"] = Mpeg2Ts,
            ["MPEG-2 PS"] = () => Make("long.mpg", [.. Mpeg2, "-b:v", "300k"]),
            ["VP9 alt-ref"] = () =>
                Make(
                    "long.webm",
                    "-c:v",
                    "libvpx-vp9",
                    "-deadline",
                    "realtime",
                    "-cpu-used",
                    "8",
                    "-g",
                    "50",
                    "-auto-alt-ref",
                    "1",
                    "-lag-in-frames",
                    "16"
                ),
            ["MPEG-4 packed AVI"] = () =>
                Make("long.avi", "-c:v", "libxvid", "-bf", "2", "-g", "50", "-q:v", "4"),
            ["MP4 with an edit list"] = EditList,
        };

    public static Task<string> H264OpenGopTs() => X264("long-open.ts", "open-gop=1:bframes=3");

    public static Task<string> Mpeg2Ts() =>
        Make("long-mpeg2.ts", [.. Mpeg2, "-b:v", "2M", "-output_ts_offset", "12345"]);

    private static Task<string> EditList() =>
        ClipCache.GetAsync(
            "long-edit.mp4",
            async path =>
                await TestTools.FfmpegAsync(
                    "-ss",
                    "1.3",
                    "-i",
                    "file:" + await X264("long-closed.mp4", "bframes=2"),
                    "-c",
                    "copy",
                    "file:" + path
                )
        );

    private static Task<string> X264(string name, string parameters, params string[] more) =>
        Make(
            name,
            [
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-x264-params",
                $"scenecut=0:threads=1:keyint=50:min-keyint=50:{parameters}",
                .. more,
            ]
        );

    private static Task<string> Make(string name, params string[] codec) =>
        ClipCache.GetAsync(
            name,
            async path =>
                await TestTools.FfmpegAsync([
                    "-f",
                    "rawvideo",
                    "-pix_fmt",
                    "yuv420p",
                    "-s",
                    "96x64",
                    "-r",
                    "25",
                    "-i",
                    await ClipCache.PicturesAsync(96, 64, 350),
                    .. codec,
                    "file:" + path,
                ])
        );
}
