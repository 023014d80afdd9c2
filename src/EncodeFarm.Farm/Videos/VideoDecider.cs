using EncodeFarm.Actors;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Videos;

/// <summary>What a decision may look at beside the state.</summary>
/// <param name="Random">For the jitter of a back-off.</param>
public sealed record DecideContext(DateTimeOffset Now, RetryPolicy Policy, Random Random);

/// <param name="Refusal">For a command that can't be followed: why, as a sentence.</param>
public sealed record Decision(IReadOnlyList<VideoEvent> Events, string? Refusal = null)
{
    public static readonly Decision Nothing = new([]);

    public static Decision Refuse(string reason) => new([], reason);
}

/// <summary>The first of the three pure functions: what an input leads to. It never looks at anything but its arguments.</summary>
public static class VideoDecider
{
    /// <summary>Lost this often, a segment runs alone on its node: it may be what kills them.</summary>
    public const int LossesBeforeAlone = 3;

    /// <summary>Lost this often, on at least <see cref="NodesBeforeFailing"/> nodes, it fails its rendition.</summary>
    public const int LossesBeforeFailing = 6;
    public const int NodesBeforeFailing = 2;

    /// <summary>Invalidated this often, a segment fails its rendition instead.</summary>
    public const int InvalidationsBeforeFailing = 3;

    /// <summary>How often a full disk or an absent store is looked at again.</summary>
    static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>Wait after a cleaning that failed; doubled for each further one. Nobody waits for it.</summary>
    static readonly TimeSpan MinCleanBackoff = TimeSpan.FromMinutes(1);
    static readonly TimeSpan MaxCleanBackoff = TimeSpan.FromHours(1);

    public static Decision Decide(VideoState state, VideoInput input, DecideContext context) =>
        input switch
        {
            Submit submit => OnSubmit(state, submit, context),
            _ when state.Spec is null => Decision.Refuse("There is no such job."),
            Open => state.Finished ? Decision.Nothing : Event(new VideoOpened { At = context.Now }),
            Pause pause => OnPause(state, pause, context),
            Resume => state.Paused
                ? Event(new VideoResumed { At = context.Now })
                : Decision.Refuse("The job is not paused."),
            Cancel => state.Finished
                ? Decision.Refuse($"The job is {Word(state.State)} already.")
                : Event(new VideoCancelled { At = context.Now }),
            Retry => OnRetry(state, context),
            ChangePriority change => state.Finished
                ? Decision.Refuse($"The job is {Word(state.State)} already.")
                : Event(new VideoPriorityChanged(change.Priority) { At = context.Now }),
            WorkSwept => state.Finished && !state.Cleaned
                ? Event(new WorkCleaned { At = context.Now })
                : Decision.Nothing,
            TaskBroke { Task.Kind: TaskKind.Clean } broke => OnCleanerBroke(state, broke, context),
            _ when state.Finished => Decision.Nothing,
            PlanMade made => OnPlan(state, made, context),
            PieceMade made => state.Pieces.Length > made.Segment
            && state.Pieces[made.Segment] is null
                ? Event(
                    new PieceCut(made.Segment, made.Artifact, made.Range, made.Cpu)
                    {
                        At = context.Now,
                    }
                )
                : Decision.Nothing,
            AudioMade made => OnAudio(state, made, context),
            MuxMade made => OnMux(state, made, context),
            DeliveryMade made => Delivering(state, made.Rendition)
                ? Event(new RenditionDelivered(made.Rendition) { At = context.Now })
                : Decision.Nothing,
            MuxedFileGone gone => Delivering(state, gone.Rendition)
                ? Event(new DeliveryLost(gone.Rendition, gone.Reason) { At = context.Now })
                : Decision.Nothing,
            TaskBroke broke => WithCost(OnTaskBroke(state, broke, context), broke.Spent),
            AttemptResult result => OnResult(state, result, context),
            AttemptGone gone => OnGone(state, gone, context),
            FailureForgiven forgiven => OnForgiven(state, forgiven, context),
            _ => throw new InvalidOperationException($"No rule for {input.GetType().Name}."),
        };

    static Decision OnSubmit(VideoState state, Submit submit, DecideContext context)
    {
        if (state.Spec is null)
        {
            return Event(new VideoSubmitted(submit.Spec, submit.Fingerprint) { At = context.Now });
        }
        // The same command again goes on where the job was; what had failed gets new tries.
        return state.State is JobState.Failed ? OnRetry(state, context) : Decision.Nothing;
    }

