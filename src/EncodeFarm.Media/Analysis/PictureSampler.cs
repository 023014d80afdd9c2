using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <summary>Looks at some pictures of a source: for black bars, and for fields of different moments.</summary>
internal sealed class PictureSampler(ToolSet tools, IToolRunner runner)
{
    /// <summary>24 of 255 as a fraction, which is right for any bit depth (an absolute 24 is wrong for 10 bit).</summary>
    private const string BlackLimit = "0.0941";

    private const string DetectCrop =
        $"cropdetect=limit={BlackLimit}:round=2:skip=0:reset=1,metadata=print:file=-";

    /// <summary>Samples are decoded by one thread each, so many side by side.</summary>
    private const int SideBySide = 2;

    /// <summary>Where keyframes are few, this much of the source is decoded.</summary>
    private const double LinearSeconds = 120;

    private const int FieldPlaces = 3;
    private const int FieldFrames = 60;

    public async Task<CropDecision> CropAsync(
        FileReading reading,
        FrameTable frames,
        VideoStream video,
        CancellationToken ct
    )
    {
        var keyframes = CropSampling.Keyframes(frames);
        if (CropSampling.IsEnough(keyframes))
        {
            return Judge(await AtKeyframesAsync(reading, frames, keyframes, ct));
        }
        var seconds = (frames.EndPts - frames.Pts[0]) * frames.TimeBase.Value;
        return CropJudge.OfBeginning(
            Judge(await LinearAsync(reading, frames, ct)),
            LinearSeconds,
            seconds
        );

        CropDecision Judge(IReadOnlyList<VisibleArea> areas) =>
            CropJudge.Judge(areas, video.Width, video.Height, video.SampleAspect.Value);
    }

    /// <summary>ffprobe's word for the field order ("tt", "bb") where the pictures are combed; null where they are not.</summary>
    public async Task<string?> FieldOrderAsync(
        FileReading reading,
        FrameTable frames,
        CancellationToken ct
    )
    {
        long top = 0,
            bottom = 0,
            progressive = 0;
        var places = frames.Count > FieldFrames * FieldPlaces ? FieldPlaces : 1;
        for (var place = 0; place < places; place++)
        {
            var counts = await PrintAsync(
                reading,
                place > 0 ? Seek(reading, frames, frames.Count / places * place) : null,
                FieldFrames,
                "idet,metadata=print:file=-",
                ct
            );
            top += Count(counts, "tff");
            bottom += Count(counts, "bff");
            progressive += Count(counts, "progressive");
        }
        return FieldJudge.Order(top, bottom, progressive);
    }

    private async Task<IReadOnlyList<VisibleArea>> AtKeyframesAsync(
        FileReading reading,
        FrameTable frames,
        IReadOnlyList<int> keyframes,
        CancellationToken ct
    )
    {
        var areas = new VisibleArea[keyframes.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, keyframes.Count),
            new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = ct },
            async (i, token) =>
            {
                var seek = Seek(reading, frames, keyframes[i]);
                var lines = await PrintAsync(reading, seek, 1, DetectCrop, token);
                areas[i] = Areas(lines).FirstOrDefault();
            }
        );
        return areas;
    }

    private async Task<IReadOnlyList<VisibleArea>> LinearAsync(
        FileReading reading,
        FrameTable frames,
        CancellationToken ct
    )
    {
        var end = frames.Pts[0] + LinearSeconds / frames.TimeBase.Value;
        var wanted = frames.Pts.Count(pts => pts < end);
        var step = CropSampling.Step(wanted);
        var filters = $"select='not(mod(n\\,{step}))',{DetectCrop}";
        return [.. Areas(await PrintAsync(reading, null, wanted / step, filters, ct))];
    }

    /// <summary>A little past the keyframe's time, so that rounding does not lead to the one before.</summary>
    private static double Seek(FileReading reading, FrameTable frames, int frame)
    {
        var start = reading.Container.Member("format")?.Number("start_time") ?? 0;
        return Math.Max(frames.Pts[frame] * frames.TimeBase.Value - start + 0.001, 0);
    }

    private async Task<IReadOnlyList<string>> PrintAsync(
        FileReading reading,
        double? seek,
        int count,
        string filters,
        CancellationToken ct
    )
    {
        string[] position = seek is { } seconds
            ? ["-noaccurate_seek", "-ss", seconds.ToString("0.000000")]
            : [];
        var lines = new List<string>();
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            [
                "-nostdin",
                "-hide_banner",
                "-v",
                "error",
                .. Demuxers.Opening(reading.Path),
                .. DecodeArguments.AsStored,
                // Several threads would first want a picture each.
                "-threads",
                "1",
                .. position,
                "-i",
                DecodeArguments.FileArgument(reading.Path),
                "-map",
                $"0:{StreamCatalog.IndexOf(reading.Stream)}",
                "-vf",
                filters,
                "-frames:v",
                count.ToString(),
                "-fps_mode",
                "passthrough",
                "-f",
                "null",
                "-",
            ],
            WorkKind.Analyze
        )
        {
            OnOutputLine = lines.Add,
            StopGrace = TimeSpan.Zero,
        };
        try
        {
            await runner.RunAsync(command, ct);
        }
        catch (ToolFailedException error) when (error.Kind == ToolFailureKind.ExitCode)
        {
            // A damaged place shows nothing; the others decide.
        }
        return lines;
    }

    private static IEnumerable<VisibleArea> Areas(IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (
                Value(lines, i, "cropdetect.x1") is { } left
                && Value(lines, i + 1, "cropdetect.x2") is { } right
                && Value(lines, i + 2, "cropdetect.y1") is { } top
                && Value(lines, i + 3, "cropdetect.y2") is { } bottom
            )
            {
                yield return new VisibleArea((int)left, (int)right, (int)top, (int)bottom);
            }
        }
    }

    /// <summary>idet counts from the start: its last word is the sum.</summary>
    private static long Count(IReadOnlyList<string> lines, string kind)
    {
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            if (Value(lines, i, $"idet.multiple.{kind}") is { } count)
            {
                return (long)count;
            }
        }
        return 0;
    }

    /// <summary>The number of a line "lavfi.name=number".</summary>
    private static double? Value(IReadOnlyList<string> lines, int at, string name)
    {
        var prefix = $"lavfi.{name}=";
        return
            at < lines.Count
            && lines[at].StartsWith(prefix, StringComparison.Ordinal)
            && double.TryParse(lines[at].AsSpan(prefix.Length), out var value)
            ? value
            : null;
    }
}
