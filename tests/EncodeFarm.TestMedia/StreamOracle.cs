using System.Globalization;
using System.Text.Json;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.TestMedia;

/// <summary>One stream as ffprobe describes it, in words that can be compared between containers.</summary>
/// <param name="Kind">video, cover, audio, subtitle, attachment or data.</param>
/// <param name="Flags">Those dispositions that survive every container, sorted.</param>
/// <param name="Color">range, primaries, transfer, matrix; "?" where nothing is said.</param>
public sealed record StreamFacts(
    int Index,
    string Kind,
    string Codec,
    string Language,
    string Title,
    string Flags,
    int Channels,
    IReadOnlyList<string> Color,
    string SampleAspect,
    string Stereo
);

/// <param name="Hdr">Mastering display (10 numbers) and content light level (2), as far as they are there.</param>
public sealed record FileFacts(
    IReadOnlyList<StreamFacts> Streams,
    IReadOnlyList<(double Start, string Title)> Chapters,
    double Duration,
    IReadOnlyList<double> Hdr
)
{
    public IReadOnlyList<StreamFacts> Of(string kind) =>
        [.. Streams.Where(stream => stream.Kind == kind)];
}

/// <summary>Reads streams, tags, sound and HDR of a file with ffprobe and ffmpeg; shares no code with what it judges.</summary>
public static class StreamOracle
{
    private static readonly string[] KeptFlags =
    [
        "default",
        "forced",
        "hearing_impaired",
        "comment",
    ];

    private static readonly string[] MasteringNames =
    [
        "red_x",
        "red_y",
        "green_x",
        "green_y",
        "blue_x",
        "blue_y",
        "white_point_x",
        "white_point_y",
        "min_luminance",
        "max_luminance",
    ];

    public static async Task<FileFacts> ReadAsync(string path)
    {
        var root = await ProbeAsync(path, "-show_streams", "-show_format", "-show_chapters");
        var frames = await ProbeAsync(
            path,
            "-select_streams",
            "V:0",
            "-read_intervals",
            "%+#8",
            "-show_frames"
        );
        var frame = Items(frames, "frames").FirstOrDefault();
        var streams = Items(root, "streams").Select(stream => Stream(stream, frame)).ToList();
        var video = Items(root, "streams").FirstOrDefault(s => Text(s, "codec_type") == "video");
        return new FileFacts(
            streams,
            [
                .. Items(root, "chapters")
                    .Select(chapter => (Number(chapter, "start_time"), Tag(chapter, "title"))),
            ],
            Number(root.GetProperty("format"), "duration"),
            Hdr(video, frame)
        );
    }

    /// <summary>The colours that the video's bitstream says, without the container.</summary>
    public static async Task<IReadOnlyList<string>> BitstreamColorAsync(string path)
    {
        using var home = new TestDirectory();
        var bare = home.File("bare.ivf");
        await TestTools.FfmpegAsync("-i", "file:" + path, "-map", "0:V:0", "-c", "copy", bare);
        return (await ReadAsync(bare)).Streams[0].Color;
    }

