using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Node.Api;

/// <summary>Members and nodes as the API shows them.</summary>
public static class MemberViews
{
    private const string Scheme = "farm://encodefarm@";

    /// <summary>farm://encodefarm@host:port; a node that listens nowhere has its name there.</summary>
    public static string AddressOf(NodeCard card) => Scheme + (card.Endpoint ?? card.Address.Name);

    public static MemberInfo Of(Member member) =>
        new(
            AddressOf(member.Card),
            member.Address.Name,
            member.Address.Incarnation,
            member.Card.Roles,
            member.Status.ToString().ToLowerInvariant(),
            member.Unreachable,
            member.Draining,
            member.Card.ProductVersion,
            member.Reason
        );

    public static MemberList Of(MemberTable table) =>
        new(table.Epoch, [.. table.Members.Select(Of)]);

    /// <summary>By name, incarnation, address or host:port; a living one before one that is down.</summary>
    /// <exception cref="Refusal">There is none, or several live at that address: workers on loopback of machines of their own.</exception>
    public static Member Find(MemberTable table, string wanted)
    {
        var bare = wanted.StartsWith(Scheme, StringComparison.Ordinal)
            ? wanted[Scheme.Length..]
            : wanted;
        var found = table
            .Members.Where(member =>
                member.Address.Name == bare
                || member.Card.Endpoint == bare
                || member.Address.ToString() == bare
            )
            .OrderByDescending(member => member.IsAlive)
            .ToList();
        if (found.Count == 0)
        {
            throw Refusal.NotFound(
                $"No member is called '{wanted}'.",
                table.Members.IsEmpty
                    ? "No member is known yet."
                    : $"There are {string.Join(", ", table.Members.Select(member => member.Address.Name))}."
            );
        }
        var names = found
            .Where(member => member.IsAlive == found[0].IsAlive)
            .Select(member => member.Address.Name)
            .Distinct()
            .ToList();
        return names.Count == 1
            ? found[0]
            : throw Refusal.Conflict(
                $"'{wanted}' is the address of {string.Join(" and ", names)}, each on a machine of its own.",
                "Give the name."
            );
    }

    /// <summary>host:port and farm://… of the living members that can be named by it.</summary>
    public static IEnumerable<string> Addresses(MemberTable table) =>
        table
            .Members.Where(member => member is { IsAlive: true, Card.Endpoint: not null })
            .GroupBy(
                member => member.Card.Endpoint!,
                (endpoint, those) => (endpoint, those.Count())
            )
            .Where(shared => shared is (_, 1))
            .SelectMany(own => new[] { own.endpoint, Scheme + own.endpoint });

    public static NodeInfo Node(
        Member member,
        DispatchSnapshot dispatch,
        IReadOnlyDictionary<string, VideoState> videos,
        NodeResources? resources
    )
    {
        var name = member.Address.Name;
        var state = dispatch.Nodes.FirstOrDefault(node => node.Name == name);
        var leases = dispatch.Leases.Where(lease => lease.Node == name).ToList();
        return new NodeInfo(
            Of(member),
            state?.Slots,
            leases.Count(lease => !lease.Finished),
            Closed(member, state),
            state?.Fingerprint,
            [
                .. leases.Select(lease =>
                    JobViews.Attempt(lease, videos.GetValueOrDefault(lease.Video))
                ),
            ]
        )
        {
            Labels = state?.Labels.Pairs,
            // Of one that is down it is no longer true.
            Machine = resources is null || !member.IsAlive ? null : Of(resources),
        };
    }

    private static MachineInfo Of(NodeResources resources) =>
        new(
            resources.Cores,
            resources.Memory,
            resources.MemoryFree,
            resources.DiskFree,
            resources.ForeignLoad,
            resources.AttemptLimit
        );

    private static string? Closed(Member member, NodeState? state) =>
        member switch
        {
            { Status: MemberStatus.Down } => "down",
            { Unreachable: true } => "unreachable",
            { Status: MemberStatus.Leaving or MemberStatus.Exiting } => "leaving",
            { Draining: true } => "draining",
            _ => state?.Closed,
        };
}