    static Decision OnPause(VideoState state, Pause pause, DecideContext context) =>
        state switch
        {
            { Finished: true } => Decision.Refuse($"The job is {Word(state.State)} already."),
            { Paused: true } when state.PausedNow || !pause.Now => Decision.Refuse(
                "The job is paused already."
            ),
            _ => Event(new VideoPaused(pause.Now) { At = context.Now }),
        };

    static Decision OnRetry(VideoState state, DecideContext context)
    {
        var failed = state.Failure is not null || state.Renditions.Any(r => r.Failure is not null);
        return failed && !state.Cancelled
            ? Event(new VideoRetried { At = context.Now })
            : Decision.Refuse("Nothing of the job has failed.");
    }

    static Decision OnPlan(VideoState state, PlanMade made, DecideContext context) =>
        state.Plan is null
            ? Event(
                new VideoPlanned(
                    made.Analysis,
                    made.Plan,
                    made.Ranges,
                    made.Settings,
                    made.CpuSeconds,
                    made.Skipped
                )
                {
                    At = context.Now,
                }
            )
            : Decision.Nothing;

    static Decision OnAudio(VideoState state, AudioMade made, DecideContext context) =>
        made.Variant < state.Audio.Length
        && made.Track < state.Audio[made.Variant].Length
        && state.Audio[made.Variant][made.Track].Done is null
            ? Event(
                new AudioTrackEncoded(made.Variant, made.Track, made.Audio) { At = context.Now }
            )
            : Decision.Nothing;

    static Decision OnMux(VideoState state, MuxMade made, DecideContext context)
    {
        var rendition = state.Renditions[made.Rendition];
        if (rendition.Finished || rendition.Delivering is not null || !rendition.AllEncoded)
        {
            return Decision.Nothing;
        }
        return Event(new DeliveryStarted(made.Rendition, made.File) { At = context.Now });
    }

    static bool Delivering(VideoState state, int rendition) =>
        state.Renditions[rendition] is { Finished: false, Delivering: not null };

    /// <summary>Told once, whatever the failure leads to.</summary>
    static Decision WithCost(Decision decision, SpentCpu? spent) =>
        decision.Events.Count == 0
            ? decision
            : decision with
            {
                Events = [decision.Events[0] with { Spent = spent }, .. decision.Events.Skip(1)],
            };

    static Decision OnTaskBroke(VideoState state, TaskBroke broke, DecideContext context)
    {
        var tries = TriesOf(state, broke.Task);
        if (tries is null)
        {
            return Decision.Nothing;
        }
        if (broke.Damaged.Count > 0)
        {
            return OnDamaged(state, broke, context);
        }
        var kind = broke.Failure.Kind;
        if (IsFinal(tries, kind, context))
        {
            return Event(
                broke.Task.Kind is TaskKind.Mux or TaskKind.Deliver
                    ? new RenditionFailed(broke.Task.A, broke.Failure) { At = context.Now }
                    : new VideoFailed(broke.Failure) { At = context.Now }
            );
        }
        var notBefore = NotBefore(tries, kind, context);
        return Event(
            new TaskFailed(broke.Task, kind, broke.Failure.Message, notBefore) { At = context.Now }
        );
    }

    /// <summary>What is left lying about harms nobody: it is told, and tried again for as long as it takes.</summary>
    static Decision OnCleanerBroke(VideoState state, TaskBroke broke, DecideContext context)
    {
        if (!state.Finished || state.Cleaned)
        {
            return Decision.Nothing;
        }
        var wait = Backoff.Delay(
            state.CleanTries?.Failures ?? 0,
            MinCleanBackoff,
            MaxCleanBackoff,
            context.Policy.RandomFactor,
            context.Random
        );
        var (kind, reason) = (broke.Failure.Kind, broke.Failure.Message);
        return Event(
            new TaskFailed(broke.Task, kind, reason, context.Now + wait) { At = context.Now }
        );
    }

