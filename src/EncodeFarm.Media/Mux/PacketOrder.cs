namespace EncodeFarm.Media.Mux;

/// <summary>Compares the packets of a delivered video with those of the accepted segments.</summary>
internal static class PacketOrder
{
    /// <summary>Null where both are the same; else what happened to the first packet that differs.</summary>
    /// <param name="segmentFrames">Frames of each segment.</param>
    public static string? Difference(
        IReadOnlyList<UInt128> accepted,
        IReadOnlyList<UInt128> found,
        IReadOnlyList<int> segmentFrames
    )
    {
        var common = Math.Min(accepted.Count, found.Count);
        var first = 0;
        while (first < common && accepted[first] == found[first])
        {
            first++;
        }
        if (first < common)
        {
            return Diagnose(accepted, found, segmentFrames, first);
        }
        if (found.Count == accepted.Count - 1)
        {
            return $"the last frame is missing, {Name(first, segmentFrames)}";
        }
        if (found.Count < accepted.Count)
        {
            return $"the last {accepted.Count - found.Count} frames are missing, from {Name(first, segmentFrames)} on";
        }
        return found.Count > accepted.Count
            ? $"{found.Count - accepted.Count} frames too many at the end"
            : null;
    }

    private static string Diagnose(
        IReadOnlyList<UInt128> accepted,
        IReadOnlyList<UInt128> found,
        IReadOnlyList<int> segmentFrames,
        int first
    )
    {
        var name = Name(first, segmentFrames);
        var next = first + 1 < accepted.Count && found[first] == accepted[first + 1];
        // Equal hashes next to each other are equal pictures; the rest of the film decides what happened.
        if (next && found.Count < accepted.Count)
        {
            return $"{name} is missing";
        }
        if (first > 0 && found[first] == accepted[first - 1] && found.Count > accepted.Count)
        {
            return $"{Name(first - 1, segmentFrames)} comes twice";
        }
        for (var other = 0; other < accepted.Count; other++)
        {
            if (accepted[other] == found[first])
            {
                return $"{Name(other, segmentFrames)} stands in the place of {name}";
            }
        }
        return $"{name} differs from what was accepted";
    }

    private static string Name(int frame, IReadOnlyList<int> segmentFrames)
    {
        var segment = 0;
        var end = 0;
        while (segment < segmentFrames.Count - 1 && frame >= end + segmentFrames[segment])
        {
            end += segmentFrames[segment++];
        }
        return $"frame {frame} (segment {segment})";
    }
}
