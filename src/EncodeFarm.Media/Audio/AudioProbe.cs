using EncodeFarm.Media.Analysis;
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

/// <summary>Looks at the beginning and at the end of an audio track.</summary>
internal sealed class AudioProbe(ToolSet tools, IToolRunner runner)
{
    /// <summary>A damaged file gives what it has and ends with 1.</summary>
    private static readonly int[] ReadErrors = [0, 1];

    public async Task<AudioFacts> ReadAsync(
        string path,
        int streamIndex,
        CancellationToken cancellation
    )
    {
        var command = ProbeCommand.Of(
            tools,
            path,
            [
                "-select_streams",
                streamIndex.ToString(),
                // Enough for a frame that is heard: the first packets may be warm-up.
                "-read_intervals",
                "%+#16",
                "-show_entries",
                "stream=sample_rate,channels,channel_layout:frame=pts_time",
                "-of",
                "json",
            ],
            WorkKind.Audio
        );
        var result = await runner.RunAsync(command, cancellation);
        return Parse(result.Output);
    }

    /// <summary>When the last packet that is heard ends, on the file's clock; null where none tells. Reads the whole file.</summary>
    public async Task<double?> EndAsync(
        string path,
        int streamIndex,
        CancellationToken cancellation
    )
    {
        double? end = null;
        var command = ProbeCommand.Of(
            tools,
            path,
            [
                "-select_streams",
                streamIndex.ToString(),
                "-show_entries",
                "packet=pts_time,duration_time,flags",
                "-of",
                "csv=p=0",
            ],
            WorkKind.Audio
        ) with
        {
            OnOutputLine = line => end = EndOf(line) ?? end,
            GoodExitCodes = ReadErrors,
        };
        await runner.RunAsync(command, cancellation);
        return end;
    }

    /// <summary>Of a packet's line; null for a packet without timestamp, or one that an edit list cuts off.</summary>
    private static double? EndOf(string line)
    {
        var fields = line.Split(',');
        return
            fields.Length > 2
            && !fields[2].Contains('D')
            && double.TryParse(fields[0], out var start)
            ? start + (double.TryParse(fields[1], out var duration) ? duration : 0)
            : null;
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
