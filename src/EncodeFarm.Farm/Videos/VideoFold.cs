using System.Collections.Immutable;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Videos;

/// <summary>The second of the three pure functions: what an event makes of the state.</summary>
public static class VideoFold
{
    public static VideoState Apply(VideoState state, VideoEvent happened)
    {
        var next = Change(Counted(state, happened), happened);
        return next.Finished && next.FinishedAt is null
            ? next with
            {
                FinishedAt = happened.At,
            }
            : next;
    }

    /// <summary>
    /// Counts the time between two events of one run as encoding time while segments are open, and what failed tasks have
    /// cost.
    /// </summary>
    static VideoState Counted(VideoState state, VideoEvent happened)
    {
        var encoding = state.State is JobState.Encoding && happened is not VideoOpened;
        var elapsed = encoding ? (happened.At - state.LastEventAt).TotalSeconds : 0;
        return state with
        {
            LastEventAt = happened.At,
            EncodingSeconds = state.EncodingSeconds + Math.Max(0, elapsed),
            Spent = happened.Spent is { } spent
                ? spent + (state.Spent ?? SpentCpu.None)
                : state.Spent,
        };
    }

    static VideoState Change(VideoState state, VideoEvent happened) =>
        happened switch
        {
            VideoSubmitted e => state with
            {
                Spec = e.Spec,
                Fingerprint = e.Fingerprint,
                Priority = e.Spec.Priority,
                SubmittedAt = e.At,
            },
            // Whoever opens it again may have made room.
            VideoOpened => state with { CleanTries = null },
            VideoPlanned e => Planned(state, e),
            PieceCut e => state with
            {
                Pieces = state.Pieces.SetItem(e.Segment, new PieceState(e.Artifact, e.Range)),
                PieceTries = Tries.None,
                CutCpu = state.CutCpu + (e.CpuSeconds ?? 0),
            },
            PieceLost e => On(
                state with
                {
                    Pieces = Without(state.Pieces, e.Segment.Index),
                },
                e.Segment,
                segment => WithoutPiece(segment, e)
            ),
            SegmentEncoded e => On(
                state,
                e.Segment,
                segment =>
                    segment with
                    {
                        Attempts = segment.Attempts + 1,
                        Done = new SegmentDone(e.Attempt, e.Node, e.Artifact, e.Figures),
                        Tries = Tries.None,
                    }
            ),
            TierMissed e => On(state, e.Segment, segment => NextTier(segment, e)),
            AttemptFailed e => On(state, e.Segment, segment => Failed(segment, e)),
            AttemptLost e => On(state, e.Segment, segment => Lost(segment, e)),
            AttemptReturned e => On(
                state,
                e.Segment,
                segment =>
                    segment with
                    {
                        Attempts = segment.Attempts + 1,
                        Ended = segment.Ended.Add(e.Attempt),
                    }
            ),
            FailureExcused e => On(state, e.Segment, segment => Excused(segment, e)),
            SegmentInvalidated e => On(
                state,
                e.Segment,
                segment =>
                    segment with
                    {
                        Done = null,
                        Tries = Tries.None,
                        Invalidated = segment.Invalidated.Add(segment.Done!.Artifact.Sha256),
                    }
            ),
            AudioTrackEncoded e => state with
            {
                Audio = state.Audio.SetItem(
                    e.Variant,
                    state.Audio[e.Variant].SetItem(e.Track, new AudioState(e.Audio, Tries.None))
                ),
            },
            TaskFailed e => TaskTried(state, e),
            DeliveryStarted e => On(
                state,
                e.Rendition,
                rendition => rendition with { Mux = Tries.None, Delivering = e.File }
            ),
            DeliveryLost e => On(
                state,
                e.Rendition,
                rendition => rendition with { Delivering = null, Deliver = Tries.None }
            ),
            RenditionDelivered e => On(state, e.Rendition, r => r with { Delivered = true }),
            RenditionFailed e => On(state, e.Rendition, r => r with { Failure = e.Failure }),
            VideoFailed e => state with { Failure = e.Failure },
            VideoPaused e => state with { Paused = true, PausedNow = e.Now },
            VideoResumed => state with { Paused = false, PausedNow = false },
            VideoCancelled => state with { Cancelled = true },
            VideoRetried => Retried(state),
            VideoPriorityChanged e => state with { Priority = e.Priority },
            WorkCleaned => state with { Cleaned = true },
            _ => throw new InvalidOperationException(
                $"No rule for the event {happened.GetType().Name}."
            ),
        };

