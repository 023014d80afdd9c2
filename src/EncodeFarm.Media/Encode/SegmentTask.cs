using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Encode;

/// <summary>
/// Where the frames of a segment come from: the source itself, or a copied piece of it. Both give equal frames.
/// </summary>
/// <param name="Path">The file to open.</param>
/// <param name="Size">Its expected length in bytes; another length means another file.</param>
/// <param name="SeekSeconds">Where to seek before decoding (with a margin before the first frame), relative to the container's start; null decodes from the start.</param>
/// <param name="FirstPts">Timestamp of the first frame wanted, in <paramref name="TimeBase"/>.</param>
/// <param name="Frames">Number of frames wanted from there.</param>
/// <param name="EndPts">Timestamp of the first frame that is no longer wanted, so that none of them can stand in for one that is lost; null at the end.</param>
public sealed record SourceRange(
    string Path,
    long Size,
    int StreamIndex,
    Rational TimeBase,
    double? SeekSeconds,
    int StartFrame,
    long FirstPts,
    int Frames,
    double DurationSeconds,
    long? EndPts = null
)
{
    /// <summary>Its last write time; null for a copied piece, which has one of its own on every node.</summary>
    public DateTimeOffset? ModifiedUtc { get; init; }

    /// <summary>What is decoded and dropped before the first frame, from a keyframe on: as long as this nothing comes out.</summary>
    public double PreRollSeconds { get; init; }
}

/// <summary>
/// Everything that decides the encoded bits of a rendition, resolved from profile and analysis: equal settings,
/// frames and tools give equal bytes.
/// </summary>
/// <param name="Filters">Filter chain between decoder and encoder (crop, deinterlace, rotate, scale), without the pixel format; may be empty.</param>
/// <param name="Width">Picture after the filters.</param>
/// <param name="Height">Picture after the filters.</param>
public sealed record EncodeSettings(
    VideoSettings Video,
    string Filters,
    int Width,
    int Height,
    Rational FrameRate,
    bool VariableFrameRate,
    ColorTags Color,
    Hdr Hdr,
    MasteringDisplay? Mastering,
    ContentLight? Light
)
{
    /// <summary>Width of a pixel by its height, as all segments state it; null leaves it to their first pictures.</summary>
    public Rational? SampleAspect { get; init; }
}

/// <summary>One try at a target: how high, and judged from how many samples of what length.</summary>
/// <param name="Number">1, 2, 3; 4 is best effort.</param>
/// <param name="Target">VMAF, harmonic mean.</param>
/// <param name="Samples">Samples a probe takes from a segment that is longer than 6 s.</param>
/// <param name="SampleSeconds">Length of each.</param>
public sealed record QualityTier(int Number, double Target, int Samples, double SampleSeconds)
{
    public const int BestEffort = 4;
}

/// <summary>What was measured at one CRF. Later tiers and corrective encodes start from these.</summary>
/// <param name="Whole">True where the whole segment was encoded with the final settings; false for samples.</param>
/// <param name="SampleKey">Which samples ("3x1", "6x2", "whole"); points of different keys are not the same curve.</param>
public sealed record MeasuredPoint(
    double Crf,
    double Vmaf,
    long SizeBytes,
    bool Whole,
    string SampleKey
);

/// <summary>One attempt at one segment of one rendition.</summary>
/// <param name="Tier">Null where the rate is not decided by VMAF.</param>
/// <param name="Known">Points that earlier tiers of this segment have measured.</param>
public sealed record SegmentTask(
    SourceRange Source,
    EncodeSettings Settings,
    QualityTier? Tier,
    IReadOnlyList<MeasuredPoint> Known
);

/// <summary>Scores of a picture sequence: VMAF 0..100.</summary>
/// <param name="Frames">Of each frame that was measured, to 0.01: percentiles of several segments need them.</param>
public sealed record QualityScores(
    string Model,
    double Mean,
    double HarmonicMean,
    double Min,
    double P1,
    double P5,
    double? Psnr,
    double? Ssim,
    IReadOnlyList<double>? Frames = null
);

/// <summary>User plus system seconds of the external processes of an attempt; null where not known.</summary>
public sealed record AttemptCpu(double? Search, double? Encode, double? Measure)
{
    public static readonly AttemptCpu None = new(null, null, null);

    public double? Total => Sum(Sum(Search, Encode), Measure);

    public static AttemptCpu operator +(AttemptCpu a, AttemptCpu b) =>
        new(Sum(a.Search, b.Search), Sum(a.Encode, b.Encode), Sum(a.Measure, b.Measure));

    private static double? Sum(double? a, double? b) => a is null ? b : a + (b ?? 0);
}

/// <summary>What an attempt found; the file lies where the caller asked for it.</summary>
public abstract record SegmentOutcome
{
    private SegmentOutcome() { }

    /// <param name="Path">The finished elementary stream: IVF (AV1, VP9) or Annex B (H.264, H.265).</param>
    /// <param name="Sha256">Lower-case hex of the file.</param>
    /// <param name="Probes">CRFs tried in this attempt.</param>
    /// <param name="HardwareFailure">Why the source was decoded in software although the node has a hardware decoder; null where it was not.</param>
    public sealed record Encoded(
        string Path,
        long SizeBytes,
        string Sha256,
        int Frames,
        double? Crf,
        int? Tier,
        bool BelowTarget,
        QualityScores? Scores,
        int Probes,
        IReadOnlyList<MeasuredPoint> Points,
        AttemptCpu Cpu,
        double EncodeSeconds,
        string? HardwareFailure = null
    ) : SegmentOutcome;

    /// <summary>The tier's target can't be reached, or the finished segment missed it: the next tier's turn.</summary>
    public sealed record QualityMissed(
        int Tier,
        string Reason,
        IReadOnlyList<MeasuredPoint> Points,
        int Probes,
        AttemptCpu Cpu
    ) : SegmentOutcome;
}

/// <summary>How far an attempt is.</summary>
/// <param name="Phase">"probe 2, CRF 34", "encode", "measure": for people.</param>
/// <param name="Fraction">0..1 of the whole attempt, as far as can be told.</param>
/// <param name="Fps">Source frames a second in this phase.</param>
public sealed record AttemptProgress(string Phase, double Fraction, double? Fps);
