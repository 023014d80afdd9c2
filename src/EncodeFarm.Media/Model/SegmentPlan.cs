namespace EncodeFarm.Media.Model;

/// <summary>A run of source frames that is encoded on its own.</summary>
/// <param name="StartFrame">Number of its first frame in the source, from 0.</param>
/// <param name="Frames">Number of frames; the sum over all segments is the source's frame count.</param>
/// <param name="StartPts">Presentation timestamp of the first frame, in the source's time base.</param>
/// <param name="StartSeconds">The same in seconds on the container's clock.</param>
/// <param name="DurationSeconds">From its first frame to the next segment's first, or the end.</param>
public sealed record PlannedSegment(
    int Index,
    int StartFrame,
    int Frames,
    long StartPts,
    double StartSeconds,
    double DurationSeconds
);

/// <summary>How a source is cut. All renditions of a job share it; equal sources and settings give an equal plan.</summary>
/// <param name="Hash">Names the plan in results, so that a result of another plan is never taken.</param>
/// <param name="Unchunked">Why the source is one segment, for people ("the source is Dolby Vision"); null where it is cut.</param>
public sealed record SegmentPlan(
    IReadOnlyList<PlannedSegment> Segments,
    string Hash,
    string? Unchunked = null
);
