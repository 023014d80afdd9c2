using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Plan;

/// <summary>Decides where a source is cut. Pure: equal frames and length give an equal plan.</summary>
public static class SegmentPlanner
{
    public const double MinSeconds = 1;
    public const double MaxSeconds = 300;

    /// <summary>A keyframe this far from the aimed length, as a share of it, is still preferred to an exact cut.</summary>
    private const double KeyframeTolerance = 0.5;

    /// <summary>A last segment shorter than this share of the length is joined to its neighbour.</summary>
    private const double SmallestTail = 1.0 / 3;

    /// <summary>
    /// Cuts at the keyframe nearest to the aimed length within ±50 %, else at the frame nearest to it. Every frame is
    /// in exactly one segment; only a single frame that is displayed for longer than the length, or a joined tail,
    /// makes a segment longer than 150 % of it.
    /// </summary>
    /// <param name="segmentSeconds">Aimed length, 1..300 s.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range, or there are no frames.</exception>
    public static SegmentPlan Plan(FrameTable frames, double segmentSeconds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count);
        if (segmentSeconds is not (>= MinSeconds and <= MaxSeconds))
        {
            throw new ArgumentOutOfRangeException(nameof(segmentSeconds), segmentSeconds, null);
        }

        var length = segmentSeconds / frames.TimeBase.Value;
        var segments = new List<PlannedSegment>();
        for (int start = 0, end; start < frames.Count; start = end)
        {
            end = NextCut(frames, start, length);
            segments.Add(Segment(frames, segments.Count, start, end));
        }
        return new SegmentPlan(segments, HashOf(frames, segments));
    }

    private static int NextCut(FrameTable frames, int start, double length)
    {
        var aim = frames.Pts[start] + length;
        var cut = NearestKeyframe(frames, start, aim, length) ?? NearestFrame(frames, start, aim);
        return frames.EndPts - frames.PtsOrEnd(cut) < length * SmallestTail ? frames.Count : cut;
    }

    private static int? NearestKeyframe(FrameTable frames, int start, double aim, double length)
    {
        var reach = length * KeyframeTolerance;
        int? nearest = null;
        var next = Array.BinarySearch(frames.Keyframes, start);
        for (
            var i = next < 0 ? ~next : next + 1;
            i < frames.Keyframes.Length && frames.Pts[frames.Keyframes[i]] <= aim + reach;
            i++
        )
        {
            var key = frames.Keyframes[i];
            var distance = Math.Abs(frames.Pts[key] - aim);
            if (
                distance <= reach
                && (nearest is null || distance < Math.Abs(frames.Pts[nearest.Value] - aim))
            )
            {
                nearest = key;
            }
        }
        return nearest;
    }

    private static int NearestFrame(FrameTable frames, int start, double aim)
    {
        var found = Array.BinarySearch(frames.Pts, (long)Math.Ceiling(aim));
        var after = found < 0 ? ~found : found;
        var before = after - 1;
        if (before > start && aim - frames.Pts[before] <= frames.PtsOrEnd(after) - aim)
        {
            return before;
        }
        return Math.Max(after, start + 1);
    }

    private static PlannedSegment Segment(FrameTable frames, int index, int start, int end) =>
        new(
            index,
            start,
            end - start,
            frames.Pts[start],
            frames.Pts[start] * frames.TimeBase.Value,
            (frames.PtsOrEnd(end) - frames.Pts[start]) * frames.TimeBase.Value
        );

    private static string HashOf(FrameTable frames, List<PlannedSegment> segments)
    {
        var text = new StringBuilder(frames.Hash);
        foreach (var segment in segments)
        {
            text.Append(' ').Append(segment.StartFrame);
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString())));
    }
}
