using EncodeFarm.Actors;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Coordination;

/// <param name="JobsRoot">Directory with a folder for each job, on this machine.</param>
/// <param name="Fingerprint">Of this machine's tools: new jobs are pinned to it.</param>
/// <param name="Tasks">How many analyses, audio tracks and muxes run at a time.</param>
/// <param name="MayDecide">Whether this coordinator still holds its epoch; asked before anything that is not fenced by the journal.</param>
/// <param name="Last">The member table that this node has last heard of.</param>
/// <param name="Happened">One event of a job, for logs.</param>
public sealed record TermOptions(
    long Epoch,
    string JobsRoot,
    string Fingerprint,
    int Tasks,
    RetryPolicy Policy,
    JoinCheck Check,
    FailureLimits Limits,
    MemberTable Last,
    Func<bool> MayDecide,
    TimeProvider Time,
    Action<ActorLog> Log,
    Action<string, VideoEvent> Happened
)
{
    /// <summary>
    /// How long jobs that are over stay in memory, where a question about one costs no replay: a film of two hours takes
    /// about 1 MB, and a coordinator runs for months.
    /// </summary>
    public TimeSpan RestAfter { get; init; } = TimeSpan.FromMinutes(10);
}
