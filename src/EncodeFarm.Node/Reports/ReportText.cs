using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Reports;

/// <summary>The report for people.</summary>
public static class ReportText
{
    /// <summary>Errors of jobs are not in it: they go where errors go.</summary>
    public static IEnumerable<string> Lines(EncodeReport report)
    {
        if (report.Jobs.All(job => job.Analysis is null))
        {
            yield break;
        }
        foreach (var job in report.Jobs)
        {
            foreach (var line in Job(job))
            {
                yield return line;
            }
            yield return "";
        }
        if (report.Jobs.Count > 1)
        {
            yield return Batch(report);
        }
        yield return $"Time {Words.Time(Seconds(report.WallSeconds))}, CPU {Cpu(report.CpuSeconds)}";
    }

    private static IEnumerable<string> Job(JobReport job)
    {
        var mark = job.State switch
        {
            "Completed" => "✓",
            "Failed" or "Cancelled" => "✗",
            _ => "…",
        };
        yield return $"{mark} {Words.Name(job.Source)}: {job.State.ToLowerInvariant()}";
        if (job.Analysis is { } analysis)
        {
            yield return "  " + Source(analysis, job.SourceBytes);
        }
        if (job.Unchunked is not null)
        {
            yield return $"  in one piece: {job.Unchunked}";
        }
        foreach (var rendition in job.Renditions)
        {
            foreach (var line in Rendition(rendition, job))
            {
                yield return line.Length == 0 ? line : "  " + line;
            }
        }
        foreach (var warning in job.Warnings)
        {
            yield return $"  ⚠ {warning}";
        }
    }

    private static string Source(AnalysisReport analysis, long? bytes)
    {
        var parts = new List<string>
        {
            $"{analysis.Width}x{analysis.Height}",
            $"{analysis.Frames} frames",
            analysis.VariableFrameRate
                ? $"variable, about {Words.Rate(analysis.FrameRate)} fps"
                : $"{Words.Rate(analysis.FrameRate)} fps",
            Words.Time(TimeSpan.FromSeconds(analysis.DurationSeconds)),
            Words.Bytes(bytes),
        };
        if (analysis.Hdr != "none")
        {
            parts.Add($"HDR ({analysis.Hdr})");
        }
        if (analysis.DolbyVision is not null)
        {
            parts.Add($"Dolby Vision {analysis.DolbyVision}");
        }
        if (analysis.Interlaced)
        {
            parts.Add("deinterlaced");
        }
        if (analysis.Crop is not null)
        {
            parts.Add($"cropped to {analysis.Crop}");
        }
        return $"source  {string.Join(", ", parts)}";
    }

    private static IEnumerable<string> Rendition(RenditionReport rendition, JobReport job)
    {
        yield return "";
        if (rendition.Skipped is not null)
        {
            yield return $"{rendition.Name} (skipped: {rendition.Skipped})";
            yield break;
        }
        yield return $"{rendition.Name} → {Words.Name(rendition.Path)} ({rendition.State.ToLowerInvariant()})";
        if (rendition.Error is not null)
        {
            yield return $"  ✗ {rendition.Error}";
        }
        foreach (var line in SegmentTable(rendition.Segments))
        {
            yield return line;
        }
        foreach (var line in Totals(rendition, job))
        {
            yield return $"  {line}";
        }
    }

    private static IEnumerable<string> SegmentTable(IReadOnlyList<SegmentReport> segments)
    {
        if (segments.Count == 0)
        {
            return [];
        }
        var asked = segments.Any(segment => segment.Vmaf?.Psnr is not null);
        var table = new TextTable([
            ">seg",
            ">start",
            ">frames",
            ">CRF",
            "tier",
            ">probes",
            ">VMAF",
            ">harmonic",
            ">min",
            .. asked ? [">PSNR", ">SSIM"] : Array.Empty<string>(),
            ">size",
            "node",
            ">attempts",
        ]);
        foreach (var segment in segments)
        {
            table.Add([
                Words.Number(segment.Index, 0),
                Words.Number(segment.StartFrame, 0),
                Words.Number(segment.Frames, 0),
                segment.Crf is { } crf
                    ? Words.Number(crf, crf == Math.Floor(crf) ? 0 : 2)
                    : Words.Unknown,
                Tier(segment),
                Words.Number(segment.Probes, 0),
                Words.Number(segment.Vmaf?.Mean, 2),
                Words.Number(segment.Vmaf?.HarmonicMean, 2),
                Words.Number(segment.Vmaf?.Min, 2),
                .. asked
                    ? [Words.Number(segment.Vmaf?.Psnr, 2), Words.Number(segment.Vmaf?.Ssim, 4)]
                    : Array.Empty<string>(),
                Words.Bytes(segment.SizeBytes),
                segment.Node ?? Words.Unknown,
                Words.Number(segment.Attempts, 0),
            ]);
        }
        return table.Lines("  ");
    }

