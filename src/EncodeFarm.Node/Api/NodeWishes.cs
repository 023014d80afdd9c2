using System.Collections.Immutable;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Node.Api;

/// <summary>An operator's wishes for a running worker: other slots, other labels.</summary>
public sealed class NodeWishes(ICoordinator coordinator)
{
    public async Task<ApiReply> SlotsAsync(
        string name,
        SlotsRequest request,
        CancellationToken cancellation
    )
    {
        var member = Worker(name);
        if (request.Slots is < 1 or > 256)
        {
            throw Refusal.Usage("Slots are 1..256.", "Use 'cluster drain' for none.");
        }
        await TellAsync(member, new SetSlots(coordinator.Epoch, request.Slots), cancellation);
        return Replies.Ok(
            new Done(
                FormattableString.Invariant(
                    $"'{member.Address.Name}' encodes {request.Slots} at a time from now on."
                )
            )
        );
    }

    public async Task<ApiReply> LabelsAsync(
        string name,
        LabelsRequest request,
        CancellationToken cancellation
    )
    {
        var member = Worker(name);
        var before = coordinator
            .Monitor.Dispatch.Nodes.FirstOrDefault(node => node.Name == member.Address.Name)
            ?.Labels;
        var change = LabelChanges.Of(request, before ?? Labels.None);
        await TellAsync(member, new SetLabels(coordinator.Epoch, change), cancellation);
        var after = (before ?? Labels.None).With(change);
        return Replies.Ok(new NodeLabels(member.Address.Name, after.Pairs));
    }

    private Member Worker(string name)
    {
        var member = MemberViews.Find(coordinator.Members, name);
        return member.Card.Roles.Contains("worker")
            ? member
            : throw Refusal.Conflict($"'{member.Address.Name}' is no worker.");
    }

    private async Task TellAsync(Member member, WireMessage wish, CancellationToken cancellation)
    {
        if (
            member.Unreachable
            || !await coordinator.SendAsync(member.Address.Name, wish, cancellation)
        )
        {
            throw Refusal.Unavailable(
                $"'{member.Address.Name}' can't be told: it is unreachable.",
                "See 'cluster show'."
            );
        }
    }
}

public static class LabelChanges
{
    /// <exception cref="Refusal">Something in it is no label, or they would be too many.</exception>
    public static LabelChange Of(LabelsRequest request, Labels before)
    {
        var set = Parse(request.Set?.Select(pair => $"{pair.Key}={pair.Value}") ?? []);
        // The compiler believes that the words are there; whoever wrote the JSON may see it otherwise.
        var wrong = request.Remove?.FirstOrDefault(key => key is null || !Labels.IsWord(key));
        if (wrong is not null || request.Remove?.Contains(null!) == true)
        {
            throw Refusal.Usage($"'{wrong}' is no key of a label.", "Give the key alone.");
        }
        var change = new LabelChange(set, [.. request.Remove ?? []]);
        return before.With(change).Pairs.Count <= Labels.Most
            ? change
            : throw Refusal.Usage(
                FormattableString.Invariant($"A worker has at most {Labels.Most} labels.")
            );
    }

    /// <param name="pairs"><c>key=value</c> each.</param>
    public static Labels Parse(IEnumerable<string> pairs)
    {
        var text = string.Join(',', pairs);
        return Labels.TryParse(text, out var labels)
            ? labels
            : throw Refusal.Usage(
                $"'{text}' is not what labels look like: {Labels.Allowed}, each key once.",
                "For example gpu=yes."
            );
    }
}
