using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Api;

/// <summary>Why something waits, as a phrase; null where it does not wait.</summary>
public static class WaitReasons
{
    public static string? Of(
        string job,
        VideoState state,
        DispatchSnapshot dispatch,
        DateTimeOffset now
    )
    {
        if (state.Finished)
        {
            return null;
        }
        if (state.Paused)
        {
            return state.PausedNow ? "paused" : "paused; what runs is finished";
        }
        if (
            dispatch.Leases.Any(lease => lease.Video == job && !lease.Finished)
            || dispatch.Tasks.Any(task => task.StartsWith($"{job}/", StringComparison.Ordinal))
        )
        {
            return null;
        }
        return dispatch.Waiting.GetValueOrDefault(job)
            ?? (
                dispatch.WaitingForTask.Contains(job)
                    ? "waits for the coordinator's task slot"
                    : null
            )
            ?? AllTries(state)
                .Where(tries => tries.NotBefore > now)
                .OrderBy(tries => tries.NotBefore)
                .Select(tries => Again(tries, now))
                .FirstOrDefault();
    }

    public static string? Of(
        string job,
        VideoState state,
        SegmentId id,
        DispatchSnapshot dispatch,
        DateTimeOffset now
    )
    {
        var segment = state.Segment(id);
        if (state.Finished || segment.Done is not null)
        {
            return null;
        }
        if (state.Paused)
        {
            return "paused";
        }
        if (state.NeedsPieces && state.Pieces[id.Index] is null)
        {
            return "its piece is not cut yet";
        }
        if (segment.Tries.NotBefore > now)
        {
            return Again(segment.Tries, now);
        }
        return TooLarge(state, id, dispatch)
            ?? dispatch.Waiting.GetValueOrDefault(job)
            ?? (segment.Alone ? "needs a node that runs nothing else" : "no free slot");
    }

    /// <summary>Other segments of the job may be smaller, and run.</summary>
    private static string? TooLarge(VideoState state, SegmentId id, DispatchSnapshot dispatch) =>
        Placement.TooLarge(
            VideoWants.MemoryOf(state, id.Rendition),
            dispatch.Nodes.Where(node =>
                node.Fits(state.Fingerprint, Labels.Parse(state.Spec!.Profile.Needs ?? ""))
            )
        );

    private static string Again(Tries tries, DateTimeOffset now)
    {
        var what = tries.WaitingSince is null
            ? "tried again"
            : "disk full or store away, looked at again";
        var reason = tries.LastReason is null ? "" : $": {tries.LastReason}";
        return $"{what} in {Words.Time(tries.NotBefore - now)}{reason}";
    }

    private static IEnumerable<Tries> AllTries(VideoState state) =>
        state
            .Renditions.SelectMany(rendition =>
                rendition
                    .Segments.Where(segment => segment.Done is null)
                    .Select(segment => segment.Tries)
                    .Append(rendition.Mux)
                    .Append(rendition.Deliver)
            )
            .Concat(state.Audio.SelectMany(variant => variant).Select(track => track.Tries))
            .Append(state.PlanTries)
            .Append(state.PieceTries);
}
