using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Hosting;

/// <summary>
/// Finds out whether the cluster has a coordinator that this one would know nothing of. One that decides answers a question
/// at once, however seldom it announces the members; one that is too busy to answer is heard by its announcements.
/// </summary>
internal static class SecondCoordinator
{
    /// <summary>How long a coordinator without PostgreSQL waits for a sign of another one: a start takes that much longer.</summary>
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(1.2);

    /// <summary>Without PostgreSQL two coordinators would know nothing of each other's jobs.</summary>
    public static async Task RefuseAsync(
        ClusterSettings cluster,
        ClusterNode node,
        IFarmTransport transport,
        string home,
        TimeProvider time,
        CancellationToken stop
    )
    {
        var alone = cluster.Broker is null || cluster.Journal is not null;
        if (alone || !cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            return;
        }
        var answered = AskAsync(transport, node, stop);
        var heard = HearAsync(node, home, time, stop);
        var other = await await Task.WhenAny(answered, heard) ?? await answered ?? await heard;
        if (other is not null)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"The cluster has a coordinator already, '{other}', and this one keeps its journal in SQLite.",
                "Several coordinators need PostgreSQL (--journal); or start this node with --roles worker."
            );
        }
    }

    /// <summary>Whoever answers holds another work directory: the lock of this one is ours.</summary>
    private static async Task<string?> AskAsync(
        IFarmTransport transport,
        ClusterNode node,
        CancellationToken stop
    )
    {
        var limits = AnswerLimits.Standard with { Way = LookAround };
        var api = new FarmApi(ApiForwarding.Ask(transport, () => node.Members, limits));
        try
        {
            return (await api.LeaderAsync(stop)).Name;
        }
        catch (FarmApiException)
        {
            return null;
        }
    }

    private static async Task<string?> HearAsync(
        ClusterNode node,
        string home,
        TimeProvider time,
        CancellationToken stop
    )
    {
        try
        {
            await node.Heard.WaitAsync(LookAround, time, stop);
        }
        catch (TimeoutException)
        {
            return null;
        }
        return node
            .Members.Members.FirstOrDefault(member =>
                member is { IsAlive: true, Unreachable: false }
                && member.Card.Roles.Contains("coordinator")
                && member.Card.Home != home
            )
            ?.Address.Name;
    }
}
