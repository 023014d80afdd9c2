using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Coordination;

/// <summary>What the coordinator that decides can be asked and told. It lives as long as its epoch.</summary>
public interface ICoordinator
{
    long Epoch { get; }

    /// <summary>How long the epoch has lasted, on this machine's monotonic clock.</summary>
    TimeSpan Age { get; }

    NodeAddress Self { get; }

    /// <summary>Videos that were opened in this epoch (all unfinished ones are), and what the dispatcher does.</summary>
    FarmMonitor Monitor { get; }

    MemberTable Members { get; }

    /// <summary>Every job that the journal holds, finished ones too, in the order of submission.</summary>
    Task<IReadOnlyList<JobEntry>> JobsAsync(CancellationToken cancellation);

    /// <summary>Journals a new job. A job of the same id goes on where it was.</summary>
    /// <returns>A refusal where another unfinished job delivers to the same place.</returns>
    Task<VideoAnswer> SubmitAsync(JobSpec spec, CancellationToken cancellation);

    /// <summary>A command to a job; null where there is no such job.</summary>
    Task<VideoAnswer?> CommandAsync(string job, VideoInput command, CancellationToken cancellation);

    /// <summary>The state of a job, finished ones too; null where there is no such job.</summary>
    Task<VideoState?> FindAsync(string job, CancellationToken cancellation);

    /// <summary>The job's journal from an event on, as it is now.</summary>
    /// <param name="after">Sequence number; 0 for all.</param>
    IAsyncEnumerable<(long Sequence, VideoEvent Event)> EventsAsync(
        string job,
        long after,
        CancellationToken cancellation
    );

    /// <summary>An operator's wish for the member table: drain, leave, down.</summary>
    /// <exception cref="ClusterException">The transition is not allowed, with the reason.</exception>
    Task<MemberTable> ChangeMembersAsync(
        Func<MemberTable, TableChange> change,
        CancellationToken cancellation
    );

    /// <summary>A command to a node, such as another number of slots.</summary>
    /// <returns>False where it can't be delivered.</returns>
    Task<bool> SendAsync(string node, WireMessage message, CancellationToken cancellation);
}
