using System.Security.Cryptography;
using System.Text;

namespace EncodeFarm.Cluster.Members;

/// <summary>A node asks to become a member.</summary>
/// <param name="Protocol">The protocol version it speaks.</param>
/// <param name="Proof">Of the cluster's token (see <see cref="JoinCheck.Prove"/>); the token itself never travels.</param>
public sealed record JoinRequest(NodeCard Card, int Protocol, string Proof)
{
    /// <summary>It was a member before and was to take no new work. Coordinators come and go, and know nothing of the one before.</summary>
    public bool Draining { get; init; }
}

/// <summary>What a refused node does.</summary>
public enum JoinAdvice
{
    /// <summary>Ends with the words as its error: asking again would not help.</summary>
    GiveUp,

    /// <summary>Asks again after a while.</summary>
    AskAgain,

    /// <summary>Asks again with a new incarnation.</summary>
    Renew,
}

/// <summary>Why a node may not join, in words for its own log and for the coordinator's.</summary>
public sealed record JoinRefusal(string ToNode, string ToCoordinator, JoinAdvice Advice);

/// <summary>Where encoded segments lie, as the coordinator that decides is set up.</summary>
public abstract record StoreHouse
{
    /// <summary>In a directory or a bucket that all nodes see.</summary>
    public sealed record Shared : StoreHouse;

    /// <summary>At the one node with the role store.</summary>
    public sealed record AtStoreNode : StoreHouse;

    /// <summary>At the coordinator itself.</summary>
    /// <param name="Home">Of its card.</param>
    public sealed record AtCoordinator(string Name, string Home) : StoreHouse;
}

/// <summary>Who may become a member.</summary>
/// <param name="Token">Shared by all nodes; may be empty where nothing but loopback is used.</param>
/// <param name="Protocol">What this coordinator speaks.</param>
public sealed record JoinCheck(string Token, int Protocol)
{
    public StoreHouse Store { get; init; } = new StoreHouse.AtStoreNode();

    /// <summary>The version that this program speaks. One integer for all messages; product versions may differ.</summary>
    public const int CurrentProtocol = 1;

    /// <summary>Shows that the sender knows the token, for this one incarnation: HMAC-SHA256 of the address under the token.</summary>
    public static string Prove(string token, NodeAddress address) =>
        Convert.ToHexStringLower(
            HMACSHA256.HashData(
                Encoding.UTF8.GetBytes(token),
                Encoding.UTF8.GetBytes(address.ToString())
            )
        );

    /// <summary>Null where the node may join.</summary>
    /// <param name="ended">Whether this incarnation has been a member and was given up.</param>
    /// <param name="silence">How long the present holder of the name has not been heard of.</param>
    public JoinRefusal? Refuse(JoinRequest request, MemberTable table, bool ended, TimeSpan silence)
    {
        var name = request.Card.Address.Name;
        if (!NodeAddress.IsName(name))
        {
            return new(
                $"'{name}' is not a name for a node: 1 to {NodeAddress.LongestName} letters, digits, dots, dashes and underscores. Choose another with --name.",
                "A node was refused: its name has characters that are not allowed.",
                JoinAdvice.GiveUp
            );
        }
        if (!ProofFits(request))
        {
            return new(
                $"The cluster refuses the node '{name}': its token is not the cluster's. Give it the token of the coordinator (--token).",
                $"The node '{name}' was refused: it does not know the cluster's token.",
                JoinAdvice.GiveUp
            );
        }
        if (request.Protocol != Protocol)
        {
            return OtherProtocol(name, request.Protocol);
        }
        if (ended)
        {
            return new(
                $"The node '{name}' was given up by the cluster; it joins again as a new member.",
                $"The node '{name}' asks to join with an incarnation that was given up.",
                JoinAdvice.Renew
            );
        }
        if (
            table.Alive(name) is { } holder
            && holder.Address != request.Card.Address
            && holder.Card.Home != request.Card.Home
        )
        {
            return NameTaken(name, silence);
        }
        return request.Card.IsStore ? RefuseStore(request.Card, table) : null;
    }

    /// <summary>Two stores would each have a part of the segments, and whoever looks in the other one would find them lost.</summary>
    JoinRefusal? RefuseStore(NodeCard card, MemberTable table)
    {
        var name = card.Address.Name;
        var other = table.Members.FirstOrDefault(member =>
            member.IsAlive && member.Card.IsStore && member.Card.Home != card.Home
        );
        return Store switch
        {
            StoreHouse.AtCoordinator at when at.Home != card.Home => new(
                $"The coordinator '{at.Name}' keeps the store itself, as its journal is in SQLite, so '{name}' can't be another one. Start this node without the role store (--roles), or give all nodes a shared directory or a bucket (cluster.store).",
                $"The node '{name}' was refused: it has the role store, and this coordinator keeps the store itself.",
                JoinAdvice.GiveUp
            ),
            StoreHouse.AtStoreNode when other is not null => new(
                $"The cluster has a store already, '{other.Address.Name}', so '{name}' can't be another one. Start this node without the role store (--roles); or let '{other.Address.Name}' go first (cluster leave, or cluster down where it is dead), and what only it has is encoded again.",
                $"The node '{name}' was refused: it has the role store, and so has '{other.Address.Name}'.",
                // One that does not answer may be dead, and its place free in a moment.
                other.Unreachable
                    ? JoinAdvice.AskAgain
                    : JoinAdvice.GiveUp
            ),
            _ => null,
        };
    }

    bool ProofFits(JoinRequest request) =>
        CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(Prove(Token, request.Card.Address)),
            Encoding.UTF8.GetBytes(request.Proof)
        );

    JoinRefusal OtherProtocol(string name, int theirs)
    {
        var who = theirs < Protocol ? "Upgrade this node" : "Upgrade the coordinators";
        return new(
            $"The node '{name}' speaks protocol {theirs}, the cluster speaks {Protocol}. {who}, so that both are of one protocol.",
            $"The node '{name}' was refused: it speaks protocol {theirs}, this coordinator {Protocol}.",
            JoinAdvice.GiveUp
        );
    }

    static JoinRefusal NameTaken(string name, TimeSpan silence)
    {
        return new(
            $"Another node is called '{name}' and was heard of {silence.TotalSeconds:0.0} s ago. Choose another name (--name), or stop the other one first.",
            $"A second node called '{name}' was refused; the first one goes on.",
            JoinAdvice.AskAgain
        );
    }
}
