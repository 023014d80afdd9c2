using System.Text.Json;
using EncodeFarm.Media.Analysis;

namespace EncodeFarm.Media.Mux;

/// <param name="Type">"video", "audio" or "subtitles".</param>
/// <param name="Iso639">The three-letter code that goes with the IETF tag in the labels.</param>
/// <param name="Color">What the container says of a picture's colours, apart from the bitstream; null of other tracks.</param>
internal sealed record MkvTrack(
    int Id,
    string Type,
    TrackLabels Labels,
    string Iso639,
    ContainerColor? Color = null
);

internal sealed record MkvAttachment(string FileName, string MimeType, long SizeBytes);

/// <summary>
/// A Matroska file as <c>mkvmerge -J</c> describes it: it knows IETF languages and all track flags, which ffprobe
/// does not.
/// </summary>
internal sealed record MkvIdentification(
    IReadOnlyList<MkvTrack> Tracks,
    IReadOnlyList<MkvAttachment> Attachments,
    string? Title
)
{
    public IReadOnlyList<MkvTrack> OfType(string type) =>
        [.. Tracks.Where(track => track.Type == type)];

    /// <exception cref="InvalidDataException">mkvmerge does not recognise the file.</exception>
    public static MkvIdentification Parse(string json)
    {
        var root = ProbeJson.Parse(json);
        if (root.Member("tracks") is null)
        {
            throw new InvalidDataException("mkvmerge does not recognise the file");
        }
        return new MkvIdentification(
            [.. root.Items("tracks").Select(Track)],
            [.. root.Items("attachments").Select(Attached)],
            root.Member("container")?.Member("properties")?.Member("title")?.ToString()
        );
    }

    private static MkvTrack Track(JsonElement track)
    {
        var properties = track.Member("properties") ?? default;
        var iso639 = properties.Text("language") ?? TrackLabels.UnknownLanguage;
        var labels = new TrackLabels(
            properties.Text("language_ietf") ?? iso639,
            properties.Text("track_name"),
            Flag(properties, "default_track"),
            Flag(properties, "forced_track"),
            Flag(properties, "flag_hearing_impaired"),
            Flag(properties, "flag_visual_impaired"),
            Flag(properties, "flag_text_descriptions"),
            Flag(properties, "flag_original"),
            Flag(properties, "flag_commentary")
        );
        var id = (int)(track.Integer("id") ?? -1);
        var type = track.Text("type") ?? "";
        var color = type == "video" ? ContainerColor.OfMatroska(properties) : null;
        return new MkvTrack(id, type, labels, iso639, color);
    }

    private static MkvAttachment Attached(JsonElement attachment) =>
        new(
            attachment.Text("file_name") ?? "",
            attachment.Text("content_type") ?? "",
            attachment.Integer("size") ?? 0
        );

    private static bool Flag(JsonElement element, string name) =>
        element.Member(name)?.ValueKind == JsonValueKind.True;
}
