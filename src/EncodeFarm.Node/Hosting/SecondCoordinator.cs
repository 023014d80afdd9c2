using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Hosting;

/// <summary>Looks whether the cluster has a coordinator that this one would know nothing of.</summary>
internal static class SecondCoordinator
{
    /// <summary>How long a coordinator without PostgreSQL listens whether another one is there.</summary>
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(1.2);

    /// <summary>Without PostgreSQL two coordinators would know nothing of each other's jobs.</summary>
    public static async Task RefuseAsync(
        ClusterSettings cluster,
        ClusterNode node,
        NodeHome home,
        TimeProvider time,
        CancellationToken stop
    )
    {
        var alone = cluster.Broker is null || cluster.Journal is not null;
        if (alone || !cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            return;
        }
        try
        {
            await node.Heard.WaitAsync(LookAround, time, stop);
        }
        catch (TimeoutException)
        {
            return;
        }
        var other = node.Members.Members.FirstOrDefault(member =>
            member is { IsAlive: true, Unreachable: false }
            && member.Card.Roles.Contains("coordinator")
            && member.Card.Home != home.Id
        );
        if (other is not null)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"The cluster has a coordinator already, '{other.Address.Name}', and this one keeps its journal in SQLite.",
                "Several coordinators need PostgreSQL (--journal); or start this node with --roles worker."
            );
        }
    }
}
