using System.Globalization;

namespace EncodeFarm.Media.Analysis;

/// <summary>
/// The packets of one video stream as ffprobe lists them, a line at a time, reduced to what the frame table needs:
/// some 9 bytes a packet, so that a long film costs a few megabytes.
/// </summary>
internal sealed class PacketScan
{
    /// <summary>ffprobe prints the entries in this order, whatever the order asked for.</summary>
    public const string Entries = "packet=pts,dts,duration,size,flags";

    private readonly List<long> pts = [];
    private readonly List<bool> keys = [];
    private long lastPts = long.MinValue;
    private long latestDts = long.MinValue;

    /// <summary>Packets of the stream, with those that show nothing.</summary>
    public int Packets { get; private set; }

    /// <summary>Packets that an edit list hides.</summary>
    public int Discarded { get; private set; }

    /// <summary>Packets that lack a presentation timestamp.</summary>
    public int WithoutPts { get; private set; }

    /// <summary>Ticks that the last displayed packet lasts; 0 where the container does not say.</summary>
    public long LastDuration { get; private set; }

    /// <summary>The furthest that a decoding timestamp lies before an earlier packet's, ticks; 0 in order.</summary>
    public long LargestJumpBack { get; private set; }

    /// <summary>Whether a picture is shown before one that came earlier.</summary>
    public bool Reordered { get; private set; }

    public IReadOnlyList<long> Pts => pts;

    /// <summary>For each of <see cref="Pts"/> whether its packet is flagged as a keyframe.</summary>
    public IReadOnlyList<bool> Keys => keys;

    /// <summary>Takes one line of ffprobe's CSV; lines of side data (blank, or other sections) are passed over.</summary>
    public void Add(string line)
    {
        var fields = line.AsSpan();
        var first = Next(ref fields);
        var dts = Next(ref fields);
        var duration = Next(ref fields);
        var size = Next(ref fields);
        var flags = Next(ref fields);
        if (dts.IsEmpty || flags.Length < 2)
        {
            return;
        }

        Packets++;
        if (long.TryParse(dts, out var decoded))
        {
            latestDts = Math.Max(latestDts, decoded);
            LargestJumpBack = Math.Max(LargestJumpBack, latestDts - decoded);
        }
        if (flags[1] == 'D')
        {
            Discarded++;
        }
        else if (size is "0")
        {
            // An AVI's "frame dropped here": nothing to decode, nothing to show.
        }
        else if (!long.TryParse(first, NumberStyles.AllowLeadingSign, null, out var value))
        {
            WithoutPts++;
        }
        else
        {
            Keep(value, flags[0] == 'K', duration);
        }
    }

    private void Keep(long value, bool key, ReadOnlySpan<char> duration)
    {
        pts.Add(value);
        keys.Add(key);
        Reordered |= value < lastPts;
        if (value > lastPts)
        {
            lastPts = value;
            LastDuration = long.TryParse(duration, out var ticks) ? Math.Max(ticks, 0) : 0;
        }
    }

    private static ReadOnlySpan<char> Next(ref ReadOnlySpan<char> rest)
    {
        var comma = rest.IndexOf(',');
        var field = comma < 0 ? rest : rest[..comma];
        rest = comma < 0 ? [] : rest[(comma + 1)..];
        return field;
    }
}
