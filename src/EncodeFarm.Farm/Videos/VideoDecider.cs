using EncodeFarm.Farm.Jobs;

namespace EncodeFarm.Farm.Videos;

/// <summary>What a decision may look at beside the state.</summary>
/// <param name="Random">For the jitter of a back-off.</param>
public sealed record DecideContext(DateTimeOffset Now, RetryPolicy Policy, Random Random);

/// <param name="Refusal">For a command that can't be followed: why, as a sentence.</param>
public sealed record Decision(IReadOnlyList<VideoEvent> Events, string? Refusal = null)
{
    public static readonly Decision Nothing = new([]);

    public static Decision Of(VideoEvent happened) => new([happened]);

    public static Decision Refuse(string reason) => new([], reason);
}

/// <summary>The first of the three pure functions: what an input leads to. It never looks at anything but its arguments.</summary>
public static class VideoDecider
{
    public static Decision Decide(VideoState state, VideoInput input, DecideContext context) =>
        input switch
        {
            Submit submit => OnSubmit(state, submit, context),
            _ when state.Spec is null => Decision.Refuse("There is no such job."),
            Open => state
                is { Finished: true, CleanTries: null }
                    or { Finished: true, Cleaned: true }
                ? Decision.Nothing
                : Decision.Of(new VideoOpened { At = context.Now }),
            Pause pause => OnPause(state, pause, context),
            Resume => state.Paused
                ? Decision.Of(new VideoResumed { At = context.Now })
                : Decision.Refuse("The job is not paused."),
            // A failed job keeps its work for a retry; whoever gives it up gets the space back.
            Cancel => state.Finished && state.State != JobState.Failed
                ? Decision.Refuse($"The job is {Word(state.State)} already.")
                : Decision.Of(new VideoCancelled { At = context.Now }),
            Retry => OnRetry(state, context),
            ChangePriority change => state.Finished
                ? Decision.Refuse($"The job is {Word(state.State)} already.")
                : Decision.Of(new VideoPriorityChanged(change.Priority) { At = context.Now }),
            WorkSwept => state.Finished && !state.Cleaned
                ? Decision.Of(new WorkCleaned { At = context.Now })
                : Decision.Nothing,
            TaskBroke { Task.Kind: TaskKind.Clean } broke => TaskRules.OnCleanerBroke(
                state,
                broke,
                context
            ),
            _ when state.Finished => Decision.Nothing,
            PlanMade made => OnPlan(state, made, context),
            PieceMade made => state.Pieces.Length > made.Segment
            && state.Pieces[made.Segment] is null
                ? Decision.Of(
                    new PieceCut(made.Segment, made.Artifact, made.Range, made.Cpu)
                    {
                        At = context.Now,
                    }
                )
                : Decision.Nothing,
            AudioMade made => OnAudio(state, made, context),
            MuxMade made => OnMux(state, made, context),
            DeliveryMade made => Delivering(state, made.Rendition)
                ? Decision.Of(new RenditionDelivered(made.Rendition) { At = context.Now })
                : Decision.Nothing,
            MuxedFileGone gone => Delivering(state, gone.Rendition)
                ? Decision.Of(new DeliveryLost(gone.Rendition, gone.Reason) { At = context.Now })
                : Decision.Nothing,
            TaskBroke broke => TaskRules.OnTaskBroke(state, broke, context),
            AttemptResult result => AttemptRules.OnResult(state, result, context),
            AttemptGone gone => AttemptRules.OnGone(state, gone, context),
            FailureForgiven forgiven => AttemptRules.OnForgiven(state, forgiven, context),
            _ => throw new InvalidOperationException($"No rule for {input.GetType().Name}."),
        };

    static Decision OnSubmit(VideoState state, Submit submit, DecideContext context)
    {
        if (state.Spec is null)
        {
            return Decision.Of(
                new VideoSubmitted(submit.Spec, submit.Fingerprint) { At = context.Now }
            );
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
            _ => Decision.Of(new VideoPaused(pause.Now) { At = context.Now }),
        };

    static Decision OnRetry(VideoState state, DecideContext context)
    {
        var failed = state.Failure is not null || state.Renditions.Any(r => r.Failure is not null);
        return state.Cancelled ? Decision.Refuse("The job is cancelled already.")
            : failed ? Decision.Of(new VideoRetried { At = context.Now })
            : Decision.Refuse("Nothing of the job has failed.");
    }

    static Decision OnPlan(VideoState state, PlanMade made, DecideContext context) =>
        state.Plan is null
            ? Decision.Of(
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
            ? Decision.Of(
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
        return Decision.Of(new DeliveryStarted(made.Rendition, made.File) { At = context.Now });
    }

    static bool Delivering(VideoState state, int rendition) =>
        state.Renditions[rendition] is { Finished: false, Delivering: not null };

    static string Word(JobState state) => state.ToString().ToLowerInvariant();
}
