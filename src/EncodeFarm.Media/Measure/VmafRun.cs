using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Measure;

/// <summary>One side of a comparison: decodes and filters frames and ends with the codec's arguments missing.</summary>
/// <param name="Arguments">ffmpeg's, from the inputs to the filters; the y4m output is added.</param>
internal sealed record Feed(IReadOnlyList<string> Arguments);

/// <param name="Subsample">Every n-th frame is scored, from the first.</param>
/// <param name="Directory">Where the pipes and the log go; nothing else in it is touched.</param>
internal sealed record VmafRequest(
    Feed Reference,
    Feed Distorted,
    string PixelFormat,
    string Model,
    int Subsample,
    bool PsnrAndSsim,
    string Directory,
    EncodeLimits Limits,
    Action<FfmpegProgress>? OnProgress
);

/// <param name="CpuSeconds">Of all processes; null where not known.</param>
internal sealed record VmafRunResult(
    FrameScores Scores,
    long ReferenceFrames,
    long DistortedFrames,
    double? CpuSeconds
);

/// <summary>
/// Runs libvmaf: two ffmpegs decode reference and distorted into named pipes, which count both sides exactly, and the
/// VMAF tool pairs the frames by number. Names are plain and relative to the directory, so nothing needs escaping.
/// </summary>
internal sealed class VmafRun(ToolSet tools, IToolRunner runner)
{
    private const string ReferencePipe = "reference.y4m";
    private const string DistortedPipe = "distorted.y4m";
    private const string LogName = "vmaf.json";

    public async Task<VmafRunResult> RunAsync(VmafRequest request, CancellationToken cancellation)
    {
        var pipes = new[] { DistortedPipe, ReferencePipe }
            .Select(name => Path.Combine(request.Directory, name))
            .ToList();
        var log = Path.Combine(request.Directory, LogName);
        try
        {
            File.Delete(log);
            pipes.ForEach(Fifo.Create);
            var reference = new Counter(request.OnProgress);
            var distorted = new Counter(null);
            var results = await runner.RunPipelineAsync(
                [
                    FeedCommand(request, request.Distorted, DistortedPipe, distorted),
                    FeedCommand(request, request.Reference, ReferencePipe, reference),
                ],
                ScoreCommand(request),
                cancellation
            );
            var scores = await ReadLogAsync(log, results[^1].ErrorTail, cancellation);
            return new VmafRunResult(
                scores,
                reference.Frames,
                distorted.Frames,
                results.Aggregate((double?)0, (sum, result) => sum + result.CpuSeconds)
            );
        }
        finally
        {
            pipes.ForEach(File.Delete);
            File.Delete(log);
        }
    }

    private ToolCommand FeedCommand(VmafRequest request, Feed feed, string pipe, Counter counter)
    {
        IReadOnlyList<string> arguments =
        [
            "-nostdin",
            "-v",
            "error",
            "-y",
            .. feed.Arguments,
            "-pix_fmt",
            request.PixelFormat,
            // 10 bits are an extension of y4m.
            "-strict",
            "-1",
            "-f",
            "yuv4mpegpipe",
            pipe,
        ];
        var command = new ToolCommand(tools.Ffmpeg.Path, arguments, WorkKind.Measure)
        {
            Directory = request.Directory,
            OnProgress = counter.Report,
        };
        return request.Limits.On(command);
    }

    private ToolCommand ScoreCommand(VmafRequest request)
    {
        var vmaf = tools.Vmaf ?? throw Missing();
        IReadOnlyList<string> arguments = tools.VmafIsFfmpeg
            ? ["-nostdin", "-v", "error", "-f", "lavfi", "-i", Graph(request), "-f", "null", "-"]
            :
            [
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                Graph(request),
                "-count_packets",
                "-show_entries",
                "stream=nb_read_packets",
            ];
        return new ToolCommand(vmaf.Path, arguments, WorkKind.Measure)
        {
            Directory = request.Directory,
            TimeLimit = request.Limits.Time,
            // Those that feed it are watched, and it ends with them.
            SilenceLimit = null,
        };
    }

    /// <summary>One libvmaf thread works beside the decoders; a slot is about one core.</summary>
    private static string Graph(VmafRequest request)
    {
        var features = request.PsnrAndSsim ? ":feature=name=psnr|name=float_ssim" : "";
        return $"movie={DistortedPipe}:f=yuv4mpegpipe,settb=1/25,setpts=N[d];"
            + $"movie={ReferencePipe}:f=yuv4mpegpipe,settb=1/25,setpts=N[r];"
            + $"[d][r]libvmaf=model=version={request.Model}{features}:n_threads=1:n_subsample={request.Subsample}:log_fmt=json:log_path={LogName}";
    }

    /// <summary>The tool ends with exit code 0 even when it could not write the log.</summary>
    private static async Task<FrameScores> ReadLogAsync(
        string log,
        string errors,
        CancellationToken cancellation
    )
    {
        if (!File.Exists(log))
        {
            throw new FarmException(
                FarmError.ToolFailed,
                $"The VMAF tool wrote no scores: {errors.Trim()}"
            );
        }
        return VmafLog.Parse(await File.ReadAllBytesAsync(log, cancellation));
    }

    private static FarmException Missing() =>
        new(
            FarmError.ToolMissing,
            "There is no tool that computes VMAF.",
            "Run `encodefarm doctor` to see what to install."
        );

    /// <summary>Remembers the last count that ffmpeg reported, which is exact once it has ended.</summary>
    private sealed class Counter(Action<FfmpegProgress>? next)
    {
        public long Frames { get; private set; }

        public void Report(FfmpegProgress progress)
        {
            Frames = progress.Frame;
            next?.Invoke(progress);
        }
    }
}
