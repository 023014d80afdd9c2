namespace EncodeFarm.Media.Model;

/// <summary>
/// Every displayed frame of a source in display order: its exact timestamp, and whether it is flagged as a keyframe.
/// It is the yardstick that segments, joins and validation are held against.
/// </summary>
/// <param name="TimeBase">Seconds per tick of <paramref name="Pts"/>.</param>
/// <param name="Pts">Strictly increasing presentation timestamps.</param>
/// <param name="Keyframes">Frame numbers, ascending.</param>
/// <param name="EndPts">Timestamp at which the last frame ends.</param>
public sealed partial record FrameTable(Rational TimeBase, long[] Pts, int[] Keyframes, long EndPts)
{
    public int Count => Pts.Length;
}
