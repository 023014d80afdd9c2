using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Encode;

/// <summary>
/// Encodes one segment to a checked elementary stream. What comes out is a pure function of the task and the tools.
/// </summary>
public sealed class SegmentEncoder(ToolSet tools, IToolRunner runner)
{
    /// <param name="scratchDirectory">Exists, is empty and is this attempt's own; the result lies in it.</param>
    /// <returns>
    /// The finished segment, or, where the tier has a target that was missed, the verdict that calls for the next tier.
    /// </returns>
    /// <exception cref="ToolFailedException">A process failed, stalled or ran out of time: an environment failure.</exception>
    /// <exception cref="FarmException">The source is another file than planned, or a stream came out wrong.</exception>
    public async Task<SegmentOutcome> EncodeAsync(
        SegmentTask task,
        string scratchDirectory,
        IProgress<AttemptProgress> progress,
        EncodeLimits limits,
        CancellationToken cancellation
    )
    {
        RequireSource(task.Source);
        try
        {
            return await WithFallbackAsync(task, scratchDirectory, progress, limits, cancellation);
        }
        catch (FarmException error) when (error.Error == FarmError.ToolFailed)
        {
            if (
                await new PictureSizes(tools, runner).ChangeAsync(task.Source, cancellation) is
                { } change
            )
            {
                throw change;
            }
            throw;
        }
    }

    private async Task<SegmentOutcome> WithFallbackAsync(
        SegmentTask task,
        string scratchDirectory,
        IProgress<AttemptProgress> progress,
        EncodeLimits limits,
        CancellationToken cancellation
    )
    {
        try
        {
            return await RunAsync(task, scratchDirectory, progress, limits, cancellation);
        }
        catch (Exception error) when (limits.HardwareDecoder is not null && MayBeDecoder(error))
        {
            Empty(scratchDirectory);
            var software = limits with { HardwareDecoder = null };
            var outcome = await RunAsync(task, scratchDirectory, progress, software, cancellation);
            return outcome is SegmentOutcome.Encoded encoded
                ? encoded with
                {
                    HardwareFailure = $"{limits.HardwareDecoder}: {error.Message}",
                }
                : outcome;
        }
    }

    /// <summary>
    /// What a device or its driver can cause. Time and memory are limits of the attempt, and a full disk is none of the
    /// decoder's doing.
    /// </summary>
    private static bool MayBeDecoder(Exception error) =>
        error
            is FarmException { Error: FarmError.ToolFailed }
                or ToolFailedException
                {
                    Kind: ToolFailureKind.ExitCode
                        or ToolFailureKind.Signal
                        or ToolFailureKind.Stalled
                };

    private static void Empty(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            File.Delete(file);
        }
    }

    private async Task<SegmentOutcome> RunAsync(
        SegmentTask task,
        string scratchDirectory,
        IProgress<AttemptProgress> progress,
        EncodeLimits limits,
        CancellationToken cancellation
    )
    {
        var frames = task.Tier is { } tier
            ? ProbeFrames.For(tier, task.Source.Frames, task.Source.DurationSeconds, task.Known)
            : ProbeFrames.Whole(task.Source.Frames);
        var meter = new ProgressMeter(progress, ExpectedFrames(task, frames));
        var work = new SegmentWork(
            tools,
            runner,
            task,
            Path.GetFullPath(scratchDirectory),
            limits.For(task.Source),
            meter
        );
        var outcome = task.Tier is null
            ? await EncodeFixedAsync(task.Settings.Video, work, cancellation)
            : await new TargetQuality(task, task.Tier, work).RunAsync(frames, cancellation);
        RequireSource(task.Source);
        meter.Finish();
        return outcome is SegmentOutcome.Encoded encoded && work.FoundNoDevice
            ? encoded with
            {
                HardwareFailure =
                    $"{limits.HardwareDecoder}: ffmpeg found no device that decodes it",
            }
            : outcome;
    }

    /// <summary>Three probes are usual; after samples the whole segment follows.</summary>
    private static double ExpectedFrames(SegmentTask task, ProbeFrames frames) =>
        task.Tier is null ? frames.Count
        : frames.IsWhole ? 3.0 * frames.Count
        : 3.0 * frames.Count + task.Source.Frames;

    private static async Task<SegmentOutcome> EncodeFixedAsync(
        VideoSettings video,
        SegmentWork work,
        CancellationToken cancellation
    )
    {
        var crf = video.Rate == RateControl.Bitrate ? null : (int?)video.Crf;
        var trial = await work.EncodeCheckedAsync(crf, cancellation);
        return new SegmentOutcome.Encoded(
            trial.Path,
            trial.Stream.SizeBytes,
            trial.Stream.Sha256,
            trial.Frames,
            trial.Crf,
            Tier: null,
            BelowTarget: false,
            Scores: null,
            Probes: 0,
            Points: [],
            new AttemptCpu(0, trial.EncodeCpu, trial.MeasureCpu),
            trial.EncodeWall.TotalSeconds
        );
    }

    private static void RequireSource(SourceRange range)
    {
        if (range.ModifiedUtc is { } modified)
        {
            new SourceIdentity(range.Path, range.Size, modified).RequireUnchanged();
            return;
        }
        var file = SourceFile.Of(range.Path);
        if (!file.Exists || file.Length != range.Size)
        {
            throw new FarmException(
                FarmError.BadInput,
                file.Exists
                    ? $"{range.Path} has {file.Length} bytes instead of {range.Size}."
                    : $"{range.Path} is missing.",
                "Start again."
            );
        }
    }
}
