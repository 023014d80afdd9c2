using System.Text.Json.Serialization;

namespace EncodeFarm.Node.Reports;

/// <summary>
/// What became of the jobs of one <c>encode</c>. The names are those of the JSON that scripts rely on; null means that
/// a figure is not known. CPU seconds are user plus system time of external programs.
/// </summary>
public sealed record EncodeReport(
    IReadOnlyList<JobReport> Jobs,
    CpuReport CpuSeconds,
    double? WallSeconds
)
{
    /// <summary>Of an <c>encode</c> that could not begin: nothing is known but why.</summary>
    public static EncodeReport Refused(
        IEnumerable<string> sources,
        string error,
        string? errorKind
    ) =>
        new(
            [
                .. sources.Select(source => new JobReport(
                    null,
                    source,
                    "Failed",
                    error,
                    errorKind,
                    null,
                    null,
                    [],
                    []
                )),
            ],
            CpuReport.Unknown,
            null
        );

    /// <summary>Several reports as one; the longest time counts, for the jobs ran side by side.</summary>
    public static EncodeReport Together(IReadOnlyList<EncodeReport> reports) =>
        reports.Count == 1
            ? reports[0]
            : new EncodeReport(
                [.. reports.SelectMany(report => report.Jobs)],
                new CpuReport(
                    Total(reports, cpu => cpu.Cut),
                    Total(reports, cpu => cpu.Search),
                    Total(reports, cpu => cpu.Encode),
                    Total(reports, cpu => cpu.Measure),
                    Total(reports, cpu => cpu.Audio),
                    Total(reports, cpu => cpu.Mux),
                    Total(reports, cpu => cpu.Validate)
                ),
                reports.Max(report => report.WallSeconds)
            );

    private static double? Total(IReadOnlyList<EncodeReport> reports, Func<CpuReport, double?> part)
    {
        var known = reports.Select(report => part(report.CpuSeconds)).OfType<double>().ToList();
        return known.Count == 0 ? null : Math.Round(known.Sum(), 3);
    }
}

/// <param name="Id">Null where it never became a job.</param>
/// <param name="State">Completed, Failed or Cancelled; any other state of a job where it was interrupted.</param>
/// <param name="Error">A sentence, or null.</param>
/// <param name="ErrorKind">BadInput, BadOutput, …: what decides the exit code; null where there is no error.</param>
/// <param name="SourceBytes">Size of the source.</param>
/// <param name="Unchunked">Why the source was encoded in one piece; null where it was cut into segments.</param>
public sealed record JobReport(
    string? Id,
    string Source,
    string State,
    string? Error,
    string? ErrorKind,
    long? SourceBytes,
    AnalysisReport? Analysis,
    IReadOnlyList<RenditionReport> Renditions,
    IReadOnlyList<string> Warnings,
    string? Unchunked = null
);

/// <param name="FrameRate">"24000/1001".</param>
/// <param name="Hdr">none, pq or hlg.</param>
/// <param name="DolbyVision">"profile 8.1", or null.</param>
/// <param name="Crop">"w:h:x:y" of what remains, or null.</param>
public sealed record AnalysisReport(
    int Frames,
    int Width,
    int Height,
    string FrameRate,
    bool VariableFrameRate,
    double DurationSeconds,
    string Hdr,
    string? DolbyVision,
    string? Crop,
    bool Interlaced
);

/// <param name="State">Delivered, Failed, Skipped, or where it is.</param>
/// <param name="VideoSha256">Of the joined frame payloads.</param>
/// <param name="EncodeSeconds">Wall seconds of the encoding phase.</param>
/// <param name="Skipped">Why it was not made; null where it was.</param>
public sealed record RenditionReport(
    string Name,
    string Path,
    string State,
    string? VideoSha256,
    int? Frames,
    long? SizeBytes,
    double? EncodeSeconds,
    string? Error,
    VmafReport? Vmaf,
    IReadOnlyList<SegmentReport> Segments,
    string? Skipped = null
);

/// <summary>VMAF 0..100 over all scored frames; p1 and p5 are the scores that 1 % and 5 % of the frames stay below.</summary>
/// <param name="Psnr">Mean of the luma's, dB; null where it was not asked for (encoding.psnr_ssim).</param>
/// <param name="Ssim">Mean of the luma's, 0..1; null likewise.</param>
public sealed record VmafReport(
    double? Mean,
    double? HarmonicMean,
    double? Min,
    double? P1,
    double? P5,
    string? Model,
    double? Psnr = null,
    double? Ssim = null
);

/// <param name="Tier">1..3, 4 for best effort; null where the rate is not decided by VMAF.</param>
/// <param name="Attempts">1 where the first attempt served.</param>
public sealed record SegmentReport(
    int Index,
    int StartFrame,
    int Frames,
    double? Crf,
    int? Tier,
    int Attempts,
    string? Node,
    int? Probes,
    SegmentVmafReport? Vmaf,
    long? SizeBytes,
    double? SearchCpuSeconds,
    double? EncodeCpuSeconds,
    double? MeasureCpuSeconds,
    bool BelowTarget
);

/// <inheritdoc cref="VmafReport"/>
public sealed record SegmentVmafReport(
    double Mean,
    double HarmonicMean,
    double Min,
    double? Psnr = null,
    double? Ssim = null
);

/// <param name="Cut">Analysis, remux and pieces.</param>
public sealed record CpuReport(
    double? Cut,
    double? Search,
    double? Encode,
    double? Measure,
    double? Audio,
    double? Mux,
    double? Validate
)
{
    public static readonly CpuReport Unknown = new(null, null, null, null, null, null, null);

    [JsonIgnore]
    public double? Total
    {
        get
        {
            double?[] known = [Cut, Search, Encode, Measure, Audio, Mux, Validate];
            return known.Any(seconds => seconds is not null) ? known.Sum() : null;
        }
    }
}
