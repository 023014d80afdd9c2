using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>
/// An MKV with all that people put in: 48 frames, two audio tracks (de-CH mono, pt-BR 5.1(side) commentary 250 ms late),
/// SRT (forced, hearing impaired) and ASS subtitles, a font, a cover, chapters, a title and a tag.
/// </summary>
internal static class RichSource
{
    public static async Task<string> MakeAsync(TestDirectory directory)
    {
        await WritePartsAsync(directory);
        var path = directory.File("rich.mkv");
        await TestTools.MkvmergeAsync([
            "-o",
            path,
            "--title",
            "Title with \"quotes\"",
            "--global-tags",
            directory.File("tags.xml"),
            "--chapters",
            directory.File("chapters.txt"),
            .. Track("en", "Picture", "--original-flag", "0:1"),
            directory.File("video.mkv"),
            .. Track("de-CH", "Ton: \"laut\"", "--default-track-flag", "0:1"),
            directory.File("mono.flac"),
            .. Track("pt-BR", "Comentário", "--default-track-flag", "0:0"),
            "--commentary-flag",
            "0:1",
            "--sync",
            "0:250",
            directory.File("surround.ac3"),
            .. Track("en", "Signs", "--forced-display-flag", "0:1"),
            "--hearing-impaired-flag",
            "0:1",
            directory.File("signs.srt"),
            .. Track("zh-Hant", "字幕", "--default-track-flag", "0:0"),
            directory.File("styled.ass"),
            "--attachment-mime-type",
            "font/ttf",
            "--attach-file",
            directory.File("font.ttf"),
            "--attachment-mime-type",
            "image/png",
            "--attach-file",
            directory.File("cover.png"),
        ]);
        return path;
    }

    private static string[] Track(string language, string name, params string[] more) =>
        ["--language", $"0:{language}", "--track-name", $"0:{name}", .. more];

    private static async Task WritePartsAsync(TestDirectory directory)
    {
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=160x90:r=24000/1001",
            "-frames:v",
            "48",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-color_primaries",
            "bt709",
            "-color_trc",
            "bt709",
            "-colorspace",
            "bt709",
            "-color_range",
            "tv",
            directory.File("video.mkv")
        );
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "sine=f=440:r=44100:d=2.5",
            directory.File("mono.flac")
        );
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "sine=f=660:r=48000:d=1.5,aformat=channel_layouts=5.1(side)",
            directory.File("surround.ac3")
        );
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "color=red:s=64x64",
            "-frames:v",
            "1",
            directory.File("cover.png")
        );
        await File.WriteAllBytesAsync(directory.File("font.ttf"), new byte[2000]);
        await File.WriteAllTextAsync(
            directory.File("signs.srt"),
            "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2\n00:00:01,200 --> 00:00:01,900\nWorld\n"
        );
        await File.WriteAllTextAsync(
            directory.File("styled.ass"),
            """
            [Script Info]
            ScriptType: v4.00+

            [V4+ Styles]
            Format: Name, Fontname, Fontsize
            Style: Default,Arial,20

            [Events]
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
            Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,{\i1}Styled
            """
        );
        await File.WriteAllTextAsync(
            directory.File("chapters.txt"),
            "CHAPTER01=00:00:00.000\nCHAPTER01NAME=Anfang\nCHAPTER02=00:00:01.250\nCHAPTER02NAME=Ende\n"
        );
        await File.WriteAllTextAsync(
            directory.File("tags.xml"),
            "<Tags><Tag><Targets/><Simple><Name>DIRECTOR</Name><String>Somebody</String></Simple></Tag></Tags>"
        );
    }
}

/// <summary>The rich source, encoded in three segments of 16 frames and muxed; nobody may change it.</summary>
public sealed class RichOutput : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();

    internal MuxBench Bench { get; private set; } = null!;
    internal string Source { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Source = await RichSource.MakeAsync(_directory);
        Bench = await MuxBench.PrepareAsync(Source, segments: 3);
        await Bench.MuxAsync();
    }

    public ValueTask DisposeAsync()
    {
        Bench.Dispose();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }
}
