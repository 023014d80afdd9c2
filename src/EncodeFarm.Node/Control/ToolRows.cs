using EncodeFarm.Contracts.Control;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Node.Control;

/// <summary>This machine's tools, for <c>system tools</c>.</summary>
public static class ToolRows
{
    public static IReadOnlyList<ToolRow> Of(ToolSet tools) =>
        [
            Row("ffmpeg", tools.Ffmpeg),
            Row("ffprobe", tools.Ffprobe),
            Row("mkvmerge", tools.Mkvmerge),
            Row("mediainfo", tools.MediaInfo),
            Row("vmaf", tools.Vmaf),
            .. tools.Encoders.Select(encoder => new ToolRow($"encoder {encoder}", "yes", null)),
            new ToolRow("fingerprint", tools.Fingerprint, null),
        ];

    private static ToolRow Row(string name, Tool? tool) =>
        new(name, tool is null ? "no" : tool.Version, tool?.Path);
}
