using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Measure;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Embedded;

/// <summary>Reads the report off the final states of the jobs.</summary>
public static class ReportBuilder
{
    public static EncodeReport Build(
        IReadOnlyList<(JobSpec Spec, VideoState State)> jobs,
        TimeSpan wall
    )
    {
        var states = jobs.Select(job => job.State).ToList();
        return new EncodeReport(
            [.. jobs.Select(job => Job(job.Spec, job.State))],
            Cpu(states),
            Round(wall.TotalSeconds)
        );
    }

    private static JobReport Job(JobSpec spec, VideoState state)
    {
        var failure = FailureOf(state);
        return new JobReport(
            spec.Id,
            spec.Source.Path,
            state.State.ToString(),
            failure?.Message,
            failure is null ? null : ErrorOf(failure.Kind).ToString(),
            spec.Source.Size,
            state.Analysis is null ? null : AnalysisReports.Of(state.Analysis),
            [.. state.Renditions.Select((_, index) => Rendition(spec, state, index))],
            [.. Warnings(state)],
            state.Plan?.Unchunked
        );
    }

    /// <summary>Of the job, or else of the first rendition that failed.</summary>
    internal static Failure? FailureOf(VideoState state) =>
        state.Failure
        ?? state
            .Renditions.Select(rendition => rendition.Failure)
            .FirstOrDefault(failure => failure is not null);

    internal static FarmError ErrorOf(FailureKind kind) =>
        kind switch
        {
            FailureKind.BadInput => FarmError.BadInput,
            FailureKind.BadOutput => FarmError.BadOutput,
            FailureKind.ToolMissing => FarmError.ToolMissing,
            FailureKind.DiskFull => FarmError.DiskFull,
            FailureKind.Invalid => FarmError.Invalid,
            _ => FarmError.ToolFailed,
        };

    internal static IEnumerable<string> Warnings(VideoState state) =>
        (state.Analysis?.Warnings ?? [])
            .Concat(
                state
                    .Audio.SelectMany(variant => variant)
                    .SelectMany(track => track.Done?.Warnings ?? [])
            )
            .Concat(state.Renditions.SelectMany(rendition => rendition.Delivering?.Warnings ?? []))
            .Concat(HardwareFailures(state))
            .Distinct();

    /// <summary>One for each node and reason.</summary>
    private static IEnumerable<string> HardwareFailures(VideoState state) =>
        state
            .Renditions.SelectMany(rendition => rendition.Segments)
            .Select(segment => segment.Done)
            .Where(done => done?.Figures.HardwareFailure is not null)
            .GroupBy(done => (done!.Node, done.Figures.HardwareFailure))
            .Select(group =>
                $"Hardware decoding failed on {group.Key.Node} for {Words.Count(group.Count(), "segment")}, which were decoded in software: {group.Key.HardwareFailure}"
            );

    private static RenditionReport Rendition(JobSpec spec, VideoState state, int index)
    {
        var rendition = state.Renditions[index];
        var delivering = rendition.Delivering;
        return new RenditionReport(
            spec.Profile.Renditions[index].Name,
            spec.Destinations[index],
            rendition switch
            {
                { Skipped: not null } => "Skipped",
                { Delivered: true } => "Delivered",
                { Failure: not null } => "Failed",
                { AllEncoded: true } => "Encoded",
                _ => "Encoding",
            },
            delivering?.VideoSha256,
            delivering?.Frames,
            delivering?.SizeBytes,
            rendition is { Skipped: null, AllEncoded: true } ? Round(state.EncodingSeconds) : null,
            rendition.Failure?.Message,
            Vmaf(rendition),
            [
                .. rendition.Segments.Select(
                    (segment, number) => Segment(state.Plan!.Segments[number], segment)
                ),
            ],
            rendition.Skipped
        );
    }

