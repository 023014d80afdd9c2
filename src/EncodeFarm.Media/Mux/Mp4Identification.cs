using System.Text.Json;
using EncodeFarm.Media.Analysis;

namespace EncodeFarm.Media.Mux;

/// <summary>The tracks of an MP4 as ffprobe describes them; mkvmerge leaves out titles, flags and some subtitles.</summary>
internal static class Mp4Identification
{
    /// <summary>Names that ffmpeg gives to handlers of tracks without a title.</summary>
    private static readonly string[] Untitled = ["VideoHandler", "SoundHandler", "SubtitleHandler"];

    /// <param name="color">Of its one picture.</param>
    public static MkvIdentification Of(JsonElement root, ContainerColor color) =>
        new(
            [.. root.Items("streams").Select(stream => Track(stream, color))],
            Attachments: [],
            root.Member("format")?.Tag("title")
        );

    private static MkvTrack Track(JsonElement stream, ContainerColor color)
    {
        var type = stream.Text("codec_type") ?? "";
        var language = stream.Tag("language") ?? TrackLabels.UnknownLanguage;
        var title = stream.Tag("handler_name");
        var flags = stream.Dispositions();
        return new MkvTrack(
            (int)(stream.Integer("index") ?? -1),
            type == "subtitle" ? "subtitles" : type,
            new TrackLabels(
                language,
                Untitled.Contains(title) ? null : title,
                Default: false,
                flags.Contains("forced"),
                flags.Contains("hearing_impaired"),
                flags.Contains("visual_impaired"),
                Commentary: flags.Contains("comment")
            ),
            language,
            type == "video" ? color : null
        );
    }
}
