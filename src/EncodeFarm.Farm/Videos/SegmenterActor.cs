using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm.Videos;

/// <summary>Analyses the source and plans its segments, when there is room for the work.</summary>
public sealed class SegmenterActor(TaskContext task) : LongTask(task, new TaskId(TaskKind.Plan))
{
    /// <summary>Pieces, encoded segments and audio, in sizes of the source (block R7).</summary>
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
        var name = ArtifactNames.Piece(Job.Video, segment, run);
        var path = Path.Combine(Job.Directory, "segments", $"cutting_{segment:0000}.mkv");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var piece = await Job.Media.CutAsync(Job.State, segment, path, Job.Directory, cancellation);
        var artifact = new ArtifactRef(name, piece.Length, piece.Sha256);
        await Job.Store.PutAsync(
            new StoredArtifact(artifact.Name, artifact.Length, artifact.Sha256),
            path,
            cancellation
        );
        return new PieceMade(segment, artifact, piece.Range, piece.CpuSeconds);
    }
}
