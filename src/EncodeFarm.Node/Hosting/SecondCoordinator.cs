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

    /// <summary>It passes in such steps, of which a process that stands still, and hears nobody meanwhile, makes one at most.</summary>
    private static readonly TimeSpan Step = LookAround / Steps;
    private const int Steps = 12;

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
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var left = Steps;
        await using var steps = time.CreateTimer(
            _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    over.Cancel();
                }
            },
            null,
            Step,
            Step
        );
        var answered = AskAsync(transport, node, time, over.Token, stop);
        var heard = HearAsync(node, home, over.Token, stop);
        var other = await await Task.WhenAny(answered, heard) ?? await answered ?? await heard;
        await over.CancelAsync();
        if (other is not null)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"The cluster has a coordinator already, '{other}', and this one keeps its journal in SQLite.",
                "Several coordinators need PostgreSQL (--journal); or start this node with --roles worker."
            );
        }
    }

    /// <summary>
    /// Whoever answers holds another work directory: the lock of this one is ours. A question that was under way while the
    /// machine stood still is over, and asked again in the time that is left.
    /// </summary>
    private static async Task<string?> AskAsync(
        IFarmTransport transport,
        ClusterNode node,
        TimeProvider time,
        CancellationToken over,
        CancellationToken stop
    )
    {
        var limits = AnswerLimits.Standard with { Way = LookAround };
        var api = new FarmApi(ApiForwarding.Ask(transport, () => node.Members, limits));
        try
        {
            while (true)
            {
                try
                {
                    return (await api.LeaderAsync(over)).Name;
                }
                catch (FarmApiException)
                {
                    await Task.Delay(Step, time, over);
                }
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task<string?> HearAsync(
        ClusterNode node,
        string home,
        CancellationToken over,
        CancellationToken stop
    )
    {
        try
        {
            await node.Heard.WaitAsync(over);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
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
