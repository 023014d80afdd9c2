using System.Buffers.Binary;
using System.Globalization;

namespace EncodeFarm.TestMedia;

/// <summary>Clips that are made of other clips, or of more than one stream.</summary>
public static partial class TestClips
{
    /// <summary>MP4 whose edit list starts in the middle of a group: the packets before it are decoded, not shown.</summary>
    public static Task<string> EditListMidGop() =>
        ClipCache.GetAsync(
            "edit-list.mp4",
            async path =>
                await TestTools.FfmpegAsync(
                    "-ss",
                    "1.5",
                    "-i",
                    "file:" + await H264ClosedGop(),
                    "-map",
                    "0:v:0",
                    "-c",
                    "copy",
                    "file:" + path
                )
        );

    /// <summary>Variable rate: irregular gaps between 1/30 s and 4/30 s. H.264 in MP4, 90 frames.</summary>
    public static Task<string> VariableRate() =>
        Make(
            "vfr.mp4",
            new Shape
            {
                Rate = "30",
                Frames = 90,
                Filters = "settb=1/90000,setpts='(3*N+mod(N*N,7)/2+7*floor(N/11))/90/TB'",
            },
            [
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "1:90000",
                .. X264("keyint=30:min-keyint=30:bframes=3:open-gop=1"),
            ]
        );

    /// <summary>Every fifth frame has the same timestamp as the one before it: 75 moments, 90 pictures. H.264 in MKV.</summary>
    public static Task<string> RepeatedTimestamps() =>
        Make(
            "repeated.mkv",
            new Shape
            {
                Rate = "30",
                Frames = 90,
                Filters = "settb=1/90000,setpts='(N-eq(mod(N,6),5))/30/TB'",
            },
            [
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "1:90000",
                .. X264("keyint=30:min-keyint=30:bframes=0"),
            ]
        );

    /// <summary>Variable rate with one frame that stays for 7 s. H.264 in MKV, 60 frames.</summary>
    public static Task<string> LongGap() =>
        Make(
            "gap.mkv",
            new Shape { Frames = 60, Filters = "setpts='(N/24+if(gte(N,30),7,0))/TB'" },
            [
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "1:1000",
                .. X264("keyint=24:min-keyint=24"),
            ]
        );

    /// <summary>H.264 interlaced (MBAFF, top field first) in TS, flagged as such. 25 fps, 75 frames.</summary>
    public static Task<string> InterlacedTs() =>
        Make(
            "interlaced.ts",
            new Shape
            {
                Rate = "50",
                Height = 96,
                Frames = 150,
                Filters = "tinterlace=interleave_top",
            },
            ["-flags", "+ildct+ilme", .. X264("keyint=25:min-keyint=25:tff=1:open-gop=1")]
        );

    /// <summary>Combed pictures, top field first, in a file that says nothing of it (FFVHUFF in AVI). 25 fps, 75 frames.</summary>
    public static Task<string> InterlacedUnflagged() =>
        ClipCache.GetAsync(
            "interlaced-unflagged.avi",
            async path =>
                // Only steady motion tells which field comes first.
                await TestTools.FfmpegAsync(
                    "-f",
                    "lavfi",
                    "-i",
                    "testsrc2=s=320x96:r=50:d=3,crop=160:96:'mod(n*3,160)':0,"
                        + "tinterlace=interleave_top,setfield=prog",
                    "-c:v",
                    "ffvhuff",
                    "file:" + path
                )
        );

    /// <summary>MPEG-2 interlaced in TS, bottom field first. 25 fps, 75 frames.</summary>
    public static Task<string> Mpeg2InterlacedTs() =>
        Make(
            "mpeg2-interlaced.ts",
            new Shape
            {
                Rate = "50",
                Frames = 150,
                Filters = "tinterlace=interleave_bottom,setfield=bff",
            },
            Mpeg2("-flags", "+ildct+ilme", "-top", "0")
        );

    /// <summary>A broadcast recording: TS cut at a packet boundary in the middle of an open group.</summary>
    public static Task<string> TsCutMidGop() =>
        ClipCache.GetAsync(
            "cut-start.ts",
            async path =>
            {
                const int packet = 188;
                var whole = await File.ReadAllBytesAsync(await Mpeg2TsLateStart());
                var packets = whole.Length / packet;
                await File.WriteAllBytesAsync(path, whole[(packets * 3 / 10 * packet)..]);
            }
        );

