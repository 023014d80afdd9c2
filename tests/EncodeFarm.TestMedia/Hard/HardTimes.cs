using static EncodeFarm.TestMedia.TestClips;

namespace EncodeFarm.TestMedia;

/// <summary>Clips whose timestamps are unusual; read them, never change them.</summary>
public static class HardTimes
{
    private static readonly string[] KeepTimes =
    [
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1:90000",
    ];

    /// <summary>120 fps.</summary>
    public static Task<string> Fps120() =>
        Make(
            "fps120.mp4",
            new Shape { Rate = "120", Frames = 360 },
            X264("keyint=120:min-keyint=120")
        );

    /// <summary>A frame each millisecond.</summary>
    public static Task<string> Fps1000() =>
        Make(
            "fps1000.mkv",
            new Shape { Rate = "1000", Frames = 150 },
            X264("keyint=50:min-keyint=50:bframes=2")
        );

    /// <summary>1 s at 30 fps, 1 s at 60, and so on, as phones and game captures do.</summary>
    public static Task<string> Mixed3060() =>
        Make(
            "mixed.mp4",
            new Shape
            {
                Rate = "30",
                Frames = 180,
                Filters =
                    "settb=1/90000,setpts='(floor(N/90)*2+min(mod(N,90),30)/30+max(mod(N,90)-30,0)/60)/TB'",
                Audio = "aac",
                AudioSeconds = 4,
            },
            [.. KeepTimes, .. X264("keyint=45:min-keyint=45:bframes=3")]
        );

    /// <summary>A screen recording: bursts at 10 fps, then 1 to 3 s without a change.</summary>
    public static Task<string> ScreenRecording() =>
        Make(
            "screen.mkv",
            new Shape
            {
                Rate = "10",
                Frames = 60,
                Filters = "settb=1/90000,setpts='(N/10+1*gte(N,7)+3*gte(N,21)+2*gte(N,40))/TB'",
            },
            [.. KeepTimes, .. X264("keyint=20:min-keyint=20")]
        );

    /// <summary>Composition times before decoding times (version 1 of the box), B-frames. MP4.</summary>
    public static Task<string> NegativeComposition() =>
        Make(
            "negative-ctts.mp4",
            new Shape { Audio = "aac" },
            [.. X264("keyint=24:min-keyint=24:bframes=3"), "-movflags", "negative_cts_offsets"]
        );

    /// <summary>The clock begins at -1.5 s, and an edit list hides what lies before 0. MOV.</summary>
    public static Task<string> NegativeStart() =>
        Make(
            "negative.mov",
            new Shape { Audio = "aac" },
            [
                .. X264("keyint=24:min-keyint=24:bframes=2"),
                "-output_ts_offset",
                "-1.5",
                "-avoid_negative_ts",
                "disabled",
            ]
        );

    /// <summary>The 33-bit clock of a transport stream overflows in the middle (after 95443.7 s).</summary>
    public static Task<string> ClockWrap() =>
        Make(
            "wrap.ts",
            new Shape
            {
                Rate = "25",
                Frames = 125,
                Audio = "mp2",
            },
            [.. X264("keyint=25:min-keyint=25:bframes=2"), "-output_ts_offset", "95439.7"]
        );

    /// <summary>A recording with a hole of 3 s in picture and sound. TS.</summary>
    public static Task<string> ClockGap() => Joined("ts-gap.ts", 7);

    /// <summary>Two recordings in one file, the second on an earlier clock. TS.</summary>
    public static Task<string> ClockJumpsBack() => Joined("ts-back.ts", -20);

    /// <summary>The picture begins half a second after the sound: an empty edit. MP4.</summary>
    public static Task<string> LatePicture() =>
        ClipCache.GetAsync(
            "late-picture.mp4",
            async path =>
                await TestTools.FfmpegAsync(
                    "-itsoffset",
                    "0.5",
                    "-i",
                    "file:" + await H264ClosedGop(),
                    "-i",
                    "file:" + await H264ClosedGop(),
                    "-map",
                    "0:v:0",
                    "-map",
                    "1:a:0",
                    "-c",
                    "copy",
                    "file:" + path
                )
        );

    /// <summary>The second half's clock begins <paramref name="offset"/> seconds after that of the first half, which lasts 4.</summary>
    private static Task<string> Joined(string name, double offset) =>
        ClipCache.GetAsync(
            name,
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                var raw = await ClipCache.PicturesAsync(160, 90, 200);
                for (var part = 0; part < 2; part++)
                {
                    await TestTools.FfmpegAsync([
                        "-f",
                        "rawvideo",
                        "-pix_fmt",
                        "yuv420p",
                        "-s",
                        "160x90",
                        "-r",
                        "25",
                        "-i",
                        "file:" + raw,
                        "-f",
                        "lavfi",
                        "-i",
                        "sine=frequency=440:sample_rate=48000:duration=4",
                        "-vf",
                        FormattableString.Invariant(
                            $"trim=start_frame={part * 100}:end_frame={part * 100 + 100},setpts=PTS-STARTPTS"
                        ),
                        "-c:a",
                        "mp2",
                        .. X264("keyint=25:min-keyint=25:bframes=2"),
                        "-output_ts_offset",
                        FormattableString.Invariant($"{30 + part * offset}"),
                        "file:" + parts.File($"{part}.ts"),
                    ]);
                }
                await File.WriteAllBytesAsync(
                    path,
                    [
                        .. await File.ReadAllBytesAsync(parts.File("0.ts")),
                        .. await File.ReadAllBytesAsync(parts.File("1.ts")),
                    ]
                );
            }
        );
}
