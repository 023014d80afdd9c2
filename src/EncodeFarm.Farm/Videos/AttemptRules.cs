using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Videos;

/// <summary>What comes of an attempt: a result, a tier that was missed, a failure, a lost lease.</summary>
public static class AttemptRules
{
    /// <summary>Lost this often, a segment runs alone on its node: it may be what kills them.</summary>
    public const int LossesBeforeAlone = 3;

    /// <summary>Lost this often, on at least <see cref="NodesBeforeFailing"/> nodes, it fails its rendition.</summary>
    public const int LossesBeforeFailing = 6;
    public const int NodesBeforeFailing = 2;

    public static Decision OnResult(VideoState state, AttemptResult result, DecideContext context)
    {
        if (
            state.Plan?.Hash != result.PlanHash
            || !state.Has(result.Segment)
            || state.Renditions[result.Segment.Rendition].Finished
            || state.Segment(result.Segment) is not { Done: null } segment
        )
        {
            return Decision.Nothing;
        }
        return result.Outcome switch
        {
            AttemptOutcome.Encoded encoded => Decision.Of(
                new SegmentEncoded(
                    result.Segment,
                    result.Attempt,
                    result.Node,
                    encoded.Artifact,
                    encoded.Figures
                )
                {
                    At = context.Now,
                }
            ),
            _ when segment.Ended.Contains(result.Attempt) => Decision.Nothing,
            AttemptOutcome.Missed missed => OnMissed(state, segment, result, missed, context),
            AttemptOutcome.Failed { LostPiece: { } piece } failed => OnPieceLost(
                state,
                segment,
                result,
                failed.Reason,
                piece,
                context
            ),
            AttemptOutcome.Failed failed => OnFailed(segment, result, failed, context),
            _ => throw new InvalidOperationException(
                $"No rule for {result.Outcome.GetType().Name}."
            ),
        };
    }

    static Decision OnMissed(
        VideoState state,
        SegmentState segment,
        AttemptResult result,
        AttemptOutcome.Missed missed,
        DecideContext context
    )
    {
        if (segment.Tier != result.Tier)
        {
            return Decision.Nothing;
        }
        var happened = new TierMissed(
            result.Segment,
            result.Attempt,
            result.Node,
            result.Tier,
            missed.Reason,
            missed.Points,
            missed.Probes,
            missed.Cpu
        )
        {
            At = context.Now,
        };
        var quality = state.Renditions[result.Segment.Rendition].Settings.Video.Quality;
        if (QualityTiers.For(quality).Any(tier => tier.Number > result.Tier))
        {
            return Decision.Of(happened);
        }
        var failure = new Failure(
            FailureKind.Invalid,
            $"Segment {result.Segment.Index} can't reach VMAF {quality.Target:0.##}: {missed.Reason}"
        );
        return new Decision([
            happened,
            new RenditionFailed(result.Segment.Rendition, failure) { At = context.Now },
        ]);
    }

    /// <summary>
    /// Waiting would not bring it back. A store that loses what it is given again and again is not fed for ever: that ends
    /// after as many tries as a failure gets, counted apart, for it is no fault of the segment.
    /// </summary>
    static Decision OnPieceLost(
        VideoState state,
        SegmentState segment,
        AttemptResult result,
        string reason,
        string piece,
        DecideContext context
    )
    {
        var (id, index) = (result.Segment, result.Segment.Index);
        if (state.Pieces.Length <= index || state.Pieces[index]?.Artifact.Name != piece)
        {
            // It is being cut again, or was meanwhile: another rendition's attempt has told of it.
            return Decision.Nothing;
        }
        var lost = new PieceLost(
            id,
            result.Attempt,
            result.Node,
            reason,
            RetryRules.NotBefore(new Tries(segment.PiecesLost), FailureKind.Invalid, context)
        )
        {
            At = context.Now,
        };
        if (segment.PiecesLost < context.Policy.Retries)
        {
            return Decision.Of(lost);
        }
        var failure = new Failure(
            FailureKind.Transfer,
            $"The store has lost the piece of segment {index} {segment.PiecesLost + 1} times, though it was cut again each time. Look what removes or alters files there, then retry the job. Last: {reason}"
        );
        return new Decision([
            lost,
            new RenditionFailed(id.Rendition, failure) { At = context.Now },
        ]);
    }

    static Decision OnFailed(
        SegmentState segment,
        AttemptResult result,
        AttemptOutcome.Failed failed,
        DecideContext context
    )
    {
        var failure = new Failure(failed.Kind, failed.Reason);
        if (failed.Kind == FailureKind.BadInput)
        {
            return Decision.Of(new VideoFailed(failure) { At = context.Now });
        }
        var happened = new AttemptFailed(
            result.Segment,
            result.Attempt,
            result.Node,
            failed.Kind,
            failed.Reason,
            RetryRules.NotBefore(segment.Tries, failed.Kind, context)
        )
        {
            At = context.Now,
            Cpu = failed.Cpu,
        };
        if (!RetryRules.IsFinal(segment.Tries, failed.Kind, context))
        {
            return Decision.Of(happened);
        }
        var message =
            $"Segment {result.Segment.Index} failed {segment.Tries.Failures + 1} times, last on {result.Node}: {failed.Reason}";
        return new Decision([
            happened,
            new RenditionFailed(result.Segment.Rendition, new Failure(failed.Kind, message))
            {
                At = context.Now,
            },
        ]);
    }

    public static Decision OnGone(VideoState state, AttemptGone gone, DecideContext context)
    {
        if (
            !state.Has(gone.Segment)
            || state.Renditions[gone.Segment.Rendition].Finished
            || state.Segment(gone.Segment) is not { Done: null } segment
            || segment.Ended.Contains(gone.Attempt)
        )
        {
            return Decision.Nothing;
        }
        if (gone.Returned)
        {
            return Decision.Of(
                new AttemptReturned(gone.Segment, gone.Attempt, gone.Node, gone.Reason)
                {
                    At = context.Now,
                }
            );
        }
        var lost = new AttemptLost(gone.Segment, gone.Attempt, gone.Node, gone.Reason)
        {
            At = context.Now,
        };
        var nodes = segment.LostOn.Append(gone.Node).Distinct().Count();
        if (segment.Losses + 1 < LossesBeforeFailing || nodes < NodesBeforeFailing)
        {
            return Decision.Of(lost);
        }
        var failure = new Failure(
            FailureKind.Tool,
            $"Segment {gone.Segment.Index} was lost with its node {segment.Losses + 1} times on {nodes} nodes; it seems to kill them. Last: {gone.Reason}"
        );
        return new Decision([
            lost,
            new RenditionFailed(gone.Segment.Rendition, failure) { At = context.Now },
        ]);
    }

    /// <summary>Only what was counted, and only once.</summary>
    public static Decision OnForgiven(
        VideoState state,
        FailureForgiven forgiven,
        DecideContext context
    )
    {
        if (
            !state.Has(forgiven.Segment)
            || state.Renditions[forgiven.Segment.Rendition].Finished
            || state.Segment(forgiven.Segment) is not { Done: null } segment
            || !segment.Ended.Contains(forgiven.Attempt)
            || segment.Excused.Contains(forgiven.Attempt)
        )
        {
            return Decision.Nothing;
        }
        return Decision.Of(
            new FailureExcused(forgiven.Segment, forgiven.Attempt, forgiven.Node)
            {
                At = context.Now,
            }
        );
    }
}