    private static SegmentReport Segment(PlannedSegment planned, SegmentState segment)
    {
        var figures = segment.Done?.Figures;
        var scores = figures?.Scores;
        var cpu = CpuOf(segment);
        return new SegmentReport(
            planned.Index,
            planned.StartFrame,
            planned.Frames,
            figures?.Crf,
            figures?.Tier,
            segment.Attempts,
            segment.Done?.Node,
            figures is null ? null : figures.Probes + segment.SpentProbes,
            scores is null
                ? null
                : new SegmentVmafReport(
                    Round(scores.Mean, 4),
                    Round(scores.HarmonicMean, 4),
                    Round(scores.Min, 4),
                    Round(scores.Psnr, 4),
                    Round(scores.Ssim, 4)
                ),
            segment.Done?.Artifact.Length,
            Round(cpu.Search),
            Round(cpu.Encode),
            Round(cpu.Measure),
            figures?.BelowTarget ?? false
        );
    }

    /// <summary>
    /// Scores of the whole from those of the segments, each weighted by its frames; percentiles from all frames' scores.
    /// </summary>
    private static VmafReport? Vmaf(RenditionState rendition)
    {
        var parts = rendition.Segments.Select(segment => segment.Done?.Figures).ToList();
        if (parts.Count == 0 || parts.Exists(figures => figures?.Scores is null))
        {
            return null;
        }
        double frames = parts.Sum(figures => figures!.Frames);
        var scores = parts.SelectMany(figures => figures!.Scores!.Frames ?? []).Order().ToList();
        return new VmafReport(
            Mean(score => score.Mean),
            // As libvmaf pools it: the harmonic mean of score + 1, minus 1.
            Round(
                frames / parts.Sum(figures => figures!.Frames / (figures.Scores!.HarmonicMean + 1))
                    - 1,
                4
            ),
            Round(parts.Min(figures => figures!.Scores!.Min), 4),
            scores.Count == 0 ? null : ScoreStatistics.Percentile(scores, 1),
            scores.Count == 0 ? null : ScoreStatistics.Percentile(scores, 5),
            parts[0]!.Scores!.Model,
            Mean(score => score.Psnr),
            Mean(score => score.Ssim)
        );

        // Null where one segment's is not known.
        double? Mean(Func<QualityScores, double?> score) =>
            parts.Aggregate(
                (double?)0,
                (sum, figures) => sum + figures!.Frames * score(figures.Scores!)
            )
                is { } total
                ? Round(total / frames, 4)
                : null;
    }

    private static CpuReport Cpu(IReadOnlyList<VideoState> states)
    {
        var segments = states
            .SelectMany(state => state.Renditions)
            .SelectMany(rendition => rendition.Segments)
            .Select(CpuOf)
            .ToList();
        var audio = states.SelectMany(state => state.Audio).SelectMany(variant => variant);
        var tasks = states
            .SelectMany(state => state.Renditions)
            .Select(rendition => rendition.Delivering?.Cpu)
            .ToList();
        // Tasks that failed have cost something too.
        var spent = states.Select(state => state.Spent ?? SpentCpu.None).ToList();
        return new CpuReport(
            Total([
                .. states.Select(state => state.Plan is null ? (double?)null : state.CutCpu),
                .. spent.Select(cpu => cpu.Cut),
            ]),
            Total(segments.Select(cpu => cpu.Search)),
            Total(segments.Select(cpu => cpu.Encode)),
            Total(segments.Select(cpu => cpu.Measure)),
            Total([
                .. audio.Select(track => track.Done?.CpuSeconds),
                .. spent.Select(cpu => cpu.Audio),
            ]),
            Total([.. tasks.Select(cpu => cpu?.Mux), .. spent.Select(cpu => cpu.Mux)]),
            Total([.. tasks.Select(cpu => cpu?.Validate), .. spent.Select(cpu => cpu.Validate)])
        );
    }

    /// <summary>Null where nothing at all is known.</summary>
    private static double? Total(IEnumerable<double?> parts)
    {
        var known = parts.OfType<double>().ToList();
        return known.Count == 0 ? null : Round(known.Sum());
    }

    /// <summary>All that was spent on it: also on tiers that were missed and attempts that failed.</summary>
    private static AttemptCpu CpuOf(SegmentState segment) =>
        segment.Spent + (segment.Done?.Figures.Cpu ?? AttemptCpu.None);

    private static double? Round(double? value, int digits = 3) =>
        value is { } known ? Round(known, digits) : null;

    private static double Round(double value, int digits = 3) => Math.Round(value, digits);
}
