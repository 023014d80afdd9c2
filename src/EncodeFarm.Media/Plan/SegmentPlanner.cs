using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Plan;

/// <summary>Decides where a source is cut. Pure: equal frames and length give an equal plan.</summary>
public static class SegmentPlanner
{
    public const double MinSeconds = 1;
    public const double MaxSeconds = 300;

    /// <summary>Cuts lie within this share of the length around it; a keyframe there is preferred to an exact cut.</summary>
    public const double Reach = 0.5;

    /// <summary>A last segment shorter than this share of the length is joined to its neighbour.</summary>
    private const double SmallestTail = 1.0 / 3;

    /// <summary>
    /// Cuts at the keyframe nearest to the aimed length within ±50 %, else at the frame nearest to it. Every frame is
    /// in exactly one segment. Only a frame that is shown for long, or a joined tail, makes a segment longer than 150 %
    /// of the length; only the last one can be shorter than 50 %.
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

    /// <summary>All frames in one segment.</summary>
    /// <param name="reason">Why, for people.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no frames.</exception>
    public static SegmentPlan Whole(FrameTable frames, string reason)
    {
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count);
        List<PlannedSegment> segments = [Segment(frames, 0, 0, frames.Count)];
        return new SegmentPlan(segments, HashOf(frames, segments), reason);
    }

    private static int NextCut(FrameTable frames, int start, double length)
    {
        var aim = frames.Pts[start] + length;
        var reach = length * Reach;
        var cut =
            NearestKeyframe(frames, start, aim, reach) ?? NearestFrame(frames, start, aim, reach);
        return frames.EndPts - frames.PtsOrEnd(cut) < length * SmallestTail ? frames.Count : cut;
    }

    private static int? NearestKeyframe(FrameTable frames, int start, double aim, double reach)
    {
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

    /// <summary>Where no frame is within reach, one is shown for long, and the cut comes after it.</summary>
    private static int NearestFrame(FrameTable frames, int start, double aim, double reach)
    {
        var found = Array.BinarySearch(frames.Pts, (long)Math.Ceiling(aim));
        var after = found < 0 ? ~found : found;
        var before = after - 1;
        var early = aim - frames.Pts[before];
        return early <= reach && early <= frames.PtsOrEnd(after) - aim ? before : after;
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
