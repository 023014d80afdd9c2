using System.Collections.Concurrent;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm;

/// <summary>The real thing: the media room with the tools of this machine.</summary>
/// <param name="runner">Makes the runner of a job, which marks its processes and logs its commands.</param>
public sealed class MediaWork(ToolSet tools, EncodeLimits limits, Func<string, IToolRunner> runner)
    : IMediaWork
{
    readonly ConcurrentDictionary<string, IToolRunner> _runners = new();

    IToolRunner RunnerOf(string video) => _runners.GetOrAdd(video, runner);

    public async Task<PlanMade> PlanAsync(
        JobSpec spec,
        string directory,
        CancellationToken cancellation
    )
    {
        var meter = new CpuMeter(RunnerOf(spec.Id));
        var source = await AnalyzeAsync(spec, meter, directory, cancellation);
        if (source.Analysis.Source != spec.Source)
        {
            throw new FarmException(
                FarmError.BadInput,
                $"{spec.Source.Path} has changed since the job was submitted.",
                "Submit it again."
            );
        }
        var plan = JobPlanner.Plan(source, spec.Profile);
        var ranges = plan.Segments.Segments.Select(segment =>
            SourceRanges.Create(source.Analysis, source.Frames, segment)
        );
        return new PlanMade(
            source.Analysis,
            plan.Segments,
            [.. ranges],
            plan.Settings,
            meter.Seconds,
            plan.Skipped
        );
    }

    public async Task<CutPiece> CutAsync(
        VideoState state,
        int segment,
        string path,
        string directory,
        CancellationToken cancellation
    )
    {
        var meter = new CpuMeter(RunnerOf(state.Spec!.Id));
        var frames = await FramesAsync(state, directory, cancellation);
        var range = await new PieceCutter(tools, meter).CutAsync(
            state.Analysis!,
            frames,
            state.Plan!.Segments[segment],
            path,
            cancellation
        );
        var hash = await FileHash.Sha256Async(path, cancellation);
        return new CutPiece(range, new FileInfo(path).Length, hash, meter.Seconds);
    }

    public Task<SegmentOutcome> EncodeAsync(
        string video,
        SegmentTask task,
        string scratch,
        IProgress<AttemptProgress> progress,
        CancellationToken cancellation
    ) =>
        new SegmentEncoder(tools, RunnerOf(video)).EncodeAsync(
            task,
            scratch,
            progress,
            limits,
            cancellation
        );

    public Task<EncodedAudio> EncodeAudioAsync(
        VideoState state,
        int variant,
        int track,
        string directory,
        CancellationToken cancellation
    )
    {
        var folder = Path.Combine(directory, "audio", $"{variant}");
        Directory.CreateDirectory(folder);
        return new AudioEncoder(tools, RunnerOf(state.Spec!.Id)).EncodeAsync(
            state.Analysis!,
            state.Analysis!.Audio[track],
            state.Spec.AudioVariants()[variant],
            folder,
            null,
            cancellation
        );
    }

    public async Task<Delivering> MuxAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> segments,
        string directory,
        CancellationToken cancellation
    )
    {
        var spec = state.Spec!;
        var folder = Path.Combine(directory, "out");
        Directory.CreateDirectory(folder);
        var joinedPath = Path.Combine(folder, $"{rendition}.joined");
        try
        {
            var joined = await JoinAsync(state, rendition, segments, joinedPath, cancellation);
            var frames = await FramesAsync(state, directory, cancellation);
            var audio = state.Audio[spec.AudioVariantOf(rendition)].Select(track => track.Done!);
            var request = new MuxRequest(
                state.Analysis!,
                frames,
                state.Renditions[rendition].Settings,
                spec.Profile.Container,
                joined,
                [.. audio],
                Delivery.TemporaryPath(spec.Destinations[rendition], spec.Id),
                folder
            );
            return await MuxAsync(spec, rendition, request, cancellation);
        }
        finally
        {
            File.Delete(joinedPath);
        }
    }

    static async Task<JoinedVideo> JoinAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> paths,
        string destination,
        CancellationToken cancellation
    )
    {
        var inputs = state
            .Renditions[rendition]
            .Segments.Select(
                (segment, index) =>
                    new JoinInput(
                        paths[index],
                        segment.Done!.Artifact.Length,
                        segment.Done.Artifact.Sha256,
                        state.Plan!.Segments[index].Frames
                    )
            );
        try
        {
            var settings = state.Renditions[rendition].Settings;
            return await SegmentJoiner.JoinAsync(
                [.. inputs],
                destination,
                settings.Video.Codec,
                settings.FrameRate,
                cancellation
            );
        }
        catch (SegmentDamagedException damaged)
        {
            throw new DamagedSegmentsException([damaged.Index], damaged.Message);
        }
    }

    async Task<Delivering> MuxAsync(
        JobSpec spec,
        int rendition,
        MuxRequest request,
        CancellationToken cancellation
    )
    {
        var run = RunnerOf(spec.Id);
        var file = await new Muxer(tools, run).MuxAsync(request, null, cancellation);
        var report = await new OutputValidator(tools, run).ValidateAsync(
            new ValidationRequest(
                file.Path,
                request.Analysis,
                request.Frames,
                request.Settings,
                request.Container,
                request.Video,
                request.Audio
            ),
            cancellation
        );
        if (!report.Ok)
        {
            File.Delete(file.Path);
            throw new FarmException(
                FarmError.Invalid,
                $"The output for {spec.Destinations[rendition]} is not what was planned: {string.Join(" ", report.Findings)}",
                "It was not delivered."
            );
        }
        return new Delivering(
            file.Path,
            spec.Destinations[rendition],
            await FileHash.Sha256Async(file.Path, cancellation),
            file.SizeBytes,
            request.Video.VideoSha256,
            request.Video.Frames,
            new TaskCpu(file.CpuSeconds, report.CpuSeconds),
            file.Warnings
        );
    }

    public async Task DeliverAsync(JobSpec spec, Delivering file, CancellationToken cancellation)
    {
        try
        {
            await Delivery.CommitAsync(
                file.Temporary,
                file.Destination,
                file.Sha256,
                spec.Overwrite,
                cancellation
            );
        }
        catch (FarmException gone) when (gone.Error == FarmError.Invalid)
        {
            throw new MuxedFileGoneException(gone.Message);
        }
    }

    /// <summary>The frame table beside the job; where it got lost, the source is scanned again, and must be the same.</summary>
    async Task<FrameTable> FramesAsync(
        VideoState state,
        string directory,
        CancellationToken cancellation
    )
    {
        var path = FrameTablePath(directory);
        if (File.Exists(path))
        {
            var table = FrameTable.Load(path);
            if (table.Hash == state.Analysis!.FrameTableHash)
            {
                return table;
            }
        }
        var meter = new CpuMeter(RunnerOf(state.Spec!.Id));
        var source = await AnalyzeAsync(state.Spec, meter, directory, cancellation);
        return source.Frames.Hash == state.Analysis!.FrameTableHash
            ? source.Frames
            : throw new FarmException(
                FarmError.BadInput,
                $"{state.Spec.Source.Path} has other frames than when it was analysed.",
                "Submit it again."
            );
    }

    async Task<AnalyzedSource> AnalyzeAsync(
        JobSpec spec,
        IToolRunner run,
        string directory,
        CancellationToken cancellation
    )
    {
        var options = new AnalysisOptions
        {
            Crop = spec.Profile.Crop,
            AllowTruncated = spec.Options.AllowTruncated,
            AllowDamaged = spec.Options.AllowDamaged,
        };
        var source = await new SourceAnalyzer(tools, run).AnalyzeAsync(
            spec.Source.Path,
            options,
            Path.Combine(directory, "source"),
            cancellation
        );
        source.Frames.Save(FrameTablePath(directory));
        return source;
    }

    static string FrameTablePath(string directory) => Path.Combine(directory, "frames.bin");

    /// <summary>Adds up the CPU time of what runs through it.</summary>
    sealed class CpuMeter(IToolRunner inner) : IToolRunner
    {
        readonly Lock _lock = new();

        /// <summary>Null until a run has told its time.</summary>
        public double? Seconds { get; private set; }

        public async Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
        {
            var result = await inner.RunAsync(command, cancellation);
            lock (_lock)
            {
                Seconds = result.CpuSeconds is { } seconds ? (Seconds ?? 0) + seconds : Seconds;
            }
            return result;
        }
    }
}
