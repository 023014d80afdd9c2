using System.Globalization;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Plan;
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
                .. Demuxers.Restriction,
                "-i",
                DecodeArguments.FileArgument(path),
            ],
            WorkKind.Audio
        );
        var result = await runner.RunAsync(command, cancellation);
        return Parse(result.Output);
    }

    private static AudioFacts Parse(string json)
    {
        var root = ProbeJson.Parse(json);
        var stream = root.Items("streams").FirstOrDefault();
        return new AudioFacts(
            (int)(stream.Integer("sample_rate") ?? 0),
            (int)(stream.Integer("channels") ?? 0),
            stream.Text("channel_layout"),
            root.Items("frames")
                .Select(frame => frame.Number("pts_time"))
                .FirstOrDefault(time => time is not null)
        );
    }
}
