namespace EncodeFarm.Node.Reports;

/// <summary>What <c>plan</c> prints: what a source is, and what would be done with it.</summary>
/// <param name="CropConfidence">0..1: the share of the samples that agree.</param>
/// <param name="CropReason">Why it was taken or left.</param>
/// <param name="Unchunked">Why the source is encoded in one piece; null where it is cut into segments.</param>
public sealed record PlanReport(
    string Source,
    long SourceBytes,
    string Container,
    AnalysisReport Analysis,
    double CropConfidence,
    string CropReason,
    IReadOnlyList<StreamReport> Streams,
    int Chapters,
    string Profile,
    IReadOnlyList<PlannedRendition> Renditions,
    IReadOnlyList<PlannedSegmentReport> Segments,
    IReadOnlyList<string> Warnings,
    string? Unchunked
);

/// <param name="Kind">video, audio, subtitle or attachment.</param>
/// <param name="Detail">What is special: "1920x1080, yuv420p10le", "5.1, 48000 Hz".</param>
public sealed record StreamReport(
    int Index,
    string Kind,
    string? Codec,
    string? Language,
    string? Title,
    string Detail
);

/// <param name="Width">Of the encoded picture, pixels.</param>
/// <param name="Height">Of the encoded picture, pixels.</param>
/// <param name="Settings">Key and value of what decides the encode.</param>
/// <param name="Skipped">Why it is not made; null where it is.</param>
public sealed record PlannedRendition(
    string Name,
    string Destination,
    int Width,
    int Height,
    IReadOnlyDictionary<string, string> Settings,
    string? Skipped
);

public sealed record PlannedSegmentReport(
    int Index,
    int StartFrame,
    int Frames,
    double StartSeconds,
    double DurationSeconds
);