    static VideoState Planned(VideoState state, VideoPlanned e)
    {
        var renditions = e.Settings.Select(
            (settings, index) =>
            {
                var skipped = e.Skipped?[index];
                var tier = settings.Video.Rate == RateControl.TargetVmaf ? 1 : 0;
                var fresh = new SegmentState(
                    tier,
                    [],
                    Tries.None,
                    0,
                    false,
                    [],
                    [],
                    [],
                    0,
                    null,
                    0,
                    AttemptCpu.None
                );
                return new RenditionState(
                    settings,
                    [.. Enumerable.Repeat(fresh, skipped is null ? e.Plan.Segments.Count : 0)],
                    Tries.None,
                    Tries.None,
                    null,
                    false,
                    null,
                    skipped
                );
            }
        );
        var tracks = Enumerable.Repeat(new AudioState(null, Tries.None), e.Analysis.Audio.Count);
        var variants = state.Spec?.AudioVariants().Count ?? 0;
        return state with
        {
            Analysis = e.Analysis,
            Plan = e.Plan,
            Ranges = e.Ranges,
            PlanTries = Tries.None,
            CutCpu = state.CutCpu + (e.CpuSeconds ?? 0),
            Renditions = [.. renditions],
            Audio = [.. Enumerable.Range(0, variants).Select(_ => tracks.ToImmutableArray())],
            Pieces = state.NeedsPieces
                ? [.. new PieceState?[e.Plan.Segments.Count]]
                : ImmutableArray<PieceState?>.Empty,
        };
    }

    static SegmentState NextTier(SegmentState segment, TierMissed e) =>
        segment with
        {
            Tier = e.Tier + 1,
            Known = [.. segment.Known, .. e.Points.Where(point => !segment.Known.Contains(point))],
            Attempts = segment.Attempts + 1,
            Ended = segment.Ended.Add(e.Attempt),
            SpentProbes = segment.SpentProbes + e.Probes,
            Spent = segment.Spent + new AttemptCpu(e.Cpu.Total, null, null),
            Tries = Tries.None,
        };

    /// <summary>Several segments may share one artifact: the whole file, where no piece can be cut.</summary>
    static ImmutableArray<PieceState?> Without(ImmutableArray<PieceState?> pieces, int lost)
    {
        var name = pieces[lost]?.Artifact.Name;
        return [.. pieces.Select(piece => piece?.Artifact.Name == name ? null : piece)];
    }

    static SegmentState WithoutPiece(SegmentState segment, PieceLost e) =>
        segment with
        {
            Attempts = segment.Attempts + 1,
            Ended = segment.Ended.Add(e.Attempt),
            PiecesLost = segment.PiecesLost + 1,
            // It may be this node alone that does not see it: a share that is not mounted.
            Avoid = segment.Avoid.Contains(e.Node) ? segment.Avoid : segment.Avoid.Add(e.Node),
            Tries = segment.Tries with { NotBefore = e.NotBefore, LastReason = e.Reason },
        };

    static SegmentState Failed(SegmentState segment, AttemptFailed e) =>
        segment with
        {
            Attempts = segment.Attempts + 1,
            Ended = segment.Ended.Add(e.Attempt),
            Spent = segment.Spent + (e.Cpu ?? AttemptCpu.None),
            Tries = Again(segment.Tries, e.Kind, e.Reason, e.At, e.NotBefore),
            Alone = segment.Alone || e.Kind == FailureKind.OutOfMemory,
            Avoid = segment.Avoid.Contains(e.Node) ? segment.Avoid : segment.Avoid.Add(e.Node),
        };

    static SegmentState Lost(SegmentState segment, AttemptLost e) =>
        segment with
        {
            Attempts = segment.Attempts + 1,
            Ended = segment.Ended.Add(e.Attempt),
            Losses = segment.Losses + 1,
            Alone = segment.Alone || segment.Losses + 1 >= AttemptRules.LossesBeforeAlone,
            LostOn = segment.LostOn.Contains(e.Node) ? segment.LostOn : segment.LostOn.Add(e.Node),
        };

