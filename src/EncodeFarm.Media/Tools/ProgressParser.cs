using System.Globalization;

namespace EncodeFarm.Media.Tools;

/// <summary>
/// Reads ffmpeg's <c>-progress</c>: lines of key=value, each block closed by <c>progress=continue</c> or
/// <c>progress=end</c>. Values may be <c>N/A</c>; <c>out_time_ms</c> is in microseconds, as <c>out_time_us</c> is.
/// </summary>
internal sealed class ProgressParser
{
    private const int TicksPerMicrosecond = 10;

    private readonly Dictionary<string, string> block = [];
    private (long Frame, long? OutTime, long? Size) last = (0, null, null);

    /// <summary>True when the last block was ahead of the one before it in frames, time or bytes.</summary>
    internal bool Advanced { get; private set; }

    /// <summary>A progress report when the line closes a block; null otherwise, also for lines that are not understood.</summary>
    internal FfmpegProgress? Read(string line)
    {
        var separator = line.IndexOf('=');
        if (separator <= 0)
            return null;
        var key = line[..separator].Trim();
        var value = line[(separator + 1)..].Trim();
        if (key != "progress")
        {
            block[key] = value;
            return null;
        }
        var progress = Close(ended: value == "end");
        block.Clear();
        return progress;
    }

    private FfmpegProgress Close(bool ended)
    {
        var frame = Whole("frame") ?? last.Frame;
        var microseconds = Whole("out_time_us") ?? Whole("out_time_ms");
        var now = (frame, microseconds, Whole("total_size"));
        Advanced = now != last;
        last = now;
        return new FfmpegProgress(
            frame,
            Number("fps") ?? 0,
            microseconds is { } time ? TimeSpan.FromTicks(time * TicksPerMicrosecond) : null,
            Number("speed"),
            ended
        );
    }

    private long? Whole(string key) =>
        long.TryParse(
            block.GetValueOrDefault(key),
            NumberStyles.AllowLeadingSign,
            null,
            out var value
        )
            ? value
            : null;

    private double? Number(string key) =>
        double.TryParse(
            block.GetValueOrDefault(key)?.TrimEnd('x'),
            NumberStyles.Float,
            null,
            out var value
        )
            ? value
            : null;
}
