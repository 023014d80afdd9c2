using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Farm.Videos;

/// <summary>Joins the accepted segments of a rendition, adds everything else, and validates the file.</summary>
public sealed class MuxerActor(TaskContext task, TaskId id) : LongTask(task, id)
{
    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        var paths = await FetchAsync(cancellation);
        var list = Path.Combine(Job.Directory, "segment_list.txt");
        await File.WriteAllLinesAsync(list, paths, cancellation);
        var state = await WithAudioAsync(cancellation);
        var file = await Job.Media.MuxAsync(state, Id.A, paths, Job.Directory, cancellation);
        return new MuxMade(Id.A, file);
    }

    /// <summary>The state with the tracks where they lie on this machine. One that is not in the store is left as it is: it is encoded again unless it lies here.</summary>
    async Task<VideoState> WithAudioAsync(CancellationToken cancellation)
    {
        var variant = Job.State.Spec!.AudioVariantOf(Id.A);
        var tracks = Job.State.Audio[variant];
        for (var track = 0; track < tracks.Length; track++)
        {
            var audio = tracks[track].Done!;
            var artifact = ArtifactNames.Audio(Job.Video, variant, audio);
            var copy = Path.Combine(Job.Directory, "audio", $"{variant}", $"{audio.Sha256}.mka");
            try
            {
                var path = await Job.Store.FetchAsync(artifact, copy, cancellation);
                tracks = tracks.SetItem(
                    track,
                    tracks[track] with
                    {
                        Done = audio with { Path = path },
                    }
                );
            }
            catch (ArtifactLostException)
            {
                // It was encoded before tracks were stored, or while the store was away.
            }
        }
        return Job.State with { Audio = Job.State.Audio.SetItem(variant, tracks) };
    }

    /// <summary>Local paths of all accepted segments; the missing ones are named together, so that they are encoded again together.</summary>
    async Task<IReadOnlyList<string>> FetchAsync(CancellationToken cancellation)
    {
        var paths = new List<string>();
        var missing = new List<int>();
        var segments = Job.State.Renditions[Id.A].Segments;
        for (var index = 0; index < segments.Length; index++)
        {
            var artifact = segments[index].Done!.Artifact;
            try
            {
                var copy = Path.Combine(
                    Job.Directory,
                    "encoded",
                    $"{Id.A}",
                    Path.GetFileName(artifact.Name)
                );
                paths.Add(await Job.Store.FetchAsync(artifact, copy, cancellation));
            }
            catch (ArtifactLostException)
            {
                missing.Add(index);
            }
        }
        return missing.Count == 0
            ? paths
            : throw new DamagedSegmentsException(
                FailureKind.Transfer,
                missing,
                $"The encoded segments {string.Join(", ", missing)} are missing or damaged."
            );
    }

    protected override VideoInput Broken(Exception error) =>
        error is DamagedSegmentsException damaged
            ? new TaskBroke(Id, new Failure(damaged.Kind, damaged.Message), damaged.Indices)
            : base.Broken(error);
}

/// <summary>Gives the validated file its name.</summary>
public sealed class DeliveryActor(TaskContext task, TaskId id) : LongTask(task, id)
{
    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        var file = Job.State.Renditions[Id.A].Delivering!;
        await Job.Media.DeliverAsync(Job.State.Spec!, file, cancellation);
        return new DeliveryMade(Id.A);
    }

    protected override VideoInput Broken(Exception error) =>
        error is MuxedFileGoneException gone
            ? new MuxedFileGone(Id.A, gone.Message)
            : base.Broken(error);
}