    /// <summary>One failure less, and no back-off for it. The node stays one to avoid.</summary>
    static SegmentState Excused(SegmentState segment, FailureExcused e) =>
        segment with
        {
            Excused = segment.Excused.Add(e.Attempt),
            Tries = segment.Tries with
            {
                Failures = Math.Max(0, segment.Tries.Failures - 1),
                NotBefore = e.At,
            },
        };

    /// <summary>A full disk, or a store that is away, is waited for and does not count as a failure.</summary>
    static Tries Again(
        Tries tries,
        FailureKind kind,
        string reason,
        DateTimeOffset at,
        DateTimeOffset notBefore
    ) =>
        kind.IsWaitedFor()
            ? tries with
            {
                NotBefore = notBefore,
                WaitingSince = RetryRules.WaitingSince(tries, at) ?? at,
                LastReason = reason,
            }
            : new Tries(tries.Failures + 1, notBefore, null, reason);

    static VideoState TaskTried(VideoState state, TaskFailed e)
    {
        Tries Next(Tries tries) => Again(tries, e.Kind, e.Reason, e.At, e.NotBefore);
        return e.Task.Kind switch
        {
            TaskKind.Plan => state with { PlanTries = Next(state.PlanTries) },
            TaskKind.Pieces => state with { PieceTries = Next(state.PieceTries) },
            TaskKind.Audio => state with
            {
                Audio = state.Audio.SetItem(
                    e.Task.A,
                    state
                        .Audio[e.Task.A]
                        .SetItem(
                            e.Task.B,
                            new AudioState(null, Next(state.Audio[e.Task.A][e.Task.B].Tries))
                        )
                ),
            },
            TaskKind.Mux => On(state, e.Task.A, r => r with { Mux = Next(r.Mux) }),
            TaskKind.Deliver => On(state, e.Task.A, r => r with { Deliver = Next(r.Deliver) }),
            TaskKind.Clean => state with
            {
                CleanTries = new Tries(
                    (state.CleanTries?.Failures ?? 0) + 1,
                    e.NotBefore,
                    null,
                    e.Reason
                ),
            },
            _ => state,
        };
    }

    /// <summary>Clears every failure and its counters; what is done stays done.</summary>
    static VideoState Retried(VideoState state) =>
        state with
        {
            Failure = null,
            FinishedAt = null,
            PlanTries = Tries.None,
            PieceTries = Tries.None,
            Audio =
            [
                .. state.Audio.Select(variant =>
                    variant.Select(track => track with { Tries = Tries.None }).ToImmutableArray()
                ),
            ],
            Renditions =
            [
                .. state.Renditions.Select(rendition =>
                    rendition.Delivered || rendition.Skipped is not null
                        ? rendition
                        : rendition with
                        {
                            Failure = null,
                            Mux = Tries.None,
                            Deliver = Tries.None,
                            Segments =
                            [
                                .. rendition.Segments.Select(segment =>
                                    segment with
                                    {
                                        Tier = Math.Min(segment.Tier, LastTier(rendition)),
                                        Tries = Tries.None,
                                        Losses = 0,
                                        PiecesLost = 0,
                                        Alone = false,
                                        Avoid = [],
                                        LostOn = [],
                                        Invalidated = [],
                                    }
                                ),
                            ],
                        }
                ),
            ],
        };

    /// <summary>A segment that has missed it stands behind it, where there is nothing to try.</summary>
    static int LastTier(RenditionState rendition) =>
        QualityTiers.For(rendition.Settings.Video.Quality)[^1].Number;

    static VideoState On(
        VideoState state,
        int rendition,
        Func<RenditionState, RenditionState> change
    ) =>
        state with
        {
            Renditions = state.Renditions.SetItem(rendition, change(state.Renditions[rendition])),
        };

    static VideoState On(VideoState state, SegmentId id, Func<SegmentState, SegmentState> change) =>
        On(
            state,
            id.Rendition,
            rendition =>
                rendition with
                {
                    Segments = rendition.Segments.SetItem(
                        id.Index,
                        change(rendition.Segments[id.Index])
                    ),
                }
        );
}