    /// <summary>A phone's upright video: MP4 with a display matrix that turns it by 90° clockwise.</summary>
    public static Task<string> Rotated() =>
        ClipCache.GetAsync(
            "rotated.mp4",
            async path =>
                await TestTools.FfmpegAsync(
                    "-i",
                    "file:" + await H264ClosedGop(),
                    "-map",
                    "0:v:0",
                    "-c",
                    "copy",
                    "-metadata:s:v:0",
                    "rotate=270",
                    "file:" + path
                )
        );

    /// <summary>
    /// MP4 whose display matrix puts the point (x, y) at (a x + c y, b x + d y); each of the four is -1, 0 or 1.
    /// </summary>
    public static Task<string> Oriented(int a, int b, int c, int d) =>
        ClipCache.GetAsync(
            string.Create(CultureInfo.InvariantCulture, $"oriented{a}{b}{c}{d}.mp4"),
            async path =>
            {
                const int one = 1 << 16;
                // In the box: version and flags, two times, track, reserved, duration, 8 reserved, layer to volume, 2 reserved.
                const int matrix = 4 + 4 + 20 + 8 + 8;
                var bytes = await File.ReadAllBytesAsync(await H264ClosedGop());
                var at = bytes.AsSpan().IndexOf("tkhd"u8) + matrix;
                foreach (var (place, value) in new[] { (0, a), (1, b), (3, c), (4, d) })
                {
                    BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at + place * 4), value * one);
                }
                await File.WriteAllBytesAsync(path, bytes);
            }
        );

    /// <summary>
    /// MKV with everything: two audio tracks (stereo AC-3 "de-CH", 5.1(side) AC-3 commentary), subtitles
    /// (forced, "pt-BR"), two chapters, a font, a cover, a title. Video as in <see cref="H264OpenGop"/>; the sound
    /// starts 0.25 s late.
    /// </summary>
    public static Task<string> Everything() =>
        ClipCache.GetAsync(
            "everything.mkv",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                await WritePartsAsync(parts);
                await TestTools.MkvmergeAsync(
                    "-o",
                    path,
                    "--title",
                    "A film with everything",
                    "--chapters",
                    parts.File("chapters.txt"),
                    "--attachment-mime-type",
                    "font/ttf",
                    "--attach-file",
                    parts.File("font.ttf"),
                    "--attachment-mime-type",
                    "image/png",
                    "--attachment-name",
                    "cover.png",
                    "--attach-file",
                    parts.File("cover.png"),
                    "--track-name",
                    "0:Main picture",
                    "--language",
                    "0:de-CH",
                    await H264OpenGop(),
                    "--sync",
                    "0:250",
                    "--language",
                    "0:de-CH",
                    "--track-name",
                    "0:Stereo",
                    parts.File("stereo.ac3"),
                    "--language",
                    "0:en",
                    "--track-name",
                    "0:Director",
                    "--commentary-flag",
                    "0:1",
                    "--default-track-flag",
                    "0:0",
                    parts.File("surround.ac3"),
                    "--language",
                    "0:pt-BR",
                    "--forced-display-flag",
                    "0:1",
                    parts.File("text.srt")
                );
            }
        );

    private static async Task WritePartsAsync(TestDirectory parts)
    {
        await TestTools.FfmpegAsync([.. Tone("stereo", 440), .. Ac3, parts.File("stereo.ac3")]);
        await TestTools.FfmpegAsync([
            .. Tone("5.1(side)", 660),
            .. Ac3,
            parts.File("surround.ac3"),
        ]);
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "color=red:s=64x64",
            "-frames:v",
            "1",
            parts.File("cover.png")
        );
        await File.WriteAllBytesAsync(parts.File("font.ttf"), new byte[2000]);
        await File.WriteAllTextAsync(
            parts.File("text.srt"),
            "1\n00:00:00,500 --> 00:00:01,500\nOlá\n\n2\n00:00:02,000 --> 00:00:03,000\nMundo\n"
        );
        await File.WriteAllTextAsync(
            parts.File("chapters.txt"),
            "CHAPTER01=00:00:00.000\nCHAPTER01NAME=Beginning\nCHAPTER02=00:00:02.500\nCHAPTER02NAME=End\n"
        );
    }

    internal static readonly string[] Ac3 = ["-c:a", "ac3", "-b:a", "192k"];

    internal static string[] Tone(string layout, int frequency) =>
        [
            "-f",
            "lavfi",
            "-i",
            string.Create(
                CultureInfo.InvariantCulture,
                $"aevalsrc=0.2*sin({frequency}*2*PI*t):s=48000:d=5,aformat=channel_layouts={layout}"
            ),
        ];
}
