using System.Text.Json;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <summary>Measures an output: its headers, and every packet once.</summary>
internal sealed class OutputReader(ToolSet tools, IToolRunner runner)
{
    private static readonly string[] Headers = ["-show_format", "-show_streams", "-show_chapters"];

    private static readonly string[] FirstPicture =
    [
        "-select_streams",
        "v:0",
        "-show_streams",
        "-show_frames",
        "-read_intervals",
        "%+#1",
    ];

    private readonly Mkvmerge _mkvmerge = new(tools, runner);

    public async Task<OutputFacts> ReadAsync(
        string path,
        Container container,
        string elementaryStream,
        CancellationToken cancellation
    )
    {
        var root = await AskAsync(path, Headers, cancellation);
        var packets = await PayloadScan.RunAsync(
            tools,
            runner,
            path,
            WorkKind.Validate,
            cancellation
        );
        return new OutputFacts(
            new FileInfo(path).Length,
            root.Member("format")?.Number("duration") ?? 0,
            [.. root.Items("streams").Select(Stream)],
            [.. root.Items("chapters").Select(ReadChapter)],
            Tags(root),
            packets,
            container,
            container == Container.Mp4
                ? Mp4Identification.Of(root, Mp4Colors.Read(path))
                : await _mkvmerge.IdentifyAsync(path, WorkKind.Validate, cancellation),
            await BitstreamAsync(elementaryStream, cancellation)
        );
    }

    /// <summary>Colours of its headers, metadata of its first picture.</summary>
    private async Task<PictureTags> BitstreamAsync(string path, CancellationToken cancellation)
    {
        var root = await AskAsync(path, FirstPicture, cancellation);
        var stream = root.Items("streams").FirstOrDefault();
        var frame = root.Items("frames").FirstOrDefault();
        return new PictureTags(
            VideoReader.Color(stream),
            VideoReader.Mastering(frame),
            VideoReader.Light(frame)
        );
    }

    private async Task<JsonElement> AskAsync(
        string path,
        IReadOnlyList<string> questions,
        CancellationToken cancellation
    )
    {
        var command = ProbeCommand.Of(
            tools,
            path,
            [.. questions, "-of", "json"],
            WorkKind.Validate
        );
        return ProbeJson.Parse((await runner.RunAsync(command, cancellation)).Output);
    }

    private static OutputStream Stream(JsonElement stream) =>
        new(
            (int)(stream.Integer("index") ?? -1),
            Type(stream),
            stream.Text("codec_name") ?? "unknown",
            (int)(stream.Integer("width") ?? 0),
            (int)(stream.Integer("height") ?? 0),
            stream.Text("pix_fmt") ?? "unknown",
            stream.Ratio("sample_aspect_ratio") ?? new Rational(1, 1),
            VideoReader.Color(stream),
            VideoReader.Mastering(stream),
            VideoReader.Light(stream),
            (int)(stream.Integer("channels") ?? 0),
            stream.Text("channel_layout") ?? "unknown",
            (int)(stream.Integer("sample_rate") ?? 0)
        );

    /// <summary>Covers are attachments that ffprobe shows as video.</summary>
    private static string Type(JsonElement stream) =>
        stream.Dispositions().Contains("attached_pic")
            ? "attachment"
            : stream.Text("codec_type") ?? "unknown";

    private static ILookup<string, string> Tags(JsonElement root) =>
        (
            root.Member("format")?.Member("tags") is { ValueKind: JsonValueKind.Object } tags
                ? tags.EnumerateObject()
                : default
        ).ToLookup(tag => tag.Name, tag => tag.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    private static Chapter ReadChapter(JsonElement chapter) =>
        new(
            chapter.Number("start_time") ?? 0,
            chapter.Number("end_time") ?? 0,
            chapter.Tag("title")
        );
}
