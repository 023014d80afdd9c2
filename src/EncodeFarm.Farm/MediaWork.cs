using System.Collections.Concurrent;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;
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
/// <param name="outputs">Where what goes to a bucket is delivered.</param>
public sealed class MediaWork(
    ToolSet tools,
    EncodeLimits limits,
    Func<string, IToolRunner> runner,
    S3Outputs outputs
) : IMediaWork
{
    readonly OutputDelivery _delivery = new(outputs);
    readonly ConcurrentDictionary<string, IToolRunner> _runners = new();

    IToolRunner RunnerOf(string video) => _runners.GetOrAdd(video, runner);

    /// <summary>A task of the coordinator, which tells what it has cost when it fails.</summary>
    async Task<T> MeteredAsync<T>(string video, Func<CpuMeter, Task<T>> work)
    {
        var meter = new CpuMeter(RunnerOf(video));
        try
        {
            return await work(meter);
        }
        catch (Exception error)
            when (error is not (OperationCanceledException or DamagedSegmentsException))
        {
            throw new TaskBrokeException(error, meter.OfTask);
        }
    }

    public Task<PlanMade> PlanAsync(
        JobSpec spec,
        string directory,
        CancellationToken cancellation
    ) => MeteredAsync(spec.Id, meter => PlanAsync(spec, directory, meter, cancellation));

    async Task<PlanMade> PlanAsync(
        JobSpec spec,
        string directory,
        CpuMeter meter,
        CancellationToken cancellation
    )
    {
        var source = await AnalyzeAsync(spec, meter, directory, cancellation);
        spec.Source.RequireUnchanged();
        var plan = JobPlanner.Plan(source, spec.Profile);
        var ranges = plan.Segments.Segments.Select(segment =>
            SourceRanges.Create(source.Analysis, source.Frames, segment)
        );
        return new PlanMade(
            source.Analysis with
            {
                Warnings = [.. source.Analysis.Warnings, .. plan.Warnings],
            },
            plan.Segments,
            [.. ranges],
            plan.Settings,
            meter.Total,
            plan.Skipped
        );
    }

    public Task<CutPiece> CutAsync(
        VideoState state,
        int segment,
        string path,
        string directory,
        CancellationToken cancellation
    ) =>
        MeteredAsync(
            state.Spec!.Id,
            meter => CutAsync(state, segment, path, directory, meter, cancellation)
        );

    async Task<CutPiece> CutAsync(
        VideoState state,
        int segment,
        string path,
        string directory,
        CpuMeter meter,
        CancellationToken cancellation
    )
    {
        var frames = await FramesAsync(state, directory, meter, cancellation);
        var range = await new PieceCutter(tools, meter).CutAsync(
            state.Analysis!,
            frames,
            state.Plan!.Segments[segment],
            path,
            cancellation
        );
        state.Spec!.Source.RequireUnchanged();
        return range.Path == path
            ? new CutPiece(range, await DescribeAsync(path, cancellation), meter.Total)
            : new CutPiece(range with { ModifiedUtc = null }, File: null, meter.Total);
    }

    public async Task<CopiedFile> CopyWholeAsync(
        VideoState state,
        string path,
        CancellationToken cancellation
    )
    {
        await using (var source = File.OpenRead(state.Analysis!.WorkingPath))
        await using (var copy = File.Create(path))
        {
            await source.CopyToAsync(copy, cancellation);
        }
        state.Spec!.Source.RequireUnchanged();
        return await DescribeAsync(path, cancellation);
    }

    static async Task<CopiedFile> DescribeAsync(string path, CancellationToken cancellation) =>
        new(new FileInfo(path).Length, await FileHash.Sha256Async(path, cancellation));

    public async Task<SegmentOutcome> EncodeAsync(
        string video,
        SegmentTask task,
        string scratch,
        SlotShare share,
        IProgress<AttemptProgress> progress,
        CancellationToken cancellation
    )
    {
        var meter = new CpuMeter(RunnerOf(video));
        try
        {
            return await new SegmentEncoder(tools, meter).EncodeAsync(
                task,
                scratch,
                progress,
                limits with
                {
                    EncoderThreads = () =>
                        share.Threads(threads => AttemptMemory.Encoder(task.Settings, threads)),
                },
                cancellation
            );
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new AttemptBrokeException(error, meter.OfAttempt);
        }
    }

    public Task<EncodedAudio> EncodeAudioAsync(
        VideoState state,
        int variant,
        int track,
        string directory,
        CancellationToken cancellation
    ) =>
        MeteredAsync(
            state.Spec!.Id,
            meter => EncodeAudioAsync(state, variant, track, directory, meter, cancellation)
        );

    async Task<EncodedAudio> EncodeAudioAsync(
        VideoState state,
        int variant,
        int track,
        string directory,
        IToolRunner run,
        CancellationToken cancellation
    )
    {
        var folder = Path.Combine(directory, "audio", $"{variant}");
        Directory.CreateDirectory(folder);
        state.Spec!.Source.RequireUnchanged();
        var audio = await new AudioEncoder(tools, run).EncodeAsync(
            state.Analysis!,
            state.Analysis!.Audio[track],
            state.Spec.AudioVariants()[variant],
            folder,
            null,
            cancellation
        );
        state.Spec.Source.RequireUnchanged();
        return audio;
    }

    public Task<Delivering> MuxAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> segments,
        string directory,
        CancellationToken cancellation
    ) =>
        MeteredAsync(
            state.Spec!.Id,
            meter => MuxAsync(state, rendition, segments, directory, meter, cancellation)
        );

    async Task<Delivering> MuxAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> segments,
        string directory,
        IToolRunner run,
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
            var frames = await FramesAsync(state, directory, run, cancellation);
            var audio = await AudioAsync(
                state,
                spec.AudioVariantOf(rendition),
                directory,
                run,
                cancellation
            );
            var destination = spec.Destinations[rendition];
            // What goes to a bucket waits in the job's own directory.
            var place = S3Address.Is(destination)
                ? Path.Combine(folder, $"{rendition}{Path.GetExtension(destination)}")
                : destination;
            Delivery.SweepTemporaries(place, spec.Id);
            var temporary = Delivery.TemporaryPath(
                place,
                spec.Id,
                Guid.NewGuid().ToString("n")[..8]
            );
            var request = new MuxRequest(
                state.Analysis!,
                frames,
                state.Renditions[rendition].Settings,
                spec.Profile.Container,
                joined,
                audio,
                temporary,
                folder
            );
            return await MuxAsync(spec, rendition, request, run, cancellation);
        }
        finally
        {
            File.Delete(joinedPath);
        }
    }

    /// <summary>The encoded tracks. Those that got lost are encoded again.</summary>
    async Task<IReadOnlyList<EncodedAudio>> AudioAsync(
        VideoState state,
        int variant,
        string directory,
        IToolRunner run,
        CancellationToken cancellation
    )
    {
        var tracks = new List<EncodedAudio>();
        for (var track = 0; track < state.Audio[variant].Length; track++)
        {
            var done = state.Audio[variant][track].Done!;
            // Where it was left, also after the work directory was moved.
            var here = Path.Combine(directory, "audio", $"{variant}", Path.GetFileName(done.Path));
            var found = new[] { done.Path, here }.FirstOrDefault(path =>
                File.Exists(path) && new FileInfo(path).Length == done.SizeBytes
            );
            tracks.Add(
                found is null
                    ? await EncodeAudioAsync(state, variant, track, directory, run, cancellation)
                    : done with
                    {
                        Path = found,
                    }
            );
        }
        return tracks;
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
            throw new DamagedSegmentsException(
                FailureKind.Invalid,
                [damaged.Index],
                damaged.Message
            );
        }
    }

    async Task<Delivering> MuxAsync(
        JobSpec spec,
        int rendition,
        MuxRequest request,
        IToolRunner run,
        CancellationToken cancellation
    )
    {
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
        RequireSource(spec, file);
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
            [.. file.Warnings, .. report.Warnings]
        );
    }

    /// <summary>Subtitles, chapters and tags come from it in the mux.</summary>
    static void RequireSource(JobSpec spec, MuxedFile file)
    {
        try
        {
            spec.Source.RequireUnchanged();
        }
        catch (FarmException)
        {
            File.Delete(file.Path);
            throw;
        }
    }

    public Task DeliverAsync(JobSpec spec, Delivering file, CancellationToken cancellation) =>
        _delivery.DeliverAsync(file, spec.Overwrite, cancellation);

    /// <summary>The frame table beside the job; where it got lost or damaged, the source is scanned again, and must be the same.</summary>
    async Task<FrameTable> FramesAsync(
        VideoState state,
        string directory,
        IToolRunner run,
        CancellationToken cancellation
    )
    {
        if (
            Kept(FrameTablePath(directory)) is { } table
            && table.Hash == state.Analysis!.FrameTableHash
        )
        {
            return table;
        }
        var spec = state.Spec!;
        var source = await AnalyzeAsync(spec, run, directory, cancellation);
        return source.Frames.Hash == state.Analysis!.FrameTableHash
            ? source.Frames
            : throw new FarmException(
                FarmError.BadInput,
                $"{spec.Source.Path} has other frames than when it was analysed.",
                "Submit it again."
            );
    }

    static FrameTable? Kept(string path)
    {
        try
        {
            return File.Exists(path) ? FrameTable.Load(path) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
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
}
