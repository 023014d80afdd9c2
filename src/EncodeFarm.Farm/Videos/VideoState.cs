using System.Collections.Immutable;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Farm.Videos;

/// <summary>Where a job is; paused is a flag beside it.</summary>
public enum JobState
{
    Submitted,
    Analyzing,
    Segmenting,
    Encoding,
    Muxing,
    Validating,
    Completed,
    Failed,
    Cancelled,
}

/// <summary>Failures of one thing so far, and when it may be tried again.</summary>
public sealed record Tries(
    int Failures = 0,
    DateTimeOffset NotBefore = default,
    DateTimeOffset? WaitingSince = null,
    string? LastReason = null
)
{
    public static readonly Tries None = new();
}

/// <summary>One segment of one rendition.</summary>
/// <param name="Tier">Number of the tier to try next; 0 where the rate is not decided by VMAF.</param>
/// <param name="Known">Measured by earlier tiers.</param>
/// <param name="Alone">Must run with nothing else on its node.</param>
/// <param name="Avoid">Nodes on which it failed.</param>
/// <param name="LostOn">Nodes that were lost with it.</param>
/// <param name="Ended">Attempts whose failure, loss or miss is recorded; hearing of them again changes nothing.</param>
/// <param name="Done">Null until a result was accepted.</param>
/// <param name="SpentProbes">Of the tiers that were missed.</param>
/// <param name="Spent">CPU seconds of missed tiers (all of them search) and of failed attempts.</param>
public sealed record SegmentState(
    int Tier,
    ImmutableArray<MeasuredPoint> Known,
    Tries Tries,
    int Losses,
    bool Alone,
    ImmutableArray<string> Avoid,
    ImmutableArray<string> LostOn,
    ImmutableArray<string> Ended,
    int Attempts,
    SegmentDone? Done,
    int SpentProbes,
    AttemptCpu Spent
)
{
    /// <summary>Attempts whose failure was found to be their node's fault.</summary>
    public ImmutableArray<string> Excused { get; init; } = [];

    /// <summary>How often its piece was gone when it was to begin.</summary>
    public int PiecesLost { get; init; }

    /// <summary>SHA-256 of accepted artifacts that turned out lost, damaged, or of no use for the join.</summary>
    public ImmutableArray<string> Invalidated { get; init; } = [];
}

public sealed record SegmentDone(
    string Attempt,
    string Node,
    StoredArtifact Artifact,
    SegmentFigures Figures
);

/// <summary>A muxed and validated file that waits for its name.</summary>
/// <param name="Sha256">Of the whole file.</param>
/// <param name="VideoSha256">Of the joined frame payloads.</param>
public sealed record Delivering(
    string Temporary,
    string Destination,
    string Sha256,
    long SizeBytes,
    string VideoSha256,
    int Frames,
    TaskCpu Cpu,
    IReadOnlyList<string> Warnings
);

/// <param name="Segments">None where the rendition is skipped.</param>
/// <param name="Skipped">Why the plan leaves the rendition out; null where it is made.</param>
public sealed record RenditionState(
    EncodeSettings Settings,
    ImmutableArray<SegmentState> Segments,
    Tries Mux,
    Tries Deliver,
    Delivering? Delivering,
    bool Delivered,
    Failure? Failure,
    string? Skipped = null
)
{
    public bool Finished => Delivered || Failure is not null || Skipped is not null;
    public bool AllEncoded => Segments.All(segment => segment.Done is not null);
}

public sealed record AudioState(EncodedAudio? Done, Tries Tries);

public sealed record PieceState(StoredArtifact Artifact, SourceRange Range);

/// <summary>All that is known of one job: the fold of its events.</summary>
public sealed record VideoState
{
    public static readonly VideoState Empty = new();

    public JobSpec? Spec { get; init; }
    public string Fingerprint { get; init; } = "";
    public int Priority { get; init; }
    public SourceAnalysis? Analysis { get; init; }
    public SegmentPlan? Plan { get; init; }

    /// <summary>By segment index: how its frames are read from the source.</summary>
    public IReadOnlyList<SourceRange> Ranges { get; init; } = [];
    public ImmutableArray<RenditionState> Renditions { get; init; } = [];

    /// <summary>Audio by variant and track.</summary>
    public ImmutableArray<ImmutableArray<AudioState>> Audio { get; init; } = [];

    /// <summary>By segment index; null where no piece has been cut.</summary>
    public ImmutableArray<PieceState?> Pieces { get; init; } = [];
    public Tries PlanTries { get; init; } = Tries.None;
    public Tries PieceTries { get; init; } = Tries.None;

    /// <summary>Of the cleaning up; null where that has not failed.</summary>
    public Tries? CleanTries { get; init; }
    public bool Paused { get; init; }
    public bool PausedNow { get; init; }
    public bool Cancelled { get; init; }
    public bool Cleaned { get; init; }
    public Failure? Failure { get; init; }
    public double CutCpu { get; init; }

    /// <summary>On tasks that failed; null where none has.</summary>
    public SpentCpu? Spent { get; init; }
    public DateTimeOffset SubmittedAt { get; init; }
    public DateTimeOffset LastEventAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Wall seconds in which segments were being encoded; the time when no farm ran is not in it.</summary>
    public double EncodingSeconds { get; init; }

    public bool Finished =>
        Cancelled
        || Failure is not null
        || (!Renditions.IsEmpty && Renditions.All(rendition => rendition.Finished));

    /// <summary>Finished, with nothing left to clean up: a failed job keeps its work, for it may be tried again.</summary>
    public bool Over => Finished && (Cleaned || State == JobState.Failed);

    public JobState State =>
        this switch
        {
            { Cancelled: true } => JobState.Cancelled,
            { Failure: not null } => JobState.Failed,
            { Spec: null } => JobState.Submitted,
            { Plan: null } => JobState.Analyzing,
            { Finished: true } => Renditions.All(r => r.Failure is null)
                ? JobState.Completed
                : JobState.Failed,
            { NeedsPieces: true } when Pieces.All(piece => piece is null) => JobState.Segmenting,
            _ when Renditions.Any(r => !r.Finished && !r.AllEncoded) => JobState.Encoding,
            _ when Renditions.Any(r => !r.Finished && r.Delivering is not null) =>
                JobState.Validating,
            _ => JobState.Muxing,
        };

    public bool NeedsPieces => Spec?.Options.Pieces ?? false;

    public SegmentState Segment(SegmentId id) => Renditions[id.Rendition].Segments[id.Index];

    /// <summary>True where the id is one of the plan's; results of another plan carry ids that need not be.</summary>
    public bool Has(SegmentId id) =>
        id.Rendition >= 0
        && id.Rendition < Renditions.Length
        && id.Index >= 0
        && id.Index < Renditions[id.Rendition].Segments.Length;
}