    /// <summary>A damaged artifact is no fault of the mux: the segment is encoded again and the mux follows.</summary>
    static Decision OnDamaged(VideoState state, TaskBroke broke, DecideContext context)
    {
        var damaged = broke
            .Damaged.Select(index => new SegmentId(broke.Task.A, index))
            .Where(id => state.Has(id) && state.Segment(id).Done is not null)
            .ToList();
        foreach (var id in damaged)
        {
            var segment = state.Segment(id);
            if (IsHopeless(segment, broke.Failure.Kind))
            {
                var failure = broke.Failure with
                {
                    Message = Hopeless(id, segment.Invalidated.Length + 1, broke.Failure),
                };
                return Event(new RenditionFailed(id.Rendition, failure) { At = context.Now });
            }
        }
        return new Decision([
            .. damaged.Select(id => new SegmentInvalidated(id, broke.Failure.Message)
            {
                At = context.Now,
            }),
        ]);
    }

    /// <summary>What came out again bit by bit, and fits as little as before, will do so for ever; what merely got lost may be kept the next time.</summary>
    static bool IsHopeless(SegmentState segment, FailureKind kind) =>
        segment.Invalidated.Length + 1 >= InvalidationsBeforeFailing
        || (
            kind == FailureKind.Invalid
            && segment.Invalidated.Contains(segment.Done!.Artifact.Sha256)
        );

    static string Hopeless(SegmentId id, int times, Failure failure)
    {
        var advice =
            failure.Kind == FailureKind.Invalid
                ? " With segment.unchunked=true nothing has to be joined."
                : "";
        return $"Segment {id.Index} was encoded {times} times, to no avail: {failure.Message}{advice}";
    }

    /// <summary>Null where the task is not what the state waits for: its report is late.</summary>
    static Tries? TriesOf(VideoState state, TaskId task) =>
        task.Kind switch
        {
            TaskKind.Plan when state.Plan is null => state.PlanTries,
            TaskKind.Pieces when state.Plan is not null => state.PieceTries,
            TaskKind.Audio
                when task.A < state.Audio.Length
                    && task.B < state.Audio[task.A].Length
                    && state.Audio[task.A][task.B].Done is null => state
                .Audio[task.A][task.B]
                .Tries,
            TaskKind.Mux when state.Renditions[task.A] is { Finished: false, Delivering: null } r =>
                r.Mux,
            TaskKind.Deliver
                when state.Renditions[task.A] is { Finished: false, Delivering: not null } r =>
                r.Deliver,
            _ => null,
        };

    static Decision OnResult(VideoState state, AttemptResult result, DecideContext context)
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
            AttemptOutcome.Encoded encoded => Event(
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
            return Event(happened);
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
            NotBefore(new Tries(segment.PiecesLost), FailureKind.Invalid, context)
        )
        {
            At = context.Now,
        };
        if (segment.PiecesLost < context.Policy.Retries)
        {
            return Event(lost);
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
            return Event(new VideoFailed(failure) { At = context.Now });
        }
        var happened = new AttemptFailed(
            result.Segment,
            result.Attempt,
            result.Node,
            failed.Kind,
            failed.Reason,
            NotBefore(segment.Tries, failed.Kind, context)
        )
        {
            At = context.Now,
            Cpu = failed.Cpu,
        };
        if (!IsFinal(segment.Tries, failed.Kind, context))
        {
            return Event(happened);
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

    static Decision OnGone(VideoState state, AttemptGone gone, DecideContext context)
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
            return Event(
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
            return Event(lost);
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
    static Decision OnForgiven(VideoState state, FailureForgiven forgiven, DecideContext context)
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
        return Event(
            new FailureExcused(forgiven.Segment, forgiven.Attempt, forgiven.Node)
            {
                At = context.Now,
            }
        );
    }

    static bool IsFinal(Tries tries, FailureKind kind, DecideContext context) =>
        kind switch
        {
            FailureKind.BadInput or FailureKind.BadOutput => true,
            _ when kind.IsWaitedFor() => tries.WaitingSince is { } since
                && context.Now - since >= context.Policy.DiskWait,
            _ => tries.Failures >= context.Policy.Retries,
        };

    static DateTimeOffset NotBefore(Tries tries, FailureKind kind, DecideContext context) =>
        kind.IsWaitedFor()
            ? context.Now + LookAgain
            : context.Now
                + Backoff.Delay(
                    tries.Failures,
                    context.Policy.MinBackoff,
                    context.Policy.MaxBackoff,
                    context.Policy.RandomFactor,
                    context.Random
                );

    static Decision Event(VideoEvent happened) => new([happened]);

    static string Word(JobState state) => state.ToString().ToLowerInvariant();
}
