using System.Globalization;
using static EncodeFarm.TestMedia.TestClips;

namespace EncodeFarm.TestMedia;

/// <summary>Clips with unusual sound, text and company; read them, never change them.</summary>
public static class HardStreams
{
    private const string Srt =
        "1\n00:00:00,500 --> 00:00:01,500\n你好\n\n2\n00:00:02,000 --> 00:00:03,000\nПривет\n";

    private const string Ass = """
        [Script Info]
        ScriptType: v4.00+
        PlayResX: 160
        PlayResY: 90

        [V4+ Styles]
        Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Alignment, MarginL, MarginR, MarginV, Encoding
        Style: Default,Nowhere Sans,12,&H00FFFFFF,0,1,2,5,5,5,1

        [Events]
        Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
        Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,{\pos(80,45)}first
        Dialogue: 0,0:00:02.00,0:00:03.00,Default,,0,0,0,,second

        """;

    /// <summary>40 s of MPEG-2 in a program stream, with 4 s of AC-3 that begin after 12 s: nothing announces them.</summary>
    public static Task<string> LateTrack() =>
        ClipCache.GetAsync(
            "late-track.mpg",
            path =>
                TestTools.FfmpegAsync([
                    .. "-f lavfi -i testsrc2=s=160x90:r=25:d=40 -itsoffset 12 -f lavfi -i sine=d=4".Split(
                        ' '
                    ),
                    .. "-map 0 -map 1 -c:v mpeg2video -b:v 400k -minrate 400k -maxrate 400k -bufsize 400k".Split(
                        ' '
                    ),
                    .. "-c:a ac3 -f vob".Split(' '),
                    "file:" + path,
                ])
        );

    /// <summary>Eight audio tracks: eight codecs, mono to 7.1, 8 to 96 kHz, each with a language and a title. MKV.</summary>
    public static Task<string> EightTracks() =>
        ClipCache.GetAsync(
            "eight-tracks.mkv",
            async path =>
            {
                (string Codec, string Layout, int Rate, string Language)[] tracks =
                [
                    ("aac", "stereo", 44_100, "eng"),
                    ("ac3", "5.1(side)", 48_000, "ger"),
                    ("dca", "5.1(side)", 48_000, "fre"),
                    ("flac", "7.1", 96_000, "jpn"),
                    ("pcm_s16le", "mono", 44_100, "chi"),
                    ("libopus", "stereo", 48_000, "rus"),
                    ("flac", "6.1", 48_000, "ara"),
                    ("libmp3lame", "mono", 22_050, "heb"),
                ];
                await TestTools.FfmpegAsync([
                    "-i",
                    "file:" + await H264OpenGop(),
                    .. tracks.SelectMany(
                        (track, index) =>
                            Tone(track.Layout, 300 + 100 * index)
                                .Select(part => part.Replace("s=48000", $"s={track.Rate}"))
                    ),
                    "-map",
                    "0:v",
                    "-c:v",
                    "copy",
                    "-strict",
                    "-2",
                    .. tracks.SelectMany(
                        (track, index) =>
                            new[]
                            {
                                "-map",
                                Text($"{index + 1}:a"),
                                Text($"-c:a:{index}"),
                                track.Codec,
                                Text($"-metadata:s:a:{index}"),
                                $"language={track.Language}",
                                Text($"-metadata:s:a:{index}"),
                                $"title={track.Codec} {track.Layout}",
                            }
                    ),
                    "file:" + path,
                ]);
            }
        );

    /// <summary>MPEG-2 with B-frames and PCM; the muxer has left out the last pictures. MXF.</summary>
    public static Task<string> Mxf() =>
        Make(
            "mpeg2.mxf",
            new Shape
            {
                Rate = "25",
                Height = 96,
                Frames = 120,
                Audio = "pcm_s16le",
            },
            Mpeg2("-frames:v", "100")
        );

    /// <summary>The sound ends after 2 of 5 s. MP4.</summary>
    public static Task<string> ShortSound() =>
        Make(
            "short-sound.mp4",
            new Shape { Audio = "aac", AudioSeconds = 2 },
            X264("keyint=24:min-keyint=24")
        );

