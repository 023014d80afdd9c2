namespace EncodeFarm.Node.Reports;

/// <summary>What <c>plan</c> prints: what a source is, and what would be done with it.</summary>
/// <param name="CropConfidence">0..1: the share of the samples that agree.</param>
/// <param name="CropReason">Why it was taken or left.</param>
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
    IReadOnlyList<string> Warnings
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

/// <param name="Settings">Key and value of what decides the encode.</param>
public sealed record PlannedRendition(
    string Name,
    string Destination,
    IReadOnlyDictionary<string, string> Settings
);

public sealed record PlannedSegmentReport(
    int Index,
    int StartFrame,
    int Frames,
    double StartSeconds,
    double DurationSeconds
);
