using System.Globalization;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// Understands ffprobe's compact lines for packets and streams. A packet with side data is spread over two lines:
/// its hash comes in the second.
/// </summary>
internal sealed class PacketLines
{
    private const string HashMark = "|data_hash=MD5:";

    private readonly Dictionary<int, StreamPackets> _streams = [];
    private StreamPackets? _current;

    public IReadOnlyDictionary<int, StreamPackets> Streams => _streams;

    public void Take(string line)
    {
        if (line.StartsWith("packet|", StringComparison.Ordinal))
        {
            TakePacket(line);
        }
        else if (line.StartsWith("stream|", StringComparison.Ordinal))
        {
            TakeStream(line);
            return;
        }
        TakeHash(line);
    }

    private void TakePacket(string line)
    {
        var index = (int)(Number(line, "|stream_index=") ?? -1);
        if (!_streams.TryGetValue(index, out _current))
        {
            _streams[index] = _current = new StreamPackets();
        }
        if ((Number(line, "|pts=") ?? _current.LastPts) is { } pts)
        {
            _current.Add(pts, Number(line, "|duration=") ?? 0);
        }
        else
        {
            // The rest of something that began before the file did.
            _current = null;
        }
    }

    private void TakeHash(string line)
    {
        var start = line.IndexOf(HashMark, StringComparison.Ordinal);
        if (start >= 0)
        {
            var hex = line.AsSpan(start + HashMark.Length, 32);
            _current?.Hashes.Add(UInt128.Parse(hex, NumberStyles.HexNumber));
        }
    }

    private void TakeStream(string line)
    {
        if (
            _streams.TryGetValue((int)(Number(line, "|index=") ?? -1), out var stream)
            && Rational.TryParse(Field(line, "|time_base=").ToString(), out var timeBase)
        )
        {
            stream.TimeBase = timeBase;
        }
    }

    /// <summary>Null for "N/A" and for a field that is not there.</summary>
    private static long? Number(string line, string name) =>
        long.TryParse(Field(line, name), out var number) ? number : null;

    private static ReadOnlySpan<char> Field(string line, string name)
    {
        var start = line.IndexOf(name, StringComparison.Ordinal);
        if (start < 0)
        {
            return [];
        }
        var value = line.AsSpan(start + name.Length);
        var end = value.IndexOf('|');
        return end < 0 ? value : value[..end];
    }
}
