using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Embedded;

/// <summary>What happened to a job, for its log and for people who watch.</summary>
public static class EventWords
{
    public static (LogLevel Level, string Text) Of(VideoEvent happened) =>
        happened switch
        {
            VideoSubmitted e => (
                LogLevel.Debug,
                $"Submitted {e.Spec.Source.Path} with the profile {e.Spec.Profile.Name}."
            ),
            VideoOpened => (LogLevel.Info, "Goes on where it was."),
            VideoPlanned e => (LogLevel.Info, $"{e.Analysis.Frames} frames in {Pieces(e.Plan)}."),
            SegmentEncoded e => (LogLevel.Debug, Encoded(e)),
            TierMissed e => (LogLevel.Info, $"{Name(e.Segment)} missed tier {e.Tier}: {e.Reason}"),
            AttemptFailed { Kind: FailureKind.DiskFull } e => (
                LogLevel.Warning,
                $"{Name(e.Segment)} waits for room (disk full): {e.Reason}"
            ),
            TaskFailed { Task.Kind: TaskKind.Clean } e => (
                LogLevel.Warning,
                $"What the job has left in the work directory or the store can't be removed, and is tried again later: {e.Reason}"
            ),
            TaskFailed { Kind: FailureKind.DiskFull } e => (
                LogLevel.Warning,
                $"{e.Task} waits for room (disk full): {e.Reason}"
            ),
            AttemptFailed e => (
                LogLevel.Warning,
                $"{Name(e.Segment)} failed in attempt {e.Attempt} on {e.Node}: {e.Reason}"
            ),
            AttemptLost e => (
                LogLevel.Warning,
                $"{Name(e.Segment)} was lost and runs again: {e.Reason}"
            ),
            AttemptReturned e => (
                LogLevel.Info,
                $"{Name(e.Segment)} was handed back by {e.Node} and runs again: {e.Reason}"
            ),
            FailureExcused e => (
                LogLevel.Info,
                $"{Name(e.Segment)}: the failure of attempt {e.Attempt} is put down to {e.Node}."
            ),
            PieceLost e => (
                LogLevel.Warning,
                $"The piece of segment {e.Segment.Index} is cut again: {e.Reason}"
            ),
            SegmentInvalidated e => (
                LogLevel.Warning,
                $"{Name(e.Segment)} is encoded again: {e.Reason}"
            ),
            AudioTrackEncoded e => (LogLevel.Debug, $"Audio track {e.Track} is encoded."),
            TaskFailed e => (LogLevel.Warning, $"{e.Task} failed and is tried again: {e.Reason}"),
            DeliveryStarted e => (
                LogLevel.Debug,
                $"{e.File.Destination} is validated: {Words.Bytes(e.File.SizeBytes)}."
            ),
            DeliveryLost e => (LogLevel.Warning, $"The output is muxed again: {e.Reason}"),
            RenditionDelivered e => (LogLevel.Debug, $"Rendition {e.Rendition} is delivered."),
            RenditionFailed e => (LogLevel.Error, e.Failure.Message),
            VideoFailed e => (LogLevel.Error, e.Failure.Message),
            PieceCut e => (
                LogLevel.Debug,
                $"The piece of segment {e.Segment} is cut: {Words.Bytes(e.Artifact.Length)}."
            ),
            VideoPaused { Now: true } => (
                LogLevel.Info,
                "Paused: nothing new begins, and what runs is withdrawn."
            ),
            VideoPaused => (LogLevel.Info, "Paused: nothing new begins."),
            VideoResumed => (LogLevel.Info, "Goes on after the pause."),
            VideoCancelled => (LogLevel.Info, "Cancelled."),
            VideoRetried => (LogLevel.Info, "What failed is tried again."),
            VideoPriorityChanged e => (LogLevel.Info, $"The priority is {e.Priority} from now on."),
            WorkCleaned => (LogLevel.Debug, "The work directory is cleaned."),
            _ => (LogLevel.Debug, happened.GetType().Name),
        };

    private static string Pieces(SegmentPlan plan) =>
        plan.Unchunked is { } reason
            ? $"one piece: {reason}"
            : Words.Count(plan.Segments.Count, "segment");

    /// <summary>Most jobs have one rendition, so the first is not named.</summary>
    private static string Name(SegmentId segment) =>
        segment.Rendition == 0
            ? $"Segment {segment.Index}"
            : $"Segment {segment.Index} of rendition {segment.Rendition}";

    private static string Encoded(SegmentEncoded e)
    {
        var figures = e.Figures;
        var crf = figures.Crf is null ? "" : $", CRF {Words.Number(figures.Crf, 0)}";
        var score = figures.Scores is { } scores
            ? $", VMAF {Words.Number(scores.HarmonicMean, 2)}"
            : "";
        return $"{Name(e.Segment)} is encoded{crf}{score}, {Words.Bytes(e.Artifact.Length)}, by attempt {e.Attempt}.";
    }
}