    private static string Tier(SegmentReport segment) =>
        segment.Tier switch
        {
            null => Words.Unknown,
            4 => "best effort",
            _ => Words.Number(segment.Tier, 0) + (segment.BelowTarget ? " below" : ""),
        };

    private static IEnumerable<string> Totals(RenditionReport rendition, JobReport job)
    {
        var size = $"size    {Words.Bytes(job.SourceBytes)} → {Words.Bytes(rendition.SizeBytes)}";
        if (job.SourceBytes is > 0 and { } before && rendition.SizeBytes is { } after)
        {
            var change = ((double)after / before - 1) * 100;
            size +=
                $" ({Words.Number(Math.Abs(change), 1)} % {(change > 0 ? "larger" : "smaller")})";
        }
        yield return size;

        var framesIn = job.Analysis?.Frames;
        var equal = framesIn is not null && rendition.Frames == framesIn ? ", all there" : "";
        yield return $"frames  {Words.Number(framesIn, 0)} in, {Words.Number(rendition.Frames, 0)} out{equal}";

        var fps = rendition is { Frames: { } frames, EncodeSeconds: > 0 and { } seconds }
            ? frames / seconds
            : (double?)null;
        yield return $"speed   {Words.Number(fps, 1)} fps, encoded in {Words.Time(Seconds(rendition.EncodeSeconds))}";
        if (rendition.Vmaf is { } vmaf)
        {
            yield return $"VMAF    mean {Words.Number(vmaf.Mean, 2)}, harmonic {Words.Number(vmaf.HarmonicMean, 2)}, min {Words.Number(vmaf.Min, 2)}, p1 {Words.Number(vmaf.P1, 2)}, p5 {Words.Number(vmaf.P5, 2)}";
            if (vmaf.Psnr is not null)
            {
                yield return $"PSNR    {Words.Number(vmaf.Psnr, 2)} dB, SSIM {Words.Number(vmaf.Ssim, 4)}";
            }
        }
        var tiers = rendition
            .Segments.Where(segment => segment.Tier is not null)
            .GroupBy(segment => segment.Tier!.Value)
            .OrderBy(group => group.Key)
            .Select(group =>
                $"{(group.Key == 4 ? "best effort" : $"tier {group.Key}")}: {Words.Count(group.Count(), "segment")}"
            )
            .ToList();
        if (tiers.Count > 0)
        {
            yield return $"tiers   {string.Join(", ", tiers)}";
        }
        var attempts = rendition.Segments.Sum(segment => Math.Max(0, segment.Attempts - 1));
        yield return $"repeats {Words.Number(attempts, 0)}; {Shares(rendition.Segments)}";
    }

    private static string Shares(IReadOnlyList<SegmentReport> segments)
    {
        var frames = Math.Max(
            1,
            segments.Where(segment => segment.Node is not null).Sum(segment => segment.Frames)
        );
        var shares = segments
            .Where(segment => segment.Node is not null)
            .GroupBy(segment => segment.Node!)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(node =>
                $"{node.Key} {Words.Number(100.0 * node.Sum(segment => segment.Frames) / frames, 0)} %"
            );
        return $"nodes: {string.Join(", ", shares.DefaultIfEmpty(Words.Unknown))}";
    }

    private static string Batch(EncodeReport report)
    {
        var completed = report.Jobs.Count(job => job.State == "Completed");
        var before = report.Jobs.Sum(job => job.SourceBytes);
        var after = report
            .Jobs.SelectMany(job => job.Renditions)
            .Sum(rendition => rendition.SizeBytes);
        return $"{completed} of {Words.Count(report.Jobs.Count, "job")} completed, {Words.Bytes(before)} → {Words.Bytes(after)}";
    }

    private static string Cpu(CpuReport cpu)
    {
        (string Name, double? Seconds)[] kinds =
        [
            ("cut", cpu.Cut),
            ("search", cpu.Search),
            ("encode", cpu.Encode),
            ("measure", cpu.Measure),
            ("audio", cpu.Audio),
            ("mux", cpu.Mux),
            ("validate", cpu.Validate),
        ];
        var parts = kinds
            .Where(kind => kind.Seconds is not null)
            .Select(kind => $"{kind.Name} {Words.Number(kind.Seconds, 1)}");
        return $"{Words.Number(cpu.Total, 1)} s ({string.Join(", ", parts.DefaultIfEmpty(Words.Unknown))})";
    }

    private static TimeSpan? Seconds(double? seconds) =>
        seconds is { } known ? TimeSpan.FromSeconds(known) : null;
}