    /// <summary>The sound begins 0.35 s after the picture (an empty edit). MP4.</summary>
    public static Task<string> LateSound() =>
        ClipCache.GetAsync(
            "late-sound.mp4",
            async path =>
                await TestTools.FfmpegAsync(
                    "-i",
                    "file:" + await H264ClosedGop(),
                    "-itsoffset",
                    "0.35",
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

    /// <summary>ASS with the font that it asks for, and non-Latin names everywhere. MKV.</summary>
    public static Task<string> AssAndFonts() =>
        ClipCache.GetAsync(
            "ass.mkv",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                await File.WriteAllTextAsync(parts.File("text.ass"), Ass);
                await File.WriteAllTextAsync(parts.File("text.srt"), Srt);
                await File.WriteAllBytesAsync(parts.File("font.ttf"), new byte[3000]);
                await TestTools.MkvmergeAsync(
                    "-o",
                    path,
                    "--title",
                    "日本の映画 — фильм",
                    "--attachment-name",
                    "明朝体.ttf",
                    "--attachment-mime-type",
                    "font/ttf",
                    "--attach-file",
                    parts.File("font.ttf"),
                    await H264OpenGop(),
                    "--language",
                    "0:ja",
                    "--track-name",
                    "0:字幕",
                    parts.File("text.ass"),
                    "--language",
                    "0:zh-Hant",
                    "--track-name",
                    "0:繁體",
                    "--default-track-flag",
                    "0:0",
                    "--hearing-impaired-flag",
                    "0:1",
                    parts.File("text.srt")
                );
            }
        );

    /// <summary>Two texts (mov_text), chapters and a cover. MP4.</summary>
    public static Task<string> MovText() =>
        ClipCache.GetAsync(
            "movtext.mp4",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                await File.WriteAllTextAsync(parts.File("text.srt"), Srt);
                await File.WriteAllTextAsync(
                    parts.File("meta.txt"),
                    ";FFMETADATA1\ntitle=Un título\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2500\ntitle=Начало\n"
                        + "[CHAPTER]\nTIMEBASE=1/1000\nSTART=2500\nEND=5000\ntitle=終わり\n"
                );
                await TestTools.FfmpegAsync(
                    "-f",
                    "lavfi",
                    "-i",
                    "color=red:s=64x64",
                    "-frames:v",
                    "1",
                    parts.File("cover.png")
                );
                await TestTools.FfmpegAsync(
                    "-i",
                    "file:" + await H264ClosedGop(),
                    "-i",
                    parts.File("text.srt"),
                    "-i",
                    parts.File("text.srt"),
                    "-i",
                    parts.File("cover.png"),
                    "-i",
                    parts.File("meta.txt"),
                    "-map",
                    "0:v:0",
                    "-map",
                    "0:a:0",
                    "-map",
                    "1:s",
                    "-map",
                    "2:s",
                    "-map",
                    "3:v",
                    "-map_metadata",
                    "4",
                    "-map_chapters",
                    "4",
                    "-c",
                    "copy",
                    "-c:s",
                    "mov_text",
                    "-disposition:v:1",
                    "attached_pic",
                    "-metadata:s:s:0",
                    "language=chi",
                    "-metadata:s:s:1",
                    "language=rus",
                    "-disposition:s:1",
                    "default+forced",
                    "file:" + path
                );
            }
        );

    /// <summary>Two video streams (the second in another size) and a cover. MKV.</summary>
    public static Task<string> TwoPictures() =>
        ClipCache.GetAsync(
            "two-videos.mkv",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                await TestTools.FfmpegAsync(
                    "-f",
                    "lavfi",
                    "-i",
                    "color=blue:s=64x64",
                    "-frames:v",
                    "1",
                    parts.File("cover.jpg")
                );
                await TestTools.MkvmergeAsync(
                    "-o",
                    path,
                    "--attachment-mime-type",
                    "image/jpeg",
                    "--attachment-name",
                    "cover.jpg",
                    "--attach-file",
                    parts.File("cover.jpg"),
                    await H264OpenGop(),
                    await HardPictures.Tiny()
                );
            }
        );

    /// <summary>Blu-ray: M2TS with AC-3 and PGS.</summary>
    public static Task<string> BluRay() =>
        ClipCache.GetAsync(
            "bluray.m2ts",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                await File.WriteAllBytesAsync(parts.File("text.sup"), Pgs.Bytes());
                await TestTools.FfmpegAsync([
                    "-i",
                    "file:" + await H264OpenGop(),
                    .. Tone("5.1(side)", 500),
                    "-i",
                    parts.File("text.sup"),
                    "-map",
                    "0:v",
                    "-map",
                    "1:a",
                    "-map",
                    "2:s",
                    "-c:v",
                    "copy",
                    "-c:s",
                    "copy",
                    .. Ac3,
                    "-f",
                    "mpegts",
                    "-mpegts_m2ts_mode",
                    "1",
                    "file:" + path,
                ]);
            }
        );

    /// <summary>PGS and VobSub. MKV.</summary>
    public static Task<string> PictureSubtitles() =>
        ClipCache.GetAsync(
            "picture-subtitles.mkv",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                await File.WriteAllBytesAsync(parts.File("text.sup"), Pgs.Bytes());
                await TestTools.FfmpegAsync(
                    "-i",
                    "file:" + await H264OpenGop(),
                    // Else the VobSub would be shown for 50 days.
                    "-fix_sub_duration",
                    "-i",
                    parts.File("text.sup"),
                    "-map",
                    "0:v",
                    "-map",
                    "1:s",
                    "-map",
                    "1:s",
                    "-c:v",
                    "copy",
                    "-c:s:0",
                    "copy",
                    "-c:s:1",
                    "dvdsub",
                    "-metadata:s:s:0",
                    "language=eng",
                    "-metadata:s:s:1",
                    "language=ger",
                    "file:" + path
                );
            }
        );

    private static string Text(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
