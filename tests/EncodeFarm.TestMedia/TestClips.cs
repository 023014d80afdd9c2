using System.Globalization;

namespace EncodeFarm.TestMedia;

/// <summary>
/// Real clips for tests, small and quick to make, each with what its name says and nothing else unusual. Every frame
/// differs strongly from its neighbours, so that <see cref="FrameOracle"/> can tell them apart. A method returns the
/// path of a file that all tests of the process share: read it, never change it.
/// </summary>
public static partial class TestClips
{
    private const int Width = 160;
    private const int Height = 90;

    /// <summary>H.264 in MP4, a closed group each second, B-frames, AAC sound. 24 fps, 120 frames.</summary>
    public static Task<string> H264ClosedGop() =>
        Make("h264-closed.mp4", new Shape { Audio = "aac" }, X264("keyint=24:min-keyint=24"));

    /// <summary>H.264 in MKV, open groups with B-pyramid. 25 fps, 125 frames, no audio.</summary>
    public static Task<string> H264OpenGop() =>
        Make(
            "h264-open.mkv",
            new Shape { Rate = "25", Frames = 125 },
            X264("keyint=25:min-keyint=25:open-gop=1:bframes=3:b-pyramid=normal")
        );

    /// <summary>H.264 in TS, open groups. 30000/1001 fps, 120 frames, AC-3.</summary>
    public static Task<string> H264OpenGopTs() =>
        Make(
            "h264-open.ts",
            new Shape { Rate = "30000/1001", Audio = "ac3" },
            X264("keyint=30:min-keyint=30:open-gop=1:bframes=3:b-pyramid=normal")
        );

    /// <summary>H.264 with periodic intra refresh: no keyframe after the first that decoding can start from. 25 fps, 100 frames.</summary>
    public static Task<string> H264IntraRefresh() =>
        Make(
            "h264-intra-refresh.mkv",
            new Shape { Rate = "25", Frames = 100 },
            X264("keyint=25:min-keyint=25:intra-refresh=1:bframes=0")
        );

    /// <summary>H.264 at 60000/1001 fps in MKV, whose milliseconds hide the rate. 180 frames.</summary>
    public static Task<string> H264At5994() =>
        Make(
            "h264-5994.mkv",
            new Shape { Rate = "60000/1001", Frames = 180 },
            X264("keyint=60:min-keyint=60")
        );

    /// <summary>HEVC in MKV, open groups. 24000/1001 fps, 96 frames.</summary>
    public static Task<string> HevcOpenGop() =>
        Make(
            "hevc-open.mkv",
            new Shape { Rate = "24000/1001", Frames = 96 },
            X265("keyint=24:min-keyint=24:open-gop=1:bframes=4:b-pyramid=1")
        );

    /// <summary>HEVC 10 bit with HDR10: PQ, BT.2020, mastering display, content light 1000/400. 24 fps, 72 frames.</summary>
    public static Task<string> Hdr10() =>
        Make(
            "hdr10.mkv",
            new Shape { Frames = 72, PixelFormat = "yuv420p10le" },
            X265(
                "keyint=24:hdr10=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:range=limited:"
                    + "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):"
                    + "max-cll=1000,400"
            )
        );

    /// <summary>MPEG-2 with B-frames and open groups in TS, first timestamp near 12345 s, MP2 sound. 25 fps, 125 frames.</summary>
    public static Task<string> Mpeg2TsLateStart() =>
        Make(
            "mpeg2-late.ts",
            new Shape
            {
                Rate = "25",
                Frames = 125,
                Audio = "mp2",
            },
            Mpeg2("-output_ts_offset", "12345")
        );

    /// <summary>MPEG-2 in a program stream: some packets have no timestamp. 25 fps, 125 frames, MP2 sound.</summary>
    public static Task<string> Mpeg2ProgramStream() =>
        Make(
            "mpeg2.mpg",
            new Shape
            {
                Rate = "25",
                Frames = 125,
                Audio = "mp2",
            },
            Mpeg2("-b:v", "300k", "-f", "mpeg")
        );

    /// <summary>MPEG-4 ASP with packed B-frames in AVI: packets without timestamps. 25 fps, 100 frames.</summary>
    public static Task<string> AviPackedB() =>
        Make(
            "asp.avi",
            new Shape { Rate = "25", Frames = 100 },
            ["-c:v", "libxvid", "-bf", "2", "-g", "25", "-q:v", "3"]
        );

    /// <summary>VP9 with alternate reference frames in WebM. 30 fps, 90 frames.</summary>
    public static Task<string> Vp9() =>
        Make("vp9.webm", new Shape { Rate = "30", Frames = 90 }, Vpx("libvpx-vp9"));

    /// <summary>VP8 with alternate reference frames, which are packets that show nothing. 30 fps, 90 frames.</summary>
    public static Task<string> Vp8() =>
        Make("vp8.webm", new Shape { Rate = "30", Frames = 90 }, Vpx("libvpx"));

    /// <summary>H.264 10 bit. 24 fps, 72 frames.</summary>
    public static Task<string> H264TenBit() =>
        Make(
            "h264-10bit.mkv",
            new Shape { Frames = 72, PixelFormat = "yuv420p10le" },
            X264("keyint=24:min-keyint=24")
        );

    /// <summary>161x91 pixels (4:4:4). 24 fps, 48 frames.</summary>
    public static Task<string> OddDimensions() =>
        Make(
            "odd.mkv",
            new Shape
            {
                Frames = 48,
                Width = 161,
                Height = 91,
                PixelFormat = "yuv444p",
            },
            X264("keyint=24:min-keyint=24")
        );

