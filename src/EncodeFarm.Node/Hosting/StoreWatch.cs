using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Hosting;

/// <summary>
/// Whether the cluster has a store, for a coordinator whose settings leave it to a store node. Such a node may start later
/// than the coordinator; where none is ever seen, the coordinator ends instead of taking jobs that can't be completed.
/// </summary>
/// <param name="members">The newest table.</param>
/// <param name="warn">Told once whenever the store goes away.</param>
/// <param name="giveUp">Told why this node can't go on.</param>
public sealed class StoreWatch(
    ClusterSettings cluster,
    Func<NodeAddress> self,
    Func<MemberTable> members,
    TimeProvider time,
    Action<string> warn,
    Action<string> giveUp
) : IDisposable
{
    /// <summary>How long a store node may take to join after this node has.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private ITimer? _limit;
    private bool _seen;
    private bool _missing;

    /// <summary>Call with every change of the members.</summary>
    public void Look()
    {
        lock (_gate)
        {
            var table = members();
            if (table.Find(self()) is not { Status: MemberStatus.Up })
            {
                return;
            }
            var missing = NodeStores.Missing(cluster, table);
            // One that is down will come back, or be replaced: that is no fault of the settings.
            _seen |= missing is null || table.Members.Any(NodeStores.IsStore);
            if (missing is not null && !_missing)
            {
                warn(missing);
            }
            _missing = missing is not null;
            if (!_seen)
            {
                _limit ??= time.CreateTimer(_ => End(), null, Patience, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void End()
    {
        Look();
        if (!_seen)
        {
            giveUp(NodeStores.NoneJoined(Patience));
        }
    }

    public void Dispose() => _limit?.Dispose();
}
