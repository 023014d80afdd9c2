using EncodeFarm.Actors;

namespace EncodeFarm.Farm.Videos;

/// <summary>What comes of a task of the coordinator that broke: analysis, cut, audio, mux, delivery, cleaning.</summary>
public static class TaskRules
{
    /// <summary>Invalidated this often, a segment fails its rendition instead.</summary>
    public const int InvalidationsBeforeFailing = 3;

    /// <summary>Wait after a cleaning that failed; doubled for each further one. Nobody waits for it.</summary>
    static readonly TimeSpan MinCleanBackoff = TimeSpan.FromMinutes(1);
    static readonly TimeSpan MaxCleanBackoff = TimeSpan.FromHours(1);

    public static Decision OnTaskBroke(VideoState state, TaskBroke broke, DecideContext context) =>
        WithCost(Judge(state, broke, context), broke.Spent);

    static Decision Judge(VideoState state, TaskBroke broke, DecideContext context)
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
        if (RetryRules.IsFinal(tries, kind, context))
        {
            return Decision.Of(
                broke.Task.Kind is TaskKind.Mux or TaskKind.Deliver
                    ? new RenditionFailed(broke.Task.A, broke.Failure) { At = context.Now }
                    : new VideoFailed(broke.Failure) { At = context.Now }
            );
        }
        var notBefore = RetryRules.NotBefore(tries, kind, context);
        return Decision.Of(
            new TaskFailed(broke.Task, kind, broke.Failure.Message, notBefore) { At = context.Now }
        );
    }

    /// <summary>What is left lying about harms nobody: it is told, and tried again for as long as it takes.</summary>
    public static Decision OnCleanerBroke(VideoState state, TaskBroke broke, DecideContext context)
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
        return Decision.Of(
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
                return Decision.Of(new RenditionFailed(id.Rendition, failure) { At = context.Now });
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

    /// <summary>Told once, whatever the failure leads to.</summary>
    static Decision WithCost(Decision decision, SpentCpu? spent) =>
        decision.Events.Count == 0
            ? decision
            : decision with
            {
                Events = [decision.Events[0] with { Spent = spent }, .. decision.Events.Skip(1)],
            };
}