    /// <summary>One keyframe only. 24 fps, 120 frames.</summary>
    public static Task<string> OneKeyframe() =>
        Make("one-key.mkv", new Shape(), X264("keyint=infinite:bframes=2"));

    /// <summary>One single frame.</summary>
    public static Task<string> OneFrame() =>
        Make("one-frame.mkv", new Shape { Frames = 1 }, X264("keyint=24"));

    /// <summary>Nine frames: shorter than any segment.</summary>
    public static Task<string> NineFrames() =>
        Make("nine.mp4", new Shape { Frames = 9 }, X264("keyint=24:bframes=2"));

    /// <summary>2 s of picture and 5 s of sound (AAC, MP4). 24 fps, 48 frames.</summary>
    public static Task<string> AudioLongerThanVideo() =>
        Make(
            "long-audio.mp4",
            new Shape
            {
                Frames = 48,
                Audio = "aac",
                AudioSeconds = 5,
            },
            X264("keyint=24:min-keyint=24")
        );

    /// <summary>Black bars of 22 rows above and below in 320x180: 320x136 remain. 24 fps, 240 frames.</summary>
    public static Task<string> Letterboxed() =>
        Make(
            "letterbox.mkv",
            new Shape
            {
                Width = 320,
                Height = 180,
                Bar = 22,
                Frames = 240,
            },
            X264("keyint=12:min-keyint=12")
        );

    /// <summary>The same bars in HDR: HEVC 10 bit, PQ. One keyframe only. 24 fps, 48 frames.</summary>
    public static Task<string> LetterboxedHdr() =>
        Make(
            "letterbox-hdr.mkv",
            new Shape
            {
                Width = 320,
                Height = 180,
                Bar = 22,
                Frames = 48,
                PixelFormat = "yuv420p10le",
            },
            X265("keyint=-1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc")
        );

    /// <summary>Pixels of 4:3 (160x90 stored, shown as 213x90). 24 fps, 48 frames.</summary>
    public static Task<string> Anamorphic() =>
        Make(
            "anamorphic.mkv",
            new Shape { Frames = 48, Filters = "setsar=4/3" },
            X264("keyint=24")
        );

    /// <summary>Full-range colour (yuvj420p). 24 fps, 48 frames.</summary>
    public static Task<string> FullRange() =>
        Make(
            "full-range.mp4",
            new Shape { Frames = 48, PixelFormat = "yuvj420p" },
            X264("keyint=24:range=pc")
        );

    internal static string[] X264(string parameters) =>
        [
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "20",
            "-x264-params",
            $"scenecut=0:threads=1:{parameters}",
        ];

    internal static string[] X265(string parameters) =>
        [
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-crf",
            "20",
            "-x265-params",
            $"log-level=error:scenecut=0:pools=1:{parameters}",
        ];

    internal static string[] Mpeg2(params string[] more) =>
        [
            "-c:v",
            "mpeg2video",
            "-b:v",
            "3M",
            "-bf",
            "2",
            "-g",
            "12",
            "-sc_threshold",
            "1000000000",
            .. more,
        ];

    private static string[] Vpx(string encoder) =>
        [
            "-c:v",
            encoder,
            "-b:v",
            "1M",
            "-deadline",
            "good",
            "-cpu-used",
            "5",
            "-auto-alt-ref",
            "1",
            "-lag-in-frames",
            "16",
            "-g",
            "30",
        ];

    /// <summary>What a clip is made of; the defaults are 120 frames of 160x90 at 24 fps without sound.</summary>
    internal sealed record Shape
    {
        public int Width { get; init; } = TestClips.Width;
        public int Height { get; init; } = TestClips.Height;
        public int Frames { get; init; } = 120;
        public int Bar { get; init; }
        public string Rate { get; init; } = "24";
        public string PixelFormat { get; init; } = "yuv420p";
        public string? Filters { get; init; }
        public string? Audio { get; init; }
        public double? AudioSeconds { get; init; }
    }

    internal static Task<string> Make(string fileName, Shape shape, string[] codec) =>
        ClipCache.GetAsync(
            fileName,
            async path =>
            {
                var raw = await ClipCache.PicturesAsync(
                    shape.Width,
                    shape.Height,
                    shape.Frames,
                    shape.Bar
                );
                await TestTools.FfmpegAsync([
                    .. Raw(raw, shape),
                    .. Sound(shape),
                    .. shape.Filters is { } filters ? ["-vf", filters] : Array.Empty<string>(),
                    "-pix_fmt",
                    shape.PixelFormat,
                    .. codec,
                    "file:" + path,
                ]);
            }
        );

    private static string[] Raw(string path, Shape shape) =>
        [
            "-f",
            "rawvideo",
            "-pix_fmt",
            "yuv420p",
            "-s",
            $"{shape.Width}x{shape.Height}",
            "-r",
            shape.Rate,
            "-i",
            "file:" + path,
        ];

    private static string[] Sound(Shape shape)
    {
        if (shape.Audio is null)
        {
            return [];
        }
        var rate = shape.Rate.Split('/');
        var fps =
            double.Parse(rate[0], CultureInfo.InvariantCulture)
            / (rate.Length > 1 ? double.Parse(rate[1], CultureInfo.InvariantCulture) : 1);
        var seconds = shape.AudioSeconds ?? shape.Frames / fps;
        return
        [
            "-f",
            "lavfi",
            "-i",
            string.Create(
                CultureInfo.InvariantCulture,
                $"sine=frequency=440:sample_rate=48000:duration={seconds:0.###}"
            ),
            "-c:a",
            shape.Audio,
        ];
    }
}
