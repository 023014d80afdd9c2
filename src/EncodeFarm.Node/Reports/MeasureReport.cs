namespace EncodeFarm.Node.Reports;

/// <summary>What <c>vmaf</c> found.</summary>
/// <param name="Frames">Of each file.</param>
/// <param name="Subsample">Every n-th frame was scored.</param>
public sealed record MeasureReport(
    string Reference,
    string Distorted,
    int Frames,
    int Subsample,
    VmafReport Vmaf,
    double? CpuSeconds,
    double WallSeconds
);
