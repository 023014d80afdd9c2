using System.Text.Json;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Measure;

/// <summary>The scores of the frames that were scored, in order; PSNR and SSIM of luma where they were asked for.</summary>
public sealed record FrameScores(
    IReadOnlyList<double> Vmaf,
    IReadOnlyList<double>? Psnr,
    IReadOnlyList<double>? Ssim
);

/// <summary>Reads libvmaf's JSON log.</summary>
public static class VmafLog
{
    /// <exception cref="FarmException">The log is not complete JSON, or has no scores.</exception>
    public static FrameScores Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var metrics = document
                .RootElement.GetProperty("frames")
                .EnumerateArray()
                .Select(frame => frame.GetProperty("metrics"))
                .ToList();
            return new FrameScores(
                Read(metrics, "vmaf") ?? throw new KeyNotFoundException("vmaf"),
                Read(metrics, "psnr_y"),
                Read(metrics, "float_ssim")
            );
        }
        catch (Exception e)
            when (e
                    is JsonException
                        or KeyNotFoundException
                        or InvalidOperationException
                        or FormatException
            )
        {
            throw new FarmException(
                FarmError.ToolFailed,
                $"The VMAF log can't be read ({e.Message}).",
                inner: e
            );
        }
    }

    private static List<double>? Read(List<JsonElement> metrics, string name)
    {
        if (metrics.Count == 0 || !metrics[0].TryGetProperty(name, out _))
        {
            return null;
        }
        return metrics.ConvertAll(frame => frame.GetProperty(name).GetDouble());
    }
}

/// <summary>What is reported of a sequence's scores.</summary>
public static class ScoreStatistics
{
    /// <summary>
    /// libvmaf's harmonic mean, n / Σ 1/(x+1) − 1 (the 1 keeps scores of 0 finite), and nearest-rank percentiles, computed here because
    /// libvmaf's own pooling has no percentiles.
    /// </summary>
    public static QualityScores Of(FrameScores frames, string model)
    {
        var sorted = frames.Vmaf.Order().ToList();
        return new QualityScores(
            model,
            Mean: sorted.Average(),
            HarmonicMean: sorted.Count / sorted.Sum(score => 1 / (score + 1)) - 1,
            Min: sorted[0],
            P1: Percentile(sorted, 1),
            P5: Percentile(sorted, 5),
            Psnr: frames.Psnr?.Average(),
            Ssim: frames.Ssim?.Average(),
            Frames: [.. frames.Vmaf.Select(score => Math.Round(score, 2))]
        );
    }

    /// <summary>Nearest rank.</summary>
    /// <param name="sorted">Ascending, not empty.</param>
    public static double Percentile(IReadOnlyList<double> sorted, double percent) =>
        sorted[Math.Max((int)Math.Ceiling(percent / 100 * sorted.Count) - 1, 0)];
}