    /// <summary>When the first sample is heard and when the last one ends, on the file's clock; null where nothing is heard.</summary>
    public static async Task<(double Start, double End)?> SoundAsync(string path, int stream)
    {
        var output = await TestTools.FfmpegAsync(
            "-copyts",
            "-i",
            "file:" + path,
            "-map",
            string.Create(CultureInfo.InvariantCulture, $"0:{stream}"),
            "-c:a",
            "pcm_s16le",
            "-f",
            "framecrc",
            "-"
        );
        var tick = 0.0;
        (double, double)? heard = null;
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith("#tb 0:", StringComparison.Ordinal))
            {
                tick = Ratio(line[6..].Trim(), '/');
            }
            else if (!line.StartsWith('#') && line.Split(',') is { Length: > 3 } fields)
            {
                var start = long.Parse(fields[2], CultureInfo.InvariantCulture) * tick;
                var end = start + long.Parse(fields[3], CultureInfo.InvariantCulture) * tick;
                heard = (heard?.Item1 ?? start, end);
            }
        }
        return heard;
    }

    /// <summary>What <see cref="MediaInfoAsync"/> has to contain where bitstream and container say the same of something.</summary>
    public static string InBoth(string name) => $"\"{name}_Source\": \"Container / Stream\"";

    /// <summary>What mediainfo says of the first video track.</summary>
    public static async Task<string> MediaInfoAsync(string path)
    {
        var tools = await TestTools.SetAsync();
        var result = await TestTools.Runner.RunAsync(
            new ToolCommand(tools.MediaInfo!.Path, ["--Output=JSON", path], WorkKind.Analyze),
            CancellationToken.None
        );
        return result.Output;
    }

    private static StreamFacts Stream(JsonElement stream, JsonElement frame)
    {
        var flags = Flags(stream).ToList();
        var type = Text(stream, "codec_type");
        var kind =
            type == "video" && flags.Contains("attached_pic") ? "cover"
            : type == "data" ? "data"
            : type;
        var color = new[]
        {
            ("color_range", "color_range"),
            ("color_primaries", "color_primaries"),
            ("color_transfer", "color_transfer"),
            ("color_space", "color_space"),
        };
        return new StreamFacts(
            (int)Number(stream, "index"),
            kind,
            Text(stream, "codec_name"),
            Tag(stream, "language") is { Length: > 0 } language and not "und" ? language : "?",
            Tag(stream, "title"),
            string.Join('+', flags.Intersect(KeptFlags).Order(StringComparer.Ordinal)),
            (int)Number(stream, "channels"),
            kind == "video"
                ?
                [
                    .. color.Select(pair =>
                        Known(Text(stream, pair.Item1))
                        ?? (
                            frame.ValueKind == JsonValueKind.Object
                                ? Known(Text(frame, pair.Item2))
                                : null
                        )
                        ?? "?"
                    ),
                ]
                : [],
            Text(stream, "sample_aspect_ratio"),
            Tag(stream, "stereo_mode")
        );
    }

    private static string? Known(string text) => text is "" or "unknown" ? null : text;

    private static IReadOnlyList<double> Hdr(JsonElement stream, JsonElement frame)
    {
        var data = new[] { stream, frame }
            .Where(element => element.ValueKind == JsonValueKind.Object)
            .SelectMany(element => Items(element, "side_data_list"))
            .ToList();
        var mastering = data.Find(d => Text(d, "side_data_type").StartsWith("Mastering display"));
        var light = data.Find(d => Text(d, "side_data_type").StartsWith("Content light"));
        return
        [
            .. mastering.ValueKind == JsonValueKind.Object
                ? MasteringNames.Select(name => Ratio(Text(mastering, name), '/'))
                : [],
            .. light.ValueKind == JsonValueKind.Object
                ? new[] { Number(light, "max_content"), Number(light, "max_average") }
                : [],
        ];
    }

    private static IEnumerable<string> Flags(JsonElement stream) =>
        stream.TryGetProperty("disposition", out var disposition)
            ? disposition
                .EnumerateObject()
                .Where(flag => flag.Value.GetInt32() == 1)
                .Select(flag => flag.Name)
            : [];

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.TryGetProperty(name, out var items) ? items.EnumerateArray() : [];

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Tag(JsonElement element, string name) =>
        element.TryGetProperty("tags", out var tags) ? Text(tags, name) : "";

    private static double Number(JsonElement element, string name) =>
        double.TryParse(Text(element, name), CultureInfo.InvariantCulture, out var value)
            ? value
            : 0;

    private static double Ratio(string text, char sign)
    {
        var parts = text.Split(sign);
        return parts.Length == 2
            ? double.Parse(parts[0], CultureInfo.InvariantCulture)
                / double.Parse(parts[1], CultureInfo.InvariantCulture)
            : 0;
    }

    private static async Task<JsonElement> ProbeAsync(string path, params string[] what)
    {
        var tools = await TestTools.SetAsync();
        var result = await TestTools.Runner.RunAsync(
            new ToolCommand(
                tools.Ffprobe.Path,
                ["-v", "error", .. what, "-of", "json", "file:" + path],
                WorkKind.Analyze
            ),
            CancellationToken.None
        );
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }
}
