using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm.Videos;

/// <summary>Analyses the source and plans its segments, when there is room for the work.</summary>
public sealed class SegmenterActor(TaskContext task) : LongTask(task, new TaskId(TaskKind.Plan))
{
    /// <summary>Pieces, encoded segments and audio, in sizes of the source.</summary>
    const double RoomFactor = 1.5;

    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        var spec = Job.State.Spec!;
        DiskSpace.Require(
            Path.Combine(Job.Directory, "segments"),
            (long)(RoomFactor * spec.Source.Size)
        );
        return await Job.Media.PlanAsync(spec, Job.Directory, cancellation);
    }
}

/// <summary>Cuts the pieces that are missing, one after another; each is reported as soon as it is stored, so that its encodes begin while later ones are cut.</summary>
/// <param name="run">Makes the names of this run's pieces its own.</param>
public sealed class PieceCutterActor(TaskContext task, string run)
    : LongTask(task, new TaskId(TaskKind.Pieces))
{
    /// <summary>The whole file in the store, where a segment has needed it; an earlier run may have put it there.</summary>
    StoredArtifact? _whole = task
        .State.Pieces.Select(piece => piece?.Artifact)
        .FirstOrDefault(artifact => artifact is not null && ArtifactNames.IsWhole(artifact));

    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        var state = Job.State;
        for (var segment = 0; segment < state.Pieces.Length; segment++)
        {
            if (state.Pieces[segment] is null)
            {
                Job.Report(await CutAsync(segment, cancellation));
            }
        }
        return null;
    }

    async Task<PieceMade> CutAsync(int segment, CancellationToken cancellation)
    {
        var path = Path.Combine(Job.Directory, "segments", $"cutting_{segment:0000}.mkv");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var piece = await Job.Media.CutAsync(Job.State, segment, path, Job.Directory, cancellation);
        var artifact = piece.File is { } file
            ? await StoreAsync(
                ArtifactNames.Piece(Job.Video, segment, run),
                file,
                path,
                cancellation
            )
            : _whole ??= await StoreWholeAsync(path, cancellation);
        return new PieceMade(segment, artifact, piece.Range, piece.CpuSeconds);
    }

    async Task<StoredArtifact> StoreWholeAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var file = await Job.Media.CopyWholeAsync(Job.State, path, cancellation);
            return await StoreAsync(ArtifactNames.Whole(Job.Video, run), file, path, cancellation);
        }
        finally
        {
            File.Delete(path);
        }
    }

    async Task<StoredArtifact> StoreAsync(
        string name,
        CopiedFile file,
        string path,
        CancellationToken cancellation
    )
    {
        var artifact = new StoredArtifact(name, file.Length, file.Sha256);
        await Job.Store.PutAsync(artifact, path, cancellation);
        return artifact;
    }
}
