using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Coordination;

namespace EncodeFarm.Node.Http;

/// <summary>Whether a node can do its work.</summary>
public static class Health
{
    /// <summary>Why it is not ready, as a sentence; null where it is.</summary>
    public static string? NotReady(INodeView node)
    {
        if (!node.IsConnected)
        {
            return "The broker is away.";
        }
        return node.Members.Find(node.Card.Address) switch
        {
            null => "It has not joined the cluster yet.",
            { Status: MemberStatus.Up } => null,
            { Status: var status } => $"It is {status.ToString().ToLowerInvariant()}.",
        };
    }
}
