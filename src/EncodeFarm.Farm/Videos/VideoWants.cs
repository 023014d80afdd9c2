using System.Collections.Immutable;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Videos;

/// <summary>What ought to run for a video now.</summary>
/// <param name="Tasks">Things the coordinator does itself.</param>
/// <param name="Offers">Segments that a worker may encode.</param>
/// <param name="WakeAt">When a back-off ends and this has to be asked again.</param>
/// <param name="StartNew">False while paused: those that run may finish, nothing is begun.</param>
public sealed record Wanted(
    ImmutableArray<TaskId> Tasks,
    ImmutableArray<SegmentOffer> Offers,
    DateTimeOffset? WakeAt,
    bool StartNew
);

/// <summary>The third of the three pure functions: what the state asks for, so that a crash between journal and effect loses nothing.</summary>
public static class VideoWants
{
    static readonly Wanted Nothing = new([], [], null, false);

    public static Wanted Wanted(VideoState state, DateTimeOffset now)
    {
        if (state.Spec is null || state is { PausedNow: true, Finished: false })
        {
            return Nothing;
        }
        var due = new Due(now);
        if (state.Finished)
        {
            var sweep =
                !state.Cleaned
                && (state.State is JobState.Completed or JobState.Cancelled)
                && due.Now(state.CleanTries ?? Tries.None);
            return Nothing with
            {
                Tasks = sweep ? [new TaskId(TaskKind.Clean)] : [],
                WakeAt = due.WakeAt,
                StartNew = true,
            };
        }
        var tasks = Tasks(state, due).ToImmutableArray();
        var offers = Offers(state, due).ToImmutableArray();
        return new Wanted(tasks, offers, due.WakeAt, !state.Paused);
    }

    static IEnumerable<TaskId> Tasks(VideoState state, Due due)
    {
        if (state.Plan is null)
        {
            if (due.Now(state.PlanTries))
            {
                yield return new TaskId(TaskKind.Plan);
            }
            yield break;
        }
        if (state.Pieces.Any(piece => piece is null) && due.Now(state.PieceTries))
        {
            yield return new TaskId(TaskKind.Pieces);
        }
        var spec = state.Spec!;
        var awaited = Enumerable
            .Range(0, state.Renditions.Length)
            .Where(index => !state.Renditions[index].Finished)
            .Select(spec.AudioVariantOf)
            .ToHashSet();
        foreach (var variant in awaited.Order())
        {
            for (var track = 0; track < state.Audio[variant].Length; track++)
            {
                var audio = state.Audio[variant][track];
                if (audio.Done is null && due.Now(audio.Tries))
                {
                    yield return new TaskId(TaskKind.Audio, variant, track);
                }
            }
        }
        for (var index = 0; index < state.Renditions.Length; index++)
        {
            var rendition = state.Renditions[index];
            if (rendition.Finished || !rendition.AllEncoded)
            {
                continue;
            }
            var audio = state.Audio[spec.AudioVariantOf(index)];
            if (rendition.Delivering is not null)
            {
                if (due.Now(rendition.Deliver))
                {
                    yield return new TaskId(TaskKind.Deliver, index);
                }
            }
            else if (audio.All(track => track.Done is not null) && due.Now(rendition.Mux))
            {
                yield return new TaskId(TaskKind.Mux, index);
            }
        }
    }

    static IEnumerable<SegmentOffer> Offers(VideoState state, Due due)
    {
        for (var index = 0; index < state.Renditions.Length; index++)
        {
            var rendition = state.Renditions[index];
            if (rendition.Finished)
            {
                continue;
            }
            for (var number = 0; number < rendition.Segments.Length; number++)
            {
                var segment = rendition.Segments[number];
                var piece = state.NeedsPieces ? state.Pieces[number] : null;
                var ready = segment.Done is null && (!state.NeedsPieces || piece is not null);
                if (ready && due.Now(segment.Tries))
                {
                    yield return Offer(state, new SegmentId(index, number), segment, piece);
                }
            }
        }
    }

    static SegmentOffer Offer(
        VideoState state,
        SegmentId id,
        SegmentState segment,
        PieceState? piece
    )
    {
        var settings = state.Renditions[id.Rendition].Settings;
        var task = new SegmentTask(
            piece?.Range ?? state.Ranges[id.Index],
            settings,
            QualityTiers
                .For(settings.Video.Quality)
                .FirstOrDefault(tier => tier.Number == segment.Tier),
            segment.Known
        );
        return new SegmentOffer(
            id,
            segment.Tier,
            task,
            piece?.Artifact,
            segment.Alone,
            NodesToAvoid(segment),
            segment.Tries.Failures + segment.Losses > 0
        )
        {
            Memory = MemoryOf(state, id.Rendition),
        };
    }

    /// <summary>A node may be lost by chance; of a segment that is lost again and again another node shows whether it is to blame.</summary>
    static ImmutableArray<string> NodesToAvoid(SegmentState segment) =>
        segment.Losses < AttemptRules.LossesBeforeAlone
            ? segment.Avoid
            : [.. segment.Avoid.Union(segment.LostOn)];

    /// <summary>Bytes that an attempt at a segment of the rendition is likely to take at most.</summary>
    public static long MemoryOf(VideoState state, int rendition)
    {
        var (settings, source) = (state.Renditions[rendition].Settings, state.Analysis!.Video);
        return AttemptMemory.Bytes(settings, (long)source.Width * source.Height);
    }

    /// <summary>Collects the earliest back-off that has yet to end.</summary>
    sealed class Due(DateTimeOffset now)
    {
        public DateTimeOffset? WakeAt { get; private set; }

        public bool Now(Tries tries)
        {
            if (tries.NotBefore <= now)
            {
                return true;
            }
            if (WakeAt is null || tries.NotBefore < WakeAt)
            {
                WakeAt = tries.NotBefore;
            }
            return false;
        }
    }
}
