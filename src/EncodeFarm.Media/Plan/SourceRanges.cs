using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Plan;

/// <summary>Where the frames of a segment are found in the source itself.</summary>
public static class SourceRanges
{
    /// <summary>
    /// Decoding starts this much before the first frame: transport streams are sought approximately, and pictures
    /// after an open group's keyframe refer to the group before it. Exact for all of 26 kinds of source; 0 s is not.
    /// </summary>
    public const double MarginSeconds = 5;

    public static SourceRange Create(
        SourceAnalysis analysis,
        FrameTable frames,
        PlannedSegment segment
    ) => Create(analysis, frames, segment, MarginSeconds);

    /// <param name="marginSeconds">For repeats after a wrong frame count: 30 s, then infinity for a decode from the start.</param>
    public static SourceRange Create(
        SourceAnalysis analysis,
        FrameTable frames,
        PlannedSegment segment,
        double marginSeconds
    )
    {
        var seek = segment.StartSeconds - analysis.StartSeconds - marginSeconds;
        var isSource = analysis.WorkingPath == analysis.Source.Path;
        return new SourceRange(
            analysis.WorkingPath,
            isSource ? analysis.Source.Size : new FileInfo(analysis.WorkingPath).Length,
            analysis.Video.StreamIndex,
            frames.TimeBase,
            segment.Index > 0 && seek > 0 ? seek : null,
            segment.StartFrame,
            segment.StartPts,
            segment.Frames,
            segment.DurationSeconds,
            segment.StartFrame + segment.Frames < frames.Count
                ? frames.Pts[segment.StartFrame + segment.Frames]
                : null
        )
        {
            ModifiedUtc = isSource ? analysis.Source.ModifiedUtc : null,
            PreRollSeconds = PreRoll(frames, segment, marginSeconds),
        };
    }

    private static double PreRoll(FrameTable frames, PlannedSegment segment, double marginSeconds)
    {
        var sought = segment.StartPts - marginSeconds / frames.TimeBase.Value;
        var keyframe = frames.Keyframes.LastOrDefault(frame => frames.Pts[frame] <= sought);
        return (segment.StartPts - frames.Pts[keyframe]) * frames.TimeBase.Value;
    }
}
