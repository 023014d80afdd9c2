using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Farm.Videos;

/// <summary>What has happened to a video. The journal of these is the truth about a job.</summary>
public abstract record VideoEvent
{
    /// <summary>When the coordinator decided it, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What the task has cost whose failure led to this; null where there was none, or it is not known.</summary>
    public SpentCpu? Spent { get; init; }
}

public sealed record VideoSubmitted(JobSpec Spec, string Fingerprint) : VideoEvent;

/// <summary>A coordinator has taken the unfinished video up (again); running attempts of the time before are gone or will be adopted.</summary>
public sealed record VideoOpened : VideoEvent;

/// <param name="Ranges">For each segment: how its frames are read from the source.</param>
/// <param name="Settings">For each rendition.</param>
/// <param name="CpuSeconds">Of the analysis and a remux.</param>
/// <param name="Skipped">For each rendition: why it is not made, or null where it is; null where all are.</param>
public sealed record VideoPlanned(
    SourceAnalysis Analysis,
    SegmentPlan Plan,
    IReadOnlyList<SourceRange> Ranges,
    IReadOnlyList<EncodeSettings> Settings,
    double? CpuSeconds,
    IReadOnlyList<string?>? Skipped = null
) : VideoEvent;

/// <summary>A copied piece lies in the artifact store, for workers that can't open the source.</summary>
public sealed record PieceCut(
    int Segment,
    StoredArtifact Artifact,
    SourceRange Range,
    double? CpuSeconds
) : VideoEvent;

/// <summary>
/// The store no longer has the piece, or no longer as it was, so an attempt at the segment could not begin: it is cut
/// again. That is no failure of the segment, but not before <paramref name="NotBefore"/> it is tried again.
/// </summary>
public sealed record PieceLost(
    SegmentId Segment,
    string Attempt,
    string Node,
    string Reason,
    DateTimeOffset NotBefore
) : VideoEvent;

/// <summary>A good result was accepted; the segment is never encoded again unless the artifact is found damaged.</summary>
public sealed record SegmentEncoded(
    SegmentId Segment,
    string Attempt,
    string Node,
    StoredArtifact Artifact,
    SegmentFigures Figures
) : VideoEvent;

/// <summary>The tier's target was missed; the segment moves on to its next tier with what was measured.</summary>
public sealed record TierMissed(
    SegmentId Segment,
    string Attempt,
    string Node,
    int Tier,
    string Reason,
    IReadOnlyList<MeasuredPoint> Points,
    int Probes,
    AttemptCpu Cpu
) : VideoEvent;

/// <summary>An environment failure: the same tier is tried again, not before <paramref name="NotBefore"/>.</summary>
public sealed record AttemptFailed(
    SegmentId Segment,
    string Attempt,
    string Node,
    FailureKind Kind,
    string Reason,
    DateTimeOffset NotBefore
) : VideoEvent
{
    /// <summary>Null where it is not known.</summary>
    public AttemptCpu? Cpu { get; init; }
}

/// <summary>The lease was lost (node gone, attempt withdrawn): no failure, tried again at once.</summary>
public sealed record AttemptLost(SegmentId Segment, string Attempt, string Node, string Reason)
    : VideoEvent;

/// <summary>A leaving node has handed the attempt back: neither a failure nor a loss.</summary>
public sealed record AttemptReturned(SegmentId Segment, string Attempt, string Node, string Reason)
    : VideoEvent;

/// <summary>A failure was its node's fault, not the segment's: it does not count any more.</summary>
public sealed record FailureExcused(SegmentId Segment, string Attempt, string Node) : VideoEvent;

/// <summary>An accepted artifact turned out missing or damaged; only this segment runs again.</summary>
public sealed record SegmentInvalidated(SegmentId Segment, string Reason) : VideoEvent;

public sealed record AudioTrackEncoded(int Variant, int Track, Media.Audio.EncodedAudio Audio)
    : VideoEvent;

/// <summary>The analysis, an audio track, a mux, a delivery or the cleaning failed and is tried again, not before <paramref name="NotBefore"/>.</summary>
public sealed record TaskFailed(
    TaskId Task,
    FailureKind Kind,
    string Reason,
    DateTimeOffset NotBefore
) : VideoEvent;

/// <summary>The file is complete and validated beside its destination; what is left is the rename.</summary>
public sealed record DeliveryStarted(int Rendition, Delivering File) : VideoEvent;

/// <summary>The validated file vanished before it was delivered; it is muxed again.</summary>
public sealed record DeliveryLost(int Rendition, string Reason) : VideoEvent;

public sealed record RenditionDelivered(int Rendition) : VideoEvent;

/// <summary>A rendition is given up; others of the same job go on.</summary>
public sealed record RenditionFailed(int Rendition, Failure Failure) : VideoEvent;

/// <summary>Nothing of the job can be made: its source or plan is unusable.</summary>
public sealed record VideoFailed(Failure Failure) : VideoEvent;

/// <param name="Now">True where running attempts are withdrawn instead of finished.</param>
public sealed record VideoPaused(bool Now) : VideoEvent;

public sealed record VideoResumed : VideoEvent;

public sealed record VideoCancelled : VideoEvent;

/// <summary>What failed gets new tries; what is done stays.</summary>
public sealed record VideoRetried : VideoEvent;

public sealed record VideoPriorityChanged(int Priority) : VideoEvent;

/// <summary>Segments and pieces are gone from the work directory; journal and log stay.</summary>
public sealed record WorkCleaned : VideoEvent;
