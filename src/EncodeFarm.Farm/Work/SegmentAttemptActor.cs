using EncodeFarm.Actors;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Work;

/// <summary>Brings a piece of a source to this machine; it stays as long as the result is held.</summary>
public delegate Task<LocalArtifact> FetchPiece(
    StoredArtifact piece,
    CancellationToken cancellation
);

/// <summary>One attempt at one segment: fetch, search, encode, check, keep; only then it reports.</summary>
public sealed class SegmentAttemptActor(
    AssignSegment assignment,
    string scratch,
    FetchPiece fetch,
    KeptResults kept,
    IMediaWork media,
    SlotShare share,
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
            using var piece = await PieceAsync(stopping);
            return piece is null
                ? await EncodeAsync(assignment.Task, stopping)
                : await EncodeAsync(piece, stopping);
        }
        catch (ArtifactLostException lost) when (assignment.Piece is not null)
        {
            // No node would fare better: it has to be cut again.
            return new AttemptOutcome.Failed(FailureKind.Transfer, lost.Message)
            {
                LostPiece = assignment.Piece.Name,
            };
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    async Task<LocalArtifact?> PieceAsync(CancellationToken stopping) =>
        assignment.Piece is { } piece ? await fetch(piece, stopping) : null;

    /// <summary>
    /// Whoever makes room on a machine may remove its copies, also one that is in use: whatever the tools make of that, the
    /// source is as good as before, and the copy is fetched anew.
    /// </summary>
    async Task<AttemptOutcome> EncodeAsync(LocalArtifact piece, CancellationToken stopping)
    {
        var source = assignment.Task.Source with { Path = piece.Path };
        try
        {
            return await EncodeAsync(assignment.Task with { Source = source }, stopping);
        }
        catch (Exception error) when (error is not OperationCanceledException && !IsWhole(piece))
        {
            return Failures.OfAttempt(error) with
            {
                Kind = FailureKind.Transfer,
                Reason = $"{piece.Path} was removed or altered while it was encoded.",
            };
        }
    }

    bool IsWhole(LocalArtifact piece) =>
        new FileInfo(piece.Path) is { Exists: true } file
        && file.Length == assignment.Piece!.Length;

    async Task<AttemptOutcome> EncodeAsync(SegmentTask task, CancellationToken stopping)
    {
        var outcome = await media.EncodeAsync(
            assignment.Video,
            task,
            scratch,
            share,
            progress,
            stopping
        );
        return outcome switch
        {
            SegmentOutcome.Encoded encoded => Keep(encoded),
            SegmentOutcome.QualityMissed missed => new AttemptOutcome.Missed(
                missed.Reason,
                missed.Points,
                missed.Probes,
                missed.Cpu
            ),
            _ => throw new InvalidOperationException($"No rule for {outcome.GetType().Name}."),
        };
    }

    /// <summary>From here on the segment outlives the attempt; bringing it home needs no slot.</summary>
    AttemptOutcome Keep(SegmentOutcome.Encoded encoded)
    {
        kept.KeepFile(assignment.Video, assignment.Attempt, encoded.Path);
        return new AttemptOutcome.Encoded(
            new StoredArtifact(assignment.ArtifactName, encoded.SizeBytes, encoded.Sha256),
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
