using System.Collections.Immutable;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Node.Api;

/// <summary>
/// An operator's wishes for a running worker: other slots, other labels, other limits of its guard. They are done when the worker's heartbeat shows
/// it, which it sends at once; nothing of them is journaled, for they last as long as the worker's process.
/// </summary>
public sealed class NodeWishes(ICoordinator coordinator, TimeProvider time)
{
    /// <summary>A healthy worker answers in milliseconds; the rest of <see cref="AnswerLimits.Coordinator"/> is for busy machines on the way back.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(0.8);

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
        await TellAsync(
            member,
            new SetSlots(coordinator.Epoch, request.Slots),
            node => node.Slots == request.Slots,
            cancellation
        );
        return Replies.Ok(
            new Done($"'{member.Address.Name}' encodes {request.Slots} at a time from now on.")
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
        var node = await TellAsync(
            member,
            new SetLabels(coordinator.Epoch, change),
            node => node.Labels == node.Labels.With(change),
            cancellation
        );
        return Replies.Ok(new NodeLabels(member.Address.Name, node.Labels.Pairs));
    }

    public ApiReply Guard(string name)
    {
        var member = Worker(name);
        return Replies.Ok(GuardLimits.Row(member.Address.Name, GuardOf(member)));
    }

    public async Task<ApiReply> GuardAsync(
        string name,
        GuardRequest request,
        CancellationToken cancellation
    )
    {
        var member = Worker(name);
        var limits = GuardLimits.Of(request, GuardOf(member));
        var node = await TellAsync(
            member,
            new SetGuard(coordinator.Epoch, limits.High, limits.Low),
            node => node.Guard is { } guard && (guard.High, guard.Low) == limits,
            cancellation
        );
        return Replies.Ok(GuardLimits.Row(member.Address.Name, node.Guard!));
    }

    private GuardState GuardOf(Member member) =>
        coordinator
            .Monitor.Dispatch.Nodes.FirstOrDefault(node => node.Name == member.Address.Name)
            ?.Guard
        ?? throw Refusal.Unavailable(
            $"The guard of '{member.Address.Name}' is not known: {(member.Unreachable ? "it is unreachable" : "it has not told of it")}.",
            "See 'cluster show'."
        );

    private Member Worker(string name)
    {
        var member = MemberViews.Find(coordinator.Members, name);
        return member.Card.Roles.Contains("worker")
            ? member
            : throw Refusal.Conflict($"'{member.Address.Name}' is no worker.");
    }

    /// <param name="isDone">Whether the worker is as it was wished.</param>
    /// <returns>The worker, as it has answered.</returns>
    private async Task<NodeState> TellAsync(
        Member member,
        WireMessage wish,
        Func<NodeState, bool> isDone,
        CancellationToken cancellation
    )
    {
        var name = member.Address.Name;
        var told = time.GetUtcNow();
        NodeState? answered = null;
        var done = await HeldBack.UntilAsync(SendAsync, LongestWait, time, cancellation);
        return done
            ? answered!
            : throw Refusal.Timeout(
                $"'{name}' has not answered yet. The wish was sent and is not recorded: '{name}' carries it out when it goes on soon, or forgets it.",
                $"See 'node show -a {name}', and ask again."
            );

        async Task SendAsync(CancellationToken stop)
        {
            if (member.Unreachable || !await coordinator.SendAsync(name, wish, stop))
            {
                throw Refusal.Unavailable(
                    $"'{name}' can't be told: it is unreachable.",
                    "See 'cluster show'."
                );
            }
            await coordinator.Monitor.UntilAsync(HasAnswered, stop);
        }

        bool HasAnswered()
        {
            answered = coordinator.Monitor.Dispatch.Nodes.FirstOrDefault(node =>
                node.Name == name && node.LastSeen >= told && isDone(node)
            );
            return answered is not null;
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
            : throw Refusal.Usage($"A worker has at most {Labels.Most} labels.");
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

public static class GuardLimits
{
    /// <summary>As the configuration has them.</summary>
    public const int LeastHigh = 1;
    public const int LeastLow = 0;
    public const int Most = 100;

    /// <exception cref="Refusal">They are no percentages, or contradict each other.</exception>
    public static (int High, int Low) Of(GuardRequest request, GuardState before)
    {
        var (high, low) = (request.High ?? before.High, request.Low ?? before.Low);
        if (high is < LeastHigh or > Most || low is < LeastLow or > Most)
        {
            throw Refusal.Usage(
                $"The guard's high is {LeastHigh}..{Most}, and its low {LeastLow}..{Most}."
            );
        }
        return low <= high
            ? (high, low)
            : throw Refusal.Usage(
                $"The guard's low, {low}, is above its high, {high}.",
                "Give both."
            );
    }

    public static NodeGuard Row(string node, GuardState guard) =>
        new(node, guard.High, guard.Low, guard.Load, guard.Closed);
}
