using System.Text.Json;

namespace EncodeFarm.Media.Mux;

/// <param name="Type">"video", "audio" or "subtitles".</param>
/// <param name="Iso639">The three-letter code that goes with the IETF tag in the labels.</param>
internal sealed record MkvTrack(int Id, string Type, TrackLabels Labels, string Iso639);

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
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (!root.TryGetProperty("tracks", out var tracks))
        {
            throw new InvalidDataException("mkvmerge does not recognise the file");
        }
        return new MkvIdentification(
            [.. tracks.EnumerateArray().Select(Track)],
            [.. root.GetProperty("attachments").EnumerateArray().Select(Attached)],
            Text(root.GetProperty("container").GetProperty("properties"), "title")
        );
    }

    private static MkvTrack Track(JsonElement track)
    {
        var properties = track.GetProperty("properties");
        var iso639 = Text(properties, "language") ?? TrackLabels.UnknownLanguage;
        var labels = new TrackLabels(
            Text(properties, "language_ietf") ?? iso639,
            Text(properties, "track_name"),
            Flag(properties, "default_track"),
            Flag(properties, "forced_track"),
            Flag(properties, "flag_hearing_impaired"),
            Flag(properties, "flag_visual_impaired"),
            Flag(properties, "flag_text_descriptions"),
            Flag(properties, "flag_original"),
            Flag(properties, "flag_commentary")
        );
        return new MkvTrack(
            track.GetProperty("id").GetInt32(),
            Text(track, "type") ?? "",
            labels,
            iso639
        );
    }

    private static MkvAttachment Attached(JsonElement attachment) =>
        new(
            Text(attachment, "file_name") ?? "",
            Text(attachment, "content_type") ?? "",
            attachment.GetProperty("size").GetInt64()
        );

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.GetBoolean();
}
