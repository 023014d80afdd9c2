using EncodeFarm.Actors;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Work;

/// <summary>One attempt at one segment: fetch, search, encode, check, store; only then it reports.</summary>
public sealed class SegmentAttemptActor(
    AssignSegment assignment,
    string scratch,
    IArtifactStore store,
    IMediaWork media,
    ProgressCell progress,
    IActorRef<WorkerMessage> worker
) : Actor<AttemptOutcome>
{
    protected override ValueTask StartedAsync()
    {
        Context.Pipe(RunAsync(Context.Stopping), outcome => outcome, Failures.OfAttempt);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask ReceiveAsync(AttemptOutcome outcome)
    {
        worker.Tell(new AttemptEnded(assignment, outcome));
        Context.StopSelf();
        return ValueTask.CompletedTask;
    }

    async Task<AttemptOutcome> RunAsync(CancellationToken stopping)
    {
        Directory.CreateDirectory(scratch);
        try
        {
            var task = await WithSourceAsync(stopping);
            var outcome = await media.EncodeAsync(
                assignment.Video,
                task,
                scratch,
                progress,
                stopping
            );
            return outcome switch
            {
                SegmentOutcome.Encoded encoded => await StoreAsync(encoded, stopping),
                SegmentOutcome.QualityMissed missed => new AttemptOutcome.Missed(
                    missed.Reason,
                    missed.Points,
                    missed.Probes,
                    missed.Cpu
                ),
                _ => throw new InvalidOperationException($"No rule for {outcome.GetType().Name}."),
            };
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    async Task<SegmentTask> WithSourceAsync(CancellationToken stopping)
    {
        if (assignment.Piece is not { } piece)
        {
            return assignment.Task;
        }
        var path = await store.FetchAsync(
            new StoredArtifact(piece.Name, piece.Length, piece.Sha256),
            Path.Combine(scratch, "piece.mkv"),
            stopping
        );
        return assignment.Task with { Source = assignment.Task.Source with { Path = path } };
    }

    async Task<AttemptOutcome> StoreAsync(
        SegmentOutcome.Encoded encoded,
        CancellationToken stopping
    )
    {
        var artifact = new StoredArtifact(
            assignment.ArtifactName,
            encoded.SizeBytes,
            encoded.Sha256
        );
        await store.PutAsync(artifact, encoded.Path, stopping);
        return new AttemptOutcome.Encoded(
            new ArtifactRef(artifact.Name, artifact.Length, artifact.Sha256),
            new SegmentFigures(
                encoded.Frames,
                encoded.Crf,
                encoded.Tier,
                encoded.BelowTarget,
                encoded.Scores,
                encoded.Probes,
                encoded.Cpu,
                encoded.EncodeSeconds,
                encoded.HardwareFailure
            )
        );
    }
}
