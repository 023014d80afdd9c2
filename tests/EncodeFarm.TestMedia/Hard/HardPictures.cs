using static EncodeFarm.TestMedia.TestClips;

namespace EncodeFarm.TestMedia;

/// <summary>Clips whose codec, pixels, shape or colours are unusual; read them, never change them.</summary>
public static class HardPictures
{
    /// <summary>AV1 in MP4.</summary>
    public static Task<string> Av1Mp4() =>
        Make(
            "av1.mp4",
            new Shape { Audio = "aac" },
            [
                "-c:v",
                "libsvtav1",
                "-preset",
                "12",
                "-crf",
                "25",
                "-g",
                "48",
                "-svtav1-params",
                "lp=1",
            ]
        );

    /// <summary>ProRes 422 HQ, 10 bit, in MOV with a timecode track and 24-bit PCM.</summary>
    public static Task<string> ProRes() =>
        Make(
            "prores.mov",
            new Shape
            {
                Rate = "25",
                Frames = 100,
                PixelFormat = "yuv422p10le",
                Audio = "pcm_s24le",
            },
            ["-c:v", "prores_ks", "-profile:v", "3", "-timecode", "01:02:03:04"]
        );

    /// <summary>FFV1 4:2:2 12 bit in MKV, FLAC at 96 kHz.</summary>
    public static Task<string> Ffv1TwelveBit() =>
        Make(
            "ffv1.mkv",
            new Shape
            {
                Frames = 72,
                PixelFormat = "yuv422p12le",
                Audio = "flac",
            },
            ["-c:v", "ffv1", "-level", "3", "-ar", "96000"]
        );

    /// <summary>Motion JPEG, full range 4:2:2, in AVI with PCM.</summary>
    public static Task<string> MotionJpegAvi() =>
        Make(
            "mjpeg.avi",
            new Shape
            {
                Rate = "15",
                Frames = 60,
                PixelFormat = "yuvj422p",
                Audio = "pcm_s16le",
            },
            ["-c:v", "mjpeg", "-q:v", "3"]
        );

    /// <summary>HEVC 4:2:0 12 bit.</summary>
    public static Task<string> HevcTwelveBit() =>
        Make(
            "hevc-12bit.mkv",
            new Shape { Frames = 72, PixelFormat = "yuv420p12le" },
            X265("keyint=24")
        );

    /// <summary>H.264 that keeps RGB.</summary>
    public static Task<string> Rgb() =>
        Make(
            "rgb.mkv",
            new Shape { Frames = 72, PixelFormat = "rgb24" },
            ["-c:v", "libx264rgb", "-preset", "veryfast", "-crf", "15", "-g", "24"]
        );

    /// <summary>160x90 pixels for 2 s, then 192x108. H.264 in TS.</summary>
    public static Task<string> ChangesSize() =>
        Changing(
            "changes-size.ts",
            TwoSeconds,
            X264("keyint=25"),
            TwoSeconds with
            {
                Width = 192,
                Height = 108,
            },
            X264("keyint=25")
        );

    /// <summary>Nothing is said of its colours for 2 s, then BT.709. H.264 in TS.</summary>
    public static Task<string> ChangesColors() =>
        Changing(
            "changes-colors.ts",
            TwoSeconds,
            X264("keyint=25"),
            TwoSeconds,
            X264("keyint=25:colorprim=bt709:transfer=bt709:colormatrix=bt709")
        );

    /// <summary>Pixels of 16:15 for 2 s, then of 64:45, as television changes from 4:3 to 16:9. H.264 in TS.</summary>
    public static Task<string> ChangesPixels() =>
        Changing(
            "changes-pixels.ts",
            TwoSeconds,
            X264("keyint=25:sar=16/15"),
            TwoSeconds,
            X264("keyint=25:sar=64/45")
        );

