using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Measure;

/// <param name="Frames">Frames of each side.</param>
/// <param name="CpuSeconds">User plus system time of all processes; null where not known.</param>
public sealed record Measurement(QualityScores Scores, int Frames, double? CpuSeconds);

/// <summary>What to compare an encoded segment, or a probe of it, with.</summary>
/// <param name="Path">The elementary stream.</param>
/// <param name="Frames">Which frames of the range it holds.</param>
/// <param name="Directory">For pipes and log; several measurements at once need several.</param>
public sealed record SegmentMeasure(
    SourceRange Reference,
    EncodeSettings Settings,
    string Path,
    ProbeFrames Frames,
    string Directory,
    EncodeLimits Limits
)
{
    /// <summary>Receives the reference's progress.</summary>
    public Action<FfmpegProgress>? OnProgress { get; init; }

    public bool PsnrAndSsim { get; init; }
}

/// <summary>Measures VMAF with frames paired by number and the counts of both sides checked.</summary>
public sealed partial class VmafMeasurer(ToolSet tools, IToolRunner runner)
{
    private readonly VmafRun _run = new(tools, runner);

    /// <summary>
    /// Compares an encoded segment with the pictures that its encoder saw: the same frames through the same filters.
    /// It decodes the whole stream, so it is also the proof that it can be decoded. Synthesised film grain is left out.
    /// </summary>
    /// <exception cref="ToolFailedException">A process failed.</exception>
    /// <exception cref="FarmException">No VMAF tool, no scores, or other frame counts than planned.</exception>
    public async Task<Measurement> MeasureAsync(
        SegmentMeasure segment,
        CancellationToken cancellation
    )
    {
        var settings = segment.Settings;
        var model = VmafModel.For(settings.Width, settings.Height);
        var request = new VmafRequest(
            new Feed(DecodedFrames.Of(segment.Reference, settings, segment.Frames, segment.Limits)),
            new Feed(EncodedFrames.Of(segment.Path, settings, segment.Limits.Threads)),
            settings.Video.PixelFormat,
            model,
            settings.Video.Quality.Subsample,
            segment.PsnrAndSsim,
            segment.Directory,
            segment.Limits,
            segment.OnProgress
        );
        var result = await _run.RunAsync(request, cancellation);
        var planned = segment.Frames.Count;
        if (result.ReferenceFrames != planned || result.DistortedFrames != planned)
        {
            throw new FarmException(
                FarmError.ToolFailed,
                $"The measurement saw {result.ReferenceFrames} frames of the source and {result.DistortedFrames} encoded ones instead of {planned}."
            );
        }
        CheckScored(result.Scores, planned, settings.Video.Quality.Subsample);
        return new Measurement(
            ScoreStatistics.Of(result.Scores, model),
            planned,
            result.CpuSeconds
        );
    }

    private static void CheckScored(FrameScores scores, int frames, int subsample)
    {
        var expected = (frames + subsample - 1) / subsample;
        if (scores.Vmaf.Count != expected)
        {
            throw new FarmException(
                FarmError.ToolFailed,
                $"The VMAF tool scored {scores.Vmaf.Count} frames instead of {expected}."
            );
        }
    }
}

/// <summary>The arguments that decode an encoded segment, frames counted at its true rate.</summary>
internal static class EncodedFrames
{
    public static IReadOnlyList<string> Of(string path, EncodeSettings settings, int threads) =>
        [
            "-threads",
            threads.ToString(),
            // Grain is synthesised by the decoder and resembles the source's only statistically; VMAF would punish it.
            "-export_side_data",
            "film_grain",
            "-f",
            EncodeCommand.FormatOf(settings.Video.Codec),
            "-i",
            DecodeArguments.FileArgument(path),
            "-map",
            "0:v:0",
            "-vf",
            $"settb={settings.FrameRate.Inverse},setpts=N",
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            $"{settings.FrameRate.Denominator}:{settings.FrameRate.Numerator}",
        ];
}
