using EncodeFarm.Media.Tools;

namespace EncodeFarm.Node.Embedded;

/// <summary>
/// Makes the clip of the demo: 24 s in six scenes of different difficulty, a stereo and a 5.1 track, subtitles and
/// chapters. Everything is generated, so that it needs no download and its rights are nobody's.
/// </summary>
public static class DemoClip
{
    public const string FileName = "demo.mkv";

    private const string Size = "640x360";
    private const int SceneSeconds = 4;

    /// <summary>Sharp edges, slow colours, fractal detail, noise, cells, and a test card: easy and hard ones for an encoder.</summary>
    private static readonly string[] Scenes =
    [
        $"testsrc2=size={Size}:rate=24",
        $"gradients=size={Size}:rate=24:speed=0.02:seed=7",
        $"mandelbrot=size={Size}:rate=24:start_scale=0.3:end_scale=0.05:end_pts=96",
        $"life=size={Size}:rate=24:mold=10:ratio=0.1:death_color=#204060:life_color=#f0c040:seed=3",
        $"cellauto=size={Size}:rate=24:rule=110:seed=5",
        $"smptehdbars=size={Size}:rate=24",
    ];

    public static int Seconds => Scenes.Length * SceneSeconds;

    /// <param name="directory">Gets the clip and what it is made of; must exist.</param>
    /// <exception cref="ToolFailedException">ffmpeg or mkvmerge failed.</exception>
    public static async Task MakeAsync(
        ToolSet tools,
        IToolRunner runner,
        string directory,
        CancellationToken cancellation
    )
    {
        var media = Path.Combine(directory, "media.mkv");
        var subtitles = Path.Combine(directory, "words.srt");
        var chapters = Path.Combine(directory, "chapters.txt");
        var unfinished = Path.Combine(directory, $"{FileName}.new");
        await File.WriteAllTextAsync(subtitles, Subtitles(), cancellation);
        await File.WriteAllTextAsync(chapters, Chapters(), cancellation);
        await runner.RunAsync(
            new ToolCommand(tools.Ffmpeg.Path, Encode(media), WorkKind.Analyze),
            cancellation
        );
        await runner.RunAsync(
            new ToolCommand(
                tools.Mkvmerge.Path,
                Mux(unfinished, media, subtitles, chapters),
                WorkKind.Analyze
            ),
            cancellation
        );
        File.Delete(media);
        File.Move(unfinished, Path.Combine(directory, FileName), overwrite: true);
    }

    private static string[] Encode(string target)
    {
        var inputs = Scenes.SelectMany(scene =>
            new[] { "-f", "lavfi", "-t", $"{SceneSeconds}", "-i", scene }
        );
        var pictures = string.Concat(
            Scenes.Select((_, index) => $"[{index}:v]format=yuv420p,setsar=1[v{index}];")
        );
        var joined = string.Concat(Scenes.Select((_, index) => $"[v{index}]"));
        return
        [
            "-nostdin",
            "-v",
            "error",
            "-y",
            .. inputs,
            "-filter_complex",
            $"{pictures}{joined}concat=n={Scenes.Length}:v=1:a=0[v];"
                + $"sine=frequency=440:duration={Seconds},aformat=channel_layouts=stereo[a];"
                + $"sine=frequency=220:duration={Seconds},aformat=channel_layouts=5.1[b]",
            "-map",
            "[v]",
            "-map",
            "[a]",
            "-map",
            "[b]",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "10",
            "-g",
            "48",
            "-c:a:0",
            "aac",
            "-c:a:1",
            "ac3",
            $"file:{target}",
        ];
    }

    private static string[] Mux(string clip, string media, string subtitles, string chapters) =>
        [
            "-q",
            "--title",
            "EncodeFarm demo",
            "-o",
            clip,
            "--chapters",
            chapters,
            "--language",
            "1:en",
            "--track-name",
            "1:Stereo",
            "--language",
            "2:de",
            "--track-name",
            "2:Surround",
            media,
            "--language",
            "0:en",
            "--track-name",
            "0:Scenes",
            subtitles,
        ];

    private static string Subtitles() =>
        string.Concat(
            Scenes.Select(
                (_, index) =>
                    $"{index + 1}\n00:00:{index * SceneSeconds:00},500 --> 00:00:{(index * SceneSeconds) + 3:00},000\nScene {index + 1}\n\n"
            )
        );

    private static string Chapters() =>
        string.Concat(
            Scenes.Select(
                (_, index) =>
                    $"CHAPTER{index + 1:00}=00:00:{index * SceneSeconds:00}.000\nCHAPTER{index + 1:00}NAME=Scene {index + 1}\n"
            )
        );
}
