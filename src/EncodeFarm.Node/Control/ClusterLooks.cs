using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Control;

/// <summary>
/// Looks at the cluster again when something has changed there: the coordinator holds the answer back until then.
/// </summary>
/// <param name="gap">The least time between two looks, for attempts change all the time.</param>
public sealed class ClusterLooks(FarmApi api, TimeSpan gap, TimeProvider time)
{
    private long? _seen;
    private bool _looked;

    /// <param name="jobs">Ids; empty for all that is open.</param>
    /// <exception cref="FarmApiException">The coordinator does not answer; the next look does not wait for a change.</exception>
    public async Task<ClusterSeen> NextAsync(
        IReadOnlyList<string> jobs,
        CancellationToken cancellation
    )
    {
        if (_looked)
        {
            await Task.Delay(gap, time, cancellation);
        }
        _looked = true;
        var seen = _seen;
        _seen = null;
        var nodes = await api.NodesAsync(cancellation, seen);
        IReadOnlyList<JobInfo> found =
            jobs.Count == 0
                ? (await api.JobsAsync(true, cancellation)).Jobs
                :
                [
                    .. (
                        await Task.WhenAll(jobs.Select(job => api.JobAsync(job, cancellation)))
                    ).Select(detail => detail.Job),
                ];
        _seen = nodes.Version;
        return new ClusterSeen(found, nodes.Nodes);
    }
}
