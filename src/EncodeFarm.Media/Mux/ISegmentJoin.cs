namespace EncodeFarm.Media.Mux;

/// <summary>One join in progress, in one kind of elementary stream.</summary>
internal interface ISegmentJoin
{
    /// <summary>Copies a segment to the end of what is joined, and reads it to its very end.</summary>
    /// <param name="name">Of the segment's file, for messages.</param>
    /// <returns>Its frames.</returns>
    /// <exception cref="SegmentDamagedException">It doesn't fit to the segments before.</exception>
    /// <exception cref="InvalidDataException">It is not such a stream.</exception>
    int Append(int index, Stream segment, string name);
}

/// <summary>
/// Players set up their decoder once; a segment with other settings than the first one's would show garbage or nothing.
/// </summary>
internal sealed class DecoderSettings(string what)
{
    private byte[] _first = [];

    /// <exception cref="SegmentDamagedException">They differ, or there are none.</exception>
    public void Compare(int index, ReadOnlySpan<byte> found)
    {
        if (found.IsEmpty)
        {
            throw new SegmentDamagedException(
                index,
                $"its first frame has no {what}, so it isn't a keyframe"
            );
        }
        if (index == 0)
        {
            _first = found.ToArray();
        }
        else if (!found.SequenceEqual(_first))
        {
            throw new SegmentDamagedException(
                index,
                $"it was encoded with other settings than the first one (their {what}s differ)"
            );
        }
    }
}