    /// <summary>A progressive beginning of 2 s, as a channel's logo, then interlaced pictures. MPEG-2 in TS.</summary>
    public static Task<string> PartlyInterlaced() =>
        Changing(
            "partly-interlaced.ts",
            TwoSeconds,
            Mpeg2(),
            new Shape
            {
                Rate = "50",
                Frames = 100,
                Filters = "tinterlace=interleave_top,setfield=tff",
            },
            Mpeg2("-flags", "+ildct+ilme+cgop", "-top", "1")
        );

    private static readonly Shape TwoSeconds = new() { Rate = "25", Frames = 50 };

    /// <summary>Two recordings of 2 s each in one TS, one after the other.</summary>
    private static Task<string> Changing(
        string fileName,
        Shape first,
        string[] firstCodec,
        Shape second,
        string[] secondCodec
    ) =>
        ClipCache.GetAsync(
            fileName,
            async path =>
            {
                var parts = new[]
                {
                    await Make($"first-{fileName}", first, firstCodec),
                    await Make(
                        $"second-{fileName}",
                        second,
                        [.. secondCodec, "-output_ts_offset", "2"]
                    ),
                };
                await File.WriteAllBytesAsync(path, [.. parts.SelectMany(File.ReadAllBytes)]);
            }
        );

    /// <summary>A slide show: 11 pictures of 5 s each. H.264 in MP4.</summary>
    public static Task<string> Slides() =>
        Make("slides.mp4", new Shape { Rate = "1/5", Frames = 11 }, X264("keyint=250"));

    /// <summary>PNG with a palette of 256 colours. MKV.</summary>
    public static Task<string> Palette() =>
        Make(
            "palette.mkv",
            new Shape
            {
                Rate = "25",
                Frames = 50,
                PixelFormat = "pal8",
            },
            ["-c:v", "png"]
        );

    /// <summary>Bright raw pictures, of which no byte is a control character. Y4M.</summary>
    public static Task<string> Y4m() =>
        Make("raw.y4m", new Shape { Rate = "25", Frames = 60 }, ["-f", "yuv4mpegpipe"]);

    /// <summary>64x64 pixels: the smallest that SVT-AV1 takes.</summary>
    public static Task<string> Tiny() =>
        Make(
            "tiny.mp4",
            new Shape
            {
                Width = 64,
                Height = 64,
                Frames = 72,
            },
            X264("keyint=24:min-keyint=24")
        );

    /// <summary>A picture of which the bitstream hides a frame: 192x112 coded, 160x90 shown.</summary>
    public static Task<string> CroppedByBitstream() =>
        Make(
            "sps-crop.mkv",
            new Shape
            {
                Width = 192,
                Height = 112,
                Frames = 72,
            },
            [
                .. X264("keyint=24:min-keyint=24"),
                "-bsf:v",
                "h264_metadata=crop_left=16:crop_right=16:crop_top=10:crop_bottom=12",
            ]
        );

    /// <summary>A picture of which the container hides a frame: 192x112 coded, 160x90 shown.</summary>
    public static Task<string> CroppedByContainer() =>
        ClipCache.GetAsync(
            "container-crop.mkv",
            async path =>
            {
                var whole = await Make(
                    "container-crop-whole.mkv",
                    new Shape
                    {
                        Width = 192,
                        Height = 112,
                        Frames = 72,
                    },
                    X264("keyint=24:min-keyint=24")
                );
                await TestTools.MkvmergeAsync("-o", path, "--cropping", "0:16,10,16,12", whole);
            }
        );

    /// <summary>HEVC 10 bit with HLG.</summary>
    public static Task<string> Hlg() =>
        Make(
            "hlg.mp4",
            new Shape
            {
                Rate = "50",
                Frames = 150,
                PixelFormat = "yuv420p10le",
            },
            X265(
                "keyint=50:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:range=limited"
            )
        );

