using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Makes the frame table of a packet scan: display order is the order of the presentation timestamps.</summary>
internal static class FrameTableBuilder
{
    /// <summary>
    /// Null where packets lack timestamps, so that the source has to be remuxed first. Of packets with the same
    /// timestamp one counts: they are one moment.
    /// </summary>
    public static FrameTable? Build(PacketScan scan, Rational timeBase)
    {
        if (scan.WithoutPts > 0 || scan.Pts.Count == 0)
        {
            return null;
        }
        var pts = scan.Pts.ToArray();
        var keys = scan.Keys.ToArray();
        Array.Sort(pts, keys);
        var moments = 1;
        for (var i = 1; i < pts.Length; i++)
        {
            if (pts[i] == pts[moments - 1])
            {
                keys[moments - 1] |= keys[i];
                continue;
            }
            pts[moments] = pts[i];
            keys[moments++] = keys[i];
        }
        Array.Resize(ref pts, moments);
        Array.Resize(ref keys, moments);
        return new FrameTable(
            timeBase,
            pts,
            Numbers(keys),
            EndOf(pts, scan.LastDuration, timeBase)
        );
    }

    /// <summary>The table without those frames of [<paramref name="from"/>, <paramref name="to"/>) that no decoder shows.</summary>
    public static FrameTable Keep(FrameTable table, IEnumerable<long> shown, int from, int to)
    {
        var visible = shown.ToHashSet();
        return Select(table, i => i < from || i >= to || visible.Contains(table.Pts[i]));
    }

    /// <summary>The frames that a full decode has shown, with the packets' keyframe flags.</summary>
    public static FrameTable? FromDecode(
        PacketScan scan,
        IEnumerable<long> shown,
        Rational timeBase
    )
    {
        var pts = shown.Order().Distinct().ToArray();
        if (pts.Length == 0)
        {
            return null;
        }
        var keyPts = scan.Pts.Where((_, i) => scan.Keys[i]).ToHashSet();
        return new FrameTable(
            timeBase,
            pts,
            Numbers(Array.ConvertAll(pts, keyPts.Contains)),
            EndOf(pts, scan.LastDuration, timeBase)
        );
    }

    private static FrameTable Select(FrameTable table, Func<int, bool> wanted)
    {
        var keys = table.Keyframes.ToHashSet();
        var kept = Enumerable.Range(0, table.Count).Where(wanted).ToArray();
        var pts = Array.ConvertAll(kept, i => table.Pts[i]);
        var end =
            kept.Length > 0 && kept[^1] + 1 < table.Count ? table.Pts[kept[^1] + 1] : table.EndPts;
        return new FrameTable(
            table.TimeBase,
            pts,
            Numbers(Array.ConvertAll(kept, keys.Contains)),
            end
        );
    }

    /// <summary>The last frame lasts as long as its packet says, else as long as the others on average.</summary>
    internal static long EndOf(long[] pts, long lastDuration, Rational timeBase)
    {
        if (lastDuration > 0)
        {
            return pts[^1] + lastDuration;
        }
        var mean =
            pts.Length > 1
                ? (double)(pts[^1] - pts[0]) / (pts.Length - 1)
                : 1 / (FrameRates.Default.Value * timeBase.Value);
        return pts[^1] + Math.Max((long)Math.Round(mean), 1);
    }

    private static int[] Numbers(bool[] keys) =>
        [.. Enumerable.Range(0, keys.Length).Where(i => keys[i])];
}
