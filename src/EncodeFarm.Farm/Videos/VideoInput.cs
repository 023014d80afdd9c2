using System.Text.Json.Serialization;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Farm.Videos;

/// <summary>What can reach a video: commands of people, reports of its tasks, results of its attempts.</summary>
public abstract record VideoInput;

public sealed record Submit(JobSpec Spec, string Fingerprint) : VideoInput;

/// <summary>A coordinator takes the video up after its journal was read.</summary>
public sealed record Open : VideoInput;

public sealed record Pause(bool Now) : VideoInput;

public sealed record Resume : VideoInput;

public sealed record Cancel : VideoInput;

/// <summary>New tries for what failed.</summary>
public sealed record Retry : VideoInput;

public sealed record ChangePriority(int Priority) : VideoInput;

public sealed record PlanMade(
    SourceAnalysis Analysis,
    SegmentPlan Plan,
    IReadOnlyList<SourceRange> Ranges,
    IReadOnlyList<EncodeSettings> Settings,
    double? CpuSeconds,
    IReadOnlyList<string?>? Skipped = null
) : VideoInput;

public sealed record PieceMade(int Segment, StoredArtifact Artifact, SourceRange Range, double? Cpu)
    : VideoInput;

public sealed record AudioMade(int Variant, int Track, EncodedAudio Audio) : VideoInput;

/// <summary>The rendition is muxed and validated.</summary>
public sealed record MuxMade(int Rendition, Delivering File) : VideoInput;

public sealed record DeliveryMade(int Rendition) : VideoInput;

/// <summary>The muxed file is gone and the destination does not hold it.</summary>
public sealed record MuxedFileGone(int Rendition, string Reason) : VideoInput;

/// <summary>A task of the coordinator failed.</summary>
/// <param name="Damaged">Segments whose artifacts were found missing or altered.</param>
public sealed record TaskBroke(TaskId Task, Failure Failure, IReadOnlyList<int> Damaged)
    : VideoInput
{
    /// <summary>Null where it is not known.</summary>
    public SpentCpu? Spent { get; init; }
}

public sealed record WorkSwept : VideoInput;

/// <summary>What an attempt came to. It names what it is a result of; who sent it does not matter.</summary>
public sealed record AttemptResult(
    string Attempt,
    string Video,
    string PlanHash,
    SegmentId Segment,
    int Tier,
    string Node,
    AttemptOutcome Outcome
) : VideoInput;

[JsonPolymorphic(TypeDiscriminatorPropertyName = "outcome")]
[JsonDerivedType(typeof(Encoded), "encoded")]
[JsonDerivedType(typeof(Missed), "missed")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record AttemptOutcome
{
    public sealed record Encoded(StoredArtifact Artifact, SegmentFigures Figures) : AttemptOutcome;

    public sealed record Missed(
        string Reason,
        IReadOnlyList<MeasuredPoint> Points,
        int Probes,
        AttemptCpu Cpu
    ) : AttemptOutcome;

    public sealed record Failed(FailureKind Kind, string Reason) : AttemptOutcome
    {
        /// <summary>Null where it is not known.</summary>
        public AttemptCpu? Cpu { get; init; }

        /// <summary>Name of the piece that the store no longer has, or no longer as it was; null where that is not the reason.</summary>
        public string? LostPiece { get; init; }
    }
}

/// <summary>The dispatcher has lost the lease of an attempt.</summary>
/// <param name="Returned">Its node handed it back in order: that is no loss that counts.</param>
public sealed record AttemptGone(
    SegmentId Segment,
    string Attempt,
    string Node,
    string Reason,
    bool Returned = false
) : VideoInput;

/// <summary>A failure turned out to be its node's fault: the node fails everything.</summary>
public sealed record FailureForgiven(SegmentId Segment, string Attempt, string Node) : VideoInput;
