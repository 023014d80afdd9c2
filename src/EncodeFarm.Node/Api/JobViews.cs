using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Embedded;

namespace EncodeFarm.Node.Api;

/// <summary>Jobs as the API shows them, read off the coordinator's states.</summary>
public static class JobViews
{
    /// <summary>Below this many seconds a speed says nothing yet.</summary>
    private const double TooEarly = 2;

    /// <param name="state">Null for a job that was not opened in this epoch.</param>
    public static JobInfo Of(
        JobEntry entry,
        VideoState? state,
        DispatchSnapshot dispatch,
        DateTimeOffset now
    )
    {
        var progress = Progress.Of(entry.Id, state, dispatch);
        return new JobInfo(
            entry.Id,
            entry.Source,
            entry.Profile,
            entry.State.ToString(),
            entry.Paused,
            entry.Priority,
            entry.Segments,
            entry.SegmentsDone,
            dispatch.Leases.Count(lease => lease.Video == entry.Id && !lease.Finished),
            entry.Destinations.Length,
            entry.Delivered,
            entry.State == JobState.Completed ? 1 : progress.Fraction,
            entry.State == JobState.Encoding ? progress.Fps : null,
            entry.State == JobState.Encoding ? progress.EtaSeconds : null,
            entry.Destinations,
            entry.SubmittedAt,
            entry.FinishedAt,
            state is null ? null : WaitReasons.Of(entry.Id, state, dispatch, now),
            entry.Error,
            state is not null && ReportBuilder.FailureOf(state) is { } failure
                ? ReportBuilder.ErrorOf(failure.Kind).ToString()
                : null
        );
    }

    public static JobDetail Detail(
        string id,
        VideoState state,
        DispatchSnapshot dispatch,
        DateTimeOffset now
    )
    {
        var audio = state.Audio.SelectMany(variant => variant).ToList();
        var prefix = $"{id}/";
        return new JobDetail(
            Of(JobEntry.Of(id, 0, state), state, dispatch, now),
            [.. state.Renditions.Select((_, index) => Rendition(state, index))],
            audio.Count,
            audio.Count(track => track.Done is not null),
            [
                .. dispatch
                    .Leases.Where(lease => lease.Video == id)
                    .Select(lease => Attempt(lease, state)),
            ],
            [
                .. dispatch
                    .Tasks.Where(task => task.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(task => task[prefix.Length..]),
            ],
            ReportBuilder.Warnings(state).ToList()
        );
    }

    public static SegmentList Segments(
        string id,
        VideoState state,
        DispatchSnapshot dispatch,
        DateTimeOffset now
    )
    {
        var leases = dispatch
            .Leases.Where(lease => lease.Video == id)
            .ToLookup(lease => lease.Segment);
        return new SegmentList(
            id,
            [
                .. state.Renditions.SelectMany(
                    (rendition, r) =>
                        rendition.Segments.Select(
                            (_, index) =>
                            {
                                var segment = new SegmentId(r, index);
                                var lease = leases[segment].FirstOrDefault();
                                return Segment(id, state, segment, lease, dispatch, now);
                            }
                        )
                ),
            ]
        );
    }

    /// <param name="state">Null where the lease's job is not known (any more).</param>
    public static AttemptInfo Attempt(Lease lease, VideoState? state) =>
        new(
            lease.Attempt,
            lease.Video,
            NameOf(state, lease.Segment.Rendition),
            lease.Segment.Index,
            lease.Tier,
            lease.Node,
            lease.Started,
            lease.Finished ? "result" : lease.Progress?.Phase,
            lease.Finished ? 1 : lease.Progress?.Fraction,
            lease.Finished ? null : lease.Progress?.Fps,
            lease.Since
        );

    private static string NameOf(VideoState? state, int rendition) =>
        state?.Spec?.Profile.Renditions is { } all && rendition < all.Count
            ? all[rendition].Name
            : $"{rendition}";

    private static RenditionInfo Rendition(VideoState state, int index)
    {
        var rendition = state.Renditions[index];
        return new RenditionInfo(
            NameOf(state, index),
            state.Spec!.Destinations[index],
            rendition switch
            {
                { Delivered: true } => "Delivered",
                { Skipped: not null } => "Skipped",
                { Failure: not null } => "Failed",
                { Delivering: not null } => "Validated",
                { AllEncoded: true } => "Encoded",
                _ => "Encoding",
            },
            rendition.Segments.Length,
            rendition.Segments.Count(segment => segment.Done is not null),
            rendition.Delivering?.SizeBytes,
            rendition.Failure?.Message ?? rendition.Skipped
        );
    }

    private static SegmentInfo Segment(
        string job,
        VideoState state,
        SegmentId id,
        Lease? lease,
        DispatchSnapshot dispatch,
        DateTimeOffset now
    )
    {
        var segment = state.Segment(id);
        var planned = state.Plan!.Segments[id.Index];
        var done = segment.Done;
        var running = done is null && lease is not null;
        var failed = done is null && state.Renditions[id.Rendition].Failure is not null;
        return new SegmentInfo(
            NameOf(state, id.Rendition),
            id.Index,
            planned.StartFrame,
            planned.Frames,
            done is not null ? "done"
                : running ? "running"
                : failed ? "failed"
                : "waiting",
            done?.Node ?? lease?.Node,
            running ? lease!.Progress?.Phase : null,
            running ? lease!.Progress?.Fraction : null,
            running ? lease!.Progress?.Fps : null,
            segment.Attempts,
            segment.Tries.Failures,
            segment.Losses,
            done?.Figures.Crf,
            done?.Figures.Tier,
            done?.Figures.Scores?.HarmonicMean,
            done?.Artifact.Length,
            running || failed ? null : WaitReasons.Of(job, state, id, dispatch, now)
        );
    }

    /// <summary>How much of the frames to encode is done, and how fast that went.</summary>
    private sealed record Progress(double? Fraction, double? Fps, double? EtaSeconds)
    {
        public static Progress Of(string job, VideoState? state, DispatchSnapshot dispatch)
        {
            if (state?.Plan is not { } plan)
            {
                return new Progress(null, null, null);
            }
            var made = state.Renditions.Count(rendition => rendition.Skipped is null);
            double total = (double)plan.Segments.Sum(segment => segment.Frames) * made;
            if (total == 0)
            {
                return new Progress(null, null, null);
            }
            var done =
                state
                    .Renditions.SelectMany(rendition => rendition.Segments)
                    .Sum(segment => (double)(segment.Done?.Figures.Frames ?? 0))
                + dispatch
                    .Leases.Where(lease =>
                        lease.Video == job
                        && state.Has(lease.Segment)
                        && state.Segment(lease.Segment).Done is null
                    )
                    .Sum(lease =>
                        (lease.Progress?.Fraction ?? 0) * plan.Segments[lease.Segment.Index].Frames
                    );
            var fps =
                state.EncodingSeconds > TooEarly && done > 0
                    ? Math.Round(done / state.EncodingSeconds, 2)
                    : (double?)null;
            return new Progress(
                Math.Round(Math.Min(1, done / total), 4),
                fps,
                fps is { } speed and > 0 ? Math.Round(Math.Max(0, total - done) / speed) : null
            );
        }
    }
}
