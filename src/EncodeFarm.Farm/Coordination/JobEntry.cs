using System.Collections.Immutable;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Coordination;

/// <summary>A job in a list, without its segments.</summary>
/// <param name="Order">Submission order in this farm.</param>
/// <param name="Segments">Of all renditions together; 0 before the plan is made.</param>
/// <param name="Delivered">Renditions that lie at their destination.</param>
/// <param name="Over">Nothing is left to do. False also where the last word about it got lost in a crash.</param>
public sealed record JobEntry(
    string Id,
    long Order,
    string Source,
    string Profile,
    ImmutableArray<string> Destinations,
    JobState State,
    bool Paused,
    int Priority,
    int Segments,
    int SegmentsDone,
    int Renditions,
    int Delivered,
    DateTimeOffset SubmittedAt,
    DateTimeOffset? FinishedAt,
    string? Error,
    bool Over
)
{
    public static JobEntry Of(string id, long order, VideoState state)
    {
        var segments = state.Renditions.SelectMany(rendition => rendition.Segments).ToList();
        var failure =
            state.Failure
            ?? state
                .Renditions.Select(rendition => rendition.Failure)
                .FirstOrDefault(f => f is not null);
        return new JobEntry(
            id,
            order,
            state.Spec?.Source.Path ?? "",
            state.Spec?.Profile.Name ?? "",
            [.. state.Spec?.Destinations ?? []],
            state.State,
            state.Paused,
            state.Priority,
            segments.Count,
            segments.Count(segment => segment.Done is not null),
            state.Renditions.Count(rendition => rendition.Skipped is null),
            state.Renditions.Count(rendition => rendition.Delivered),
            state.SubmittedAt,
            state.FinishedAt,
            failure?.Message,
            state.Over
        );
    }
}

/// <summary>The list of jobs beside the journal, so that a coordinator need not replay what is long over.</summary>
public interface IJobIndex
{
    Task<IReadOnlyList<JobEntry>> ListAsync(CancellationToken cancellation);

    Task SaveAsync(JobEntry entry, CancellationToken cancellation);
}
