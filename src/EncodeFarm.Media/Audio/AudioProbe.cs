using System.Globalization;
using System.Text.Json;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Audio;

/// <param name="Layout">ffmpeg's name, or null where the channels have no places.</param>
/// <param name="FirstHeardSeconds">Timestamp of the first sample that comes out of the decoder; null where none does.</param>
internal sealed record AudioFacts(
    int SampleRate,
    int Channels,
    string? Layout,
    double? FirstHeardSeconds
);

/// <summary>Looks at the beginning of an audio track.</summary>
internal sealed class AudioProbe(ToolSet tools, IToolRunner runner)
{
    public async Task<AudioFacts> ReadAsync(
        string path,
        int streamIndex,
        CancellationToken cancellation
    )
    {
        var command = new ToolCommand(
            tools.Ffprobe.Path,
            [
                "-v",
                "error",
                "-select_streams",
                streamIndex.ToString(CultureInfo.InvariantCulture),
                // Enough for a frame that is heard: the first packets may be warm-up.
                "-read_intervals",
                "%+#16",
                "-show_entries",
                "stream=sample_rate,channels,channel_layout:frame=pts_time",
                "-of",
                "json",
                "-i",
                "file:" + path,
            ],
            WorkKind.Audio
        );
        var result = await runner.RunAsync(command, cancellation);
        return Parse(result.Output);
    }

    private static AudioFacts Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var stream = document.RootElement.GetProperty("streams")[0];
        return new AudioFacts(
            int.Parse(Text(stream, "sample_rate") ?? "0", CultureInfo.InvariantCulture),
            stream.GetProperty("channels").GetInt32(),
            Text(stream, "channel_layout") is { } layout and not "unknown" ? layout : null,
            document.RootElement.TryGetProperty("frames", out var frames)
                ? frames
                    .EnumerateArray()
                    .Select(frame => Text(frame, "pts_time"))
                    .Where(time => time is not null)
                    .Select(time => (double?)double.Parse(time!, CultureInfo.InvariantCulture))
                    .FirstOrDefault()
                : null
        );
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
