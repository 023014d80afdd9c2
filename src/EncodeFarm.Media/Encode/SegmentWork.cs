using EncodeFarm.Media.Measure;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Encode;

/// <summary>One encode of an attempt, and what it cost.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Measurement">Null where the rate is not decided by VMAF.</param>
/// <param name="MeasureCpu">Of the measurement, or of the decode that stands for it.</param>
internal sealed record Trial(
    int? Crf,
    bool Whole,
    string Path,
    SegmentStream Stream,
    Measurement? Measurement,
    double? EncodeCpu,
    double? MeasureCpu,
    TimeSpan EncodeWall,
    int Frames
);

/// <summary>The processes of one attempt: encodes, measures and checks, in the attempt's own directory.</summary>
internal sealed class SegmentWork(
    ToolSet tools,
    IToolRunner runner,
    SegmentTask task,
    string directory,
    EncodeLimits limits,
    ProgressMeter meter
)
{
    /// <summary>Where a range gives too few frames, the seek is tried this much earlier, then decoding from the start.</summary>
    private const double WiderMarginSeconds = 25;

    private readonly VmafMeasurer _measurer = new(tools, runner);
    private SourceRange _range = task.Source;

    private EncodeSettings Settings => task.Settings;

    /// <summary>True where ffmpeg was to choose a hardware decoder, and chose none.</summary>
    public bool FoundNoDevice { get; private set; }

    /// <summary>Encodes the frames at the CRF and measures them.</summary>
    public async Task<Trial> TryAsync(
        ProbeFrames frames,
        int crf,
        string phase,
        CancellationToken cancellation
    )
    {
        var trial = await EncodeAsync(frames, crf, phase, WorkKind.Search, cancellation);
        var measurement = await _measurer.MeasureAsync(
            new SegmentMeasure(_range, Settings, trial.Path, frames, directory, limits)
            {
                OnProgress = meter.Phase($"{phase}, measuring", frames.Count, measures: true),
                PsnrAndSsim = frames.IsWhole && Settings.Video.Quality.PsnrAndSsim,
            },
            cancellation
        );
        meter.Done(frames.Count);
        return trial with { Measurement = measurement, MeasureCpu = measurement.CpuSeconds };
    }

    /// <summary>Encodes the whole segment, and decodes it once to see that it can be decoded.</summary>
    public async Task<Trial> EncodeCheckedAsync(int? crf, CancellationToken cancellation)
    {
        var frames = ProbeFrames.Whole(_range.Frames);
        var trial = await EncodeAsync(frames, crf, "encode", WorkKind.Encode, cancellation);
        var decoded = 0L;
        var report = meter.Phase("check", frames.Count, measures: true);
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            [
                "-nostdin",
                "-v",
                "error",
                .. EncodedFrames.Of(trial.Path, Settings, limits.Threads),
                "-f",
                "null",
                "-",
            ],
            WorkKind.Measure
        )
        {
            OnProgress = block =>
            {
                decoded = block.Frame;
                report(block);
            },
        };
        var result = await runner.RunAsync(limits.On(command), cancellation);
        if (decoded != frames.Count)
        {
            throw WrongCount("decodes to", decoded, frames.Count);
        }
        meter.Done(frames.Count);
        return trial with { MeasureCpu = result.CpuSeconds };
    }

    private async Task<Trial> EncodeAsync(
        ProbeFrames frames,
        int? crf,
        string phase,
        WorkKind kind,
        CancellationToken cancellation
    )
    {
        while (true)
        {
            var (trial, encoded) = await EncodeOnceAsync(frames, crf, phase, kind, cancellation);
            if (encoded == frames.Count)
            {
                return trial;
            }
            _range = Widen(_range) ?? throw WrongCount("has", encoded, frames.Count);
        }
    }

    private async Task<(Trial Trial, long Frames)> EncodeOnceAsync(
        ProbeFrames frames,
        int? crf,
        string phase,
        WorkKind kind,
        CancellationToken cancellation
    )
    {
        var name = FileName(frames, crf);
        var path = Path.Combine(directory, name);
        var sent = 0L;
        var report = meter.Phase(phase, frames.Count, measures: false);
        var result = await runner.RunAsync(
            EncodeCommand.Build(
                tools.Ffmpeg,
                _range,
                Settings,
                frames,
                crf,
                limits,
                directory,
                name
            ) with
            {
                Kind = kind,
                OnProgress = block =>
                {
                    sent = block.Frame;
                    report(block);
                },
            },
            cancellation
        );
        RefuseIgnoredParameters(result.ErrorTail);
        FoundNoDevice |= result.ErrorTail.Contains(EncodeCommand.NoDevice);
        var stream =
            sent > 0
                ? SegmentStream.Inspect(path, Settings)
                : throw WrongCount("has", 0, frames.Count);
        var trial = new Trial(
            crf,
            frames.IsWhole,
            path,
            stream,
            Measurement: null,
            result.CpuSeconds,
            MeasureCpu: null,
            result.Wall,
            frames.Count
        );
        return (trial, stream.Frames ?? sent);
    }

    private string FileName(ProbeFrames frames, int? crf) =>
        $"{frames.Key}-{crf}" + EncodeCommand.ExtensionOf(Settings.Video.Codec);

    private static SourceRange? Widen(SourceRange range) =>
        range.SeekSeconds switch
        {
            null => null,
            > WiderMarginSeconds => range with
            {
                SeekSeconds = range.SeekSeconds - WiderMarginSeconds,
            },
            _ => range with { SeekSeconds = null },
        };

    private static void RefuseIgnoredParameters(string errors)
    {
        var line = errors
            .Split('\n')
            .FirstOrDefault(line => line.Contains(SvtAv1Arguments.IgnoredParameter));
        if (line is not null)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"The encoder does not take a parameter: {line.Trim()}",
                "Correct the rendition's parameters."
            );
        }
    }

    private FarmException WrongCount(string verb, long frames, int planned) =>
        new(
            FarmError.ToolFailed,
            $"The segment that starts at frame {_range.StartFrame} of {_range.Path} {verb} {frames} frames instead of {planned}.",
            "If the source is damaged there, leave out what can't be decoded with -s input.allow_damaged=true."
        );
}
