using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <summary>The packets of one stream, in the order of the file.</summary>
internal sealed class StreamPackets
{
    /// <summary>Seconds a tick; known when the scan has ended.</summary>
    public Rational TimeBase { get; set; }

    public List<long> Pts { get; } = [];

    /// <summary>MD5 of each packet's payload.</summary>
    public List<UInt128> Hashes { get; } = [];

    /// <summary>Where the last packet ends, in ticks; a packet of unknown duration takes no time.</summary>
    public long End { get; private set; } = long.MinValue;

    public int Count => Pts.Count;

    public long? LastPts => Count == 0 ? null : Pts[^1];

    public void Add(long pts, long duration)
    {
        Pts.Add(pts);
        End = Math.Max(End, pts + duration);
    }

    public double Seconds(int packet) => Pts[packet] * TimeBase.Value;

    public double StartSeconds => Count == 0 ? 0 : Pts.Min() * TimeBase.Value;

    public double EndSeconds => Count == 0 ? 0 : End * TimeBase.Value;

    public double DurationSeconds => EndSeconds - StartSeconds;
}

/// <summary>
/// Reads a whole file's packets without decoding any: timestamps, sizes and hashes of the payloads. Costs about as
/// much as reading the file.
/// </summary>
internal static class PayloadScan
{
    /// <param name="only">The streams to read, in ffmpeg's words ("s" for subtitles); null for all.</param>
    /// <returns>Streams that have packets, by their index.</returns>
    public static async Task<IReadOnlyDictionary<int, StreamPackets>> RunAsync(
        ToolSet tools,
        IToolRunner runner,
        string path,
        WorkKind kind,
        CancellationToken cancellation,
        string? only = null
    )
    {
        var parser = new PacketLines();
        var command = ProbeCommand.Of(
            tools,
            path,
            [
                .. only is null ? Array.Empty<string>() : ["-select_streams", only],
                "-show_data_hash",
                "MD5",
                "-show_entries",
                "packet=stream_index,pts,duration,data_hash:stream=index,time_base",
                "-of",
                "compact",
            ],
            kind
        );
        await runner.RunAsync(command with { OnOutputLine = parser.Take }, cancellation);
        return parser.Streams;
    }
}
