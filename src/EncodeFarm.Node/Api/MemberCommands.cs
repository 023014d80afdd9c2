using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;

namespace EncodeFarm.Node.Api;

/// <summary>An operator's wishes for members: drain, undrain, leave, down, down-unreachable.</summary>
public sealed class MemberCommands(ICoordinator coordinator)
{
    private const string ByOperator = "told so by an operator";

    private static readonly Dictionary<
        string,
        Func<MemberTable, NodeAddress, TableChange>
    > Changes = new()
    {
        ["drain"] = (table, member) => table.Drain(member, true),
        ["undrain"] = (table, member) => table.Drain(member, false),
        ["leave"] = (table, member) => table.Leave(member, ByOperator),
        ["down"] = (table, member) => table.Down(member, ByOperator),
    };

    public async Task<ApiReply> RunAsync(
        string wish,
        MemberRequest? request,
        CancellationToken cancellation
    )
    {
        if (wish == "down-unreachable")
        {
            return await DownUnreachableAsync(cancellation);
        }
        if (!Changes.TryGetValue(wish, out var change))
        {
            throw Refusal.NotFound(
                $"There is no POST {ApiPaths.Root}members/{wish}.",
                $"There are {string.Join(", ", Changes.Keys)} and down-unreachable."
            );
        }
        if (string.IsNullOrEmpty(request?.Address))
        {
            throw Refusal.Usage("No member is named.", "Give its \"address\" or name.");
        }
        var member = MemberViews.Find(coordinator.Members, request.Address);
        if (wish == "down" && member.Address == coordinator.Self && !request.Force)
        {
            // Whoever downs the coordinator ends the one that would carry it out.
            throw Refusal.Conflict(
                $"'{member.Address.Name}' is the coordinator that decides.",
                "Use 'cluster leave' to let it go in order, or --force."
            );
        }
        await coordinator.ChangeMembersAsync(table => change(table, member.Address), cancellation);
        return Replies.Ok(new Done(Sentence(wish, member.Address.Name)));
    }

    private async Task<ApiReply> DownUnreachableAsync(CancellationToken cancellation)
    {
        var gone = coordinator
            .Members.Members.Where(member => member is { Unreachable: true, IsAlive: true })
            .Select(member => member.Address.Name)
            .ToList();
        await coordinator.ChangeMembersAsync(
            table => table.DownUnreachable(ByOperator),
            cancellation
        );
        return Replies.Ok(
            new Done(
                gone.Count == 0 ? "No member is unreachable." : $"Down: {string.Join(", ", gone)}."
            )
        );
    }

    private static string Sentence(string wish, string name) =>
        wish switch
        {
            "drain" => $"'{name}' finishes what it runs and takes nothing new.",
            "undrain" => $"'{name}' takes work again.",
            "leave" => $"'{name}' leaves: it finishes or hands back what it runs, and ends.",
            _ => $"'{name}' is down.",
        };
}
