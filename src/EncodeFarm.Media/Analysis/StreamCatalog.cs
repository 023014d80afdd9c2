using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Everything in a source but the picture. Pure: reads what ffprobe and mkvmerge have said.</summary>
internal sealed record StreamCatalog(
    IReadOnlyList<AudioTrack> Audio,
    IReadOnlyList<MediaTrack> Subtitles,
    IReadOnlyList<Attachment> Attachments,
    IReadOnlyList<Chapter> Chapters,
    IReadOnlyDictionary<string, string> Metadata,
    IReadOnlyList<string> Warnings
)
{
    /// <summary>The first video stream that isn't a cover or a thumbnail; null where there is none.</summary>
    public static JsonElement? MainVideo(JsonElement container)
    {
        foreach (var stream in container.Items("streams"))
        {
            if (stream.Text("codec_type") == "video" && !IsPicture(stream))
            {
                return stream;
            }
        }
        return null;
    }

    public static StreamCatalog Read(JsonElement container, JsonElement matroska)
    {
        var streams = container.Items("streams").ToArray();
        var languages = IetfLanguages(matroska);
        return new StreamCatalog(
            [.. OfType(streams, "audio").Select(stream => Audible(stream, languages))],
            [.. OfType(streams, "subtitle").Select(stream => Track(stream, languages))],
            [.. streams.Where(IsAttachment).Select(Attached)],
            [.. container.Items("chapters").Select(ReadChapter)],
            ReadMetadata(container),
            [.. Dropped(streams, container.Items("chapters").Any())]
        );
    }

    /// <summary>Language of the stream: the IETF tag where the container has one, else its ISO 639-2 code.</summary>
    public static string? Language(JsonElement stream, IReadOnlyDictionary<int, string> ietf) =>
        ietf.GetValueOrDefault(IndexOf(stream)) ?? stream.Tag("language");

    /// <summary>mkvmerge numbers the tracks of a Matroska file as ffprobe does.</summary>
    public static IReadOnlyDictionary<int, string> IetfLanguages(JsonElement matroska)
    {
        var languages = new Dictionary<int, string>();
        foreach (var track in matroska.Items("tracks"))
        {
            if (
                track.Integer("id") is { } id
                && track.Member("properties")?.Text("language_ietf") is { } language
            )
            {
                languages[(int)id] = language;
            }
        }
        return languages;
    }

    public static int IndexOf(JsonElement stream) => (int)(stream.Integer("index") ?? 0);

    private static IEnumerable<JsonElement> OfType(IEnumerable<JsonElement> streams, string type) =>
        streams.Where(stream => stream.Text("codec_type") == type);

    private static bool IsPicture(JsonElement stream) =>
        stream.Dispositions().Any(flag => flag is "attached_pic" or "timed_thumbnails");

    private static bool IsAttachment(JsonElement stream) =>
        stream.Text("codec_type") == "attachment"
        || (stream.Text("codec_type") == "video" && IsPicture(stream));

    private static MediaTrack Track(JsonElement stream, IReadOnlyDictionary<int, string> ietf) =>
        new(
            IndexOf(stream),
            stream.Text("codec_name") ?? "unknown",
            Language(stream, ietf),
            stream.Tag("title"),
            stream.Dispositions(),
            stream.Number("start_time") ?? 0,
            // Of Matroska, ffprobe gives the file's duration as the stream's.
            Clock(stream.Tag("DURATION")) ?? stream.Number("duration")
        );

    private static AudioTrack Audible(JsonElement stream, IReadOnlyDictionary<int, string> ietf) =>
        new(
            Track(stream, ietf),
            (int)(stream.Integer("channels") ?? 0),
            stream.Text("channel_layout"),
            (int)(stream.Integer("sample_rate") ?? 0),
            stream.Integer("bit_rate")
        );

    private static Attachment Attached(JsonElement stream) =>
        new(
            IndexOf(stream),
            stream.Tag("filename"),
            stream.Tag("mimetype"),
            stream.Text("codec_type") == "video"
        );

    /// <summary>Some containers name a tag twice; the first one counts.</summary>
    private static Dictionary<string, string> ReadMetadata(JsonElement container)
    {
        var metadata = new Dictionary<string, string>();
        if (container.Member("format")?.Member("tags") is { ValueKind: JsonValueKind.Object } tags)
        {
            foreach (var tag in tags.EnumerateObject())
            {
                metadata.TryAdd(tag.Name, tag.Value.ToString());
            }
        }
        return metadata;
    }

    private static Chapter ReadChapter(JsonElement chapter) =>
        new(
            chapter.Number("start_time") ?? 0,
            chapter.Number("end_time") ?? 0,
            chapter.Tag("title")
        );

    private static IEnumerable<string> Dropped(JsonElement[] streams, bool chapters)
    {
        var videos = OfType(streams, "video").Where(stream => !IsPicture(stream)).Skip(1);
        foreach (var video in videos)
        {
            yield return $"Video stream {IndexOf(video)} ({video.Text("codec_name")}) is dropped: only the first video is encoded.";
        }
        foreach (var data in OfType(streams, "data"))
        {
            // MP4 and MOV keep the titles of chapters in a track of text, which ffprobe shows twice: as chapters, and as data.
            if (chapters && data.Text("codec_tag_string") == "text")
            {
                yield return $"Data stream {IndexOf(data)} holds the titles of the chapters; it is kept as these.";
                continue;
            }
            var kind = data.Text("codec_name") ?? data.Text("codec_tag_string") ?? "data";
            yield return $"Data stream {IndexOf(data)} ({kind}) is dropped: it is neither sound nor text.";
        }
    }

    /// <summary>Matroska's "00:01:02.345000000" in seconds.</summary>
    private static double? Clock(string? text)
    {
        var parts = text?.Split(':');
        return
            parts is { Length: 3 }
            && TryNumber(parts[0], out var hours)
            && TryNumber(parts[1], out var minutes)
            && TryNumber(parts[2], out var seconds)
            ? hours * 3600 + minutes * 60 + seconds
            : null;
    }

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, out value);
}