    /// <summary>NTSC in BT.601 with pixels of 10:11, H.264 in MP4.</summary>
    public static Task<string> Ntsc601() =>
        Make(
            "ntsc601.mp4",
            new Shape
            {
                Width = 176,
                Height = 120,
                Rate = "30000/1001",
                Frames = 90,
                Filters = "setsar=10/11",
                Audio = "aac",
            },
            X264("keyint=30:colorprim=smpte170m:transfer=smpte170m:colormatrix=smpte170m")
        );

    /// <summary>PAL in BT.601 (BT.470 BG) with pixels of 16:15, interlaced MPEG-2 in a program stream.</summary>
    public static Task<string> Pal601() =>
        Make(
            "pal601.mpg",
            new Shape
            {
                Width = 180,
                Height = 144,
                Rate = "50",
                Frames = 200,
                Filters = "tinterlace=interleave_top,setfield=tff,setdar=4/3",
                Audio = "mp2",
            },
            Mpeg2(
                "-flags",
                "+ildct+ilme",
                "-top",
                "1",
                "-color_primaries",
                "bt470bg",
                "-color_trc",
                "gamma28",
                "-colorspace",
                "bt470bg",
                "-f",
                "vob"
            )
        );

    /// <summary>H.264 4:2:2 10 bit, every frame a keyframe.</summary>
    public static Task<string> IntraOnly() =>
        Make(
            "intra.mov",
            new Shape
            {
                Rate = "25",
                Frames = 75,
                PixelFormat = "yuv422p10le",
            },
            X264("keyint=1")
        );

    /// <summary>Film made 29.97 fps by 2:3 pulldown, coded interlaced. MPEG-2 in TS.</summary>
    public static Task<string> Telecined() =>
        Make(
            "telecine.ts",
            new Shape
            {
                Rate = "24000/1001",
                Height = 96,
                Frames = 96,
                Filters = "telecine=first_field=top:pattern=23,setfield=tff",
            },
            Mpeg2("-flags", "+ildct+ilme", "-top", "1")
        );

    /// <summary>Deep B-pyramid: 8 B-frames between references. H.264 in MKV.</summary>
    public static Task<string> DeepPyramid() =>
        Make(
            "pyramid.mkv",
            new Shape { Rate = "30", Frames = 105 },
            X264("keyint=40:min-keyint=40:open-gop=1:bframes=8:b-adapt=0:b-pyramid=normal:ref=6")
        );

    /// <summary>One keyframe in 20 s.</summary>
    public static Task<string> LongGop() =>
        Make(
            "long-gop.mp4",
            new Shape { Rate = "10", Frames = 200 },
            X264("keyint=infinite:bframes=3")
        );

    /// <summary>Film at 23.976 fps whose pictures ask for 2:3 pulldown by flags, MPEG-2 in TS.</summary>
    public static Task<string> SoftPulldownTs() => SoftPulldownIn("pulldown.ts", []);

    /// <summary>The same in a program stream, as on DVD.</summary>
    public static Task<string> SoftPulldownPs() => SoftPulldownIn("pulldown.mpg", ["-f", "vob"]);

    private static Task<string> SoftPulldownIn(string name, string[] format) =>
        ClipCache.GetAsync(
            name,
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                var film = await Make(
                    "film.m2v",
                    new Shape
                    {
                        Rate = "24000/1001",
                        Height = 96,
                        Frames = 96,
                    },
                    Mpeg2()
                );
                var bytes = await File.ReadAllBytesAsync(film);
                SoftPulldown.Flag(bytes);
                await File.WriteAllBytesAsync(parts.File("soft.m2v"), bytes);
                // It gives each picture its time.
                await TestTools.MkvmergeAsync("-o", parts.File("soft.mkv"), parts.File("soft.m2v"));
                await TestTools.FfmpegAsync([
                    "-i",
                    parts.File("soft.mkv"),
                    "-c",
                    "copy",
                    .. format,
                    "file:" + path,
                ]);
            }
        );
}
