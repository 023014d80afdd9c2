using System.Runtime.CompilerServices;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

public sealed class ClusterShow()
    : AnswerCommand(new CommandDefinition("show", "All members and their states.", []))
{
    /// <summary>One may be late, and a takeover has its own.</summary>
    private const int SilentBeats = 3;

    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var list = await call.Api.MembersAsync(cancellation);
        var members = list.Members;
        return
        [
            .. members.Select(member => Line.Of(MemberText.Line(member), member)),
            Line.Text($"Count: {Words.Count(members.Count, "node")}"),
            .. Outdated(call, list),
        ];
    }

    /// <summary>Where errors go: scripts rely on the lines above.</summary>
    private static IEnumerable<ControlLine> Outdated(ControlCall call, MemberList list)
    {
        if (list.AgeSeconds is { } age && age > SilentBeats * call.Context.Beat.TotalSeconds)
        {
            yield return new ControlLine(
                Problem: new Problem(
                    $"As of {age:0} s ago: no coordinator is heard.",
                    call.Node.IsConnected
                        ? ApiForwarding.Coordinators(call.Node.Members)
                        : "The broker is away.",
                    ProblemKind.Unavailable
                )
            );
        }
    }
}

public sealed class ClusterStatus()
    : AnswerCommand(new CommandDefinition("status", "The line of this node.", []))
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var card = call.Node.Card;
        var member =
            call.Node.Members.Find(card.Address)
            ?? throw Refusal.Conflict(
                $"'{card.Address.Name}' is not a member of the cluster.",
                call.Node.IsConnected ? "It asks to join by itself." : "The broker is away."
            );
        var info = MemberViews.Of(member);
        return Task.FromResult<IEnumerable<ControlLine>>([Line.Of(MemberText.Line(info), info)]);
    }
}

public sealed class ClusterLeader()
    : AnswerCommand(new CommandDefinition("leader", "The coordinator that decides.", []))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var leader = await call.Api.LeaderAsync(cancellation);
        return [Line.Of(leader.Address, leader)];
    }
}

public sealed class ClusterJoin()
    : AnswerCommand(
        new CommandDefinition("join", "Whether this node has joined; it asks by itself.", [])
    )
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var (node, name) = (call.Node, call.Node.Card.Address.Name);
        var sentence = node.Members.Find(node.Card.Address) switch
        {
            { IsAlive: true } member =>
                $"'{name}' is a member: {member.Status.ToString().ToLowerInvariant()}.",
            _ when !node.IsConnected => throw Refusal.Unavailable(
                $"'{name}' can't ask to join: the broker is away.",
                "It asks as soon as the broker answers."
            ),
            _ => $"'{name}' asks to join.",
        };
        return Task.FromResult<IEnumerable<ControlLine>>([Line.Of(new Done(sentence))]);
    }
}

/// <summary>drain, undrain, down: a wish for one member, this node where none is named.</summary>
public class MemberWish(string name, string description, params ArgumentDefinition[] arguments)
    : AnswerCommand(new CommandDefinition(name, description, arguments))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var address = call.Text("address") ?? call.Node.Card.Address.Name;
        var done = await call.Api.MemberAsync(
            Definition.Name,
            new MemberRequest(address, call.Has("force")),
            cancellation
        );
        return [Line.Of(done)];
    }
}

public sealed class ClusterLeave()
    : MemberWish(
        "leave",
        "Lets a member go in order: it finishes or hands back what it runs, and ends.",
        Argument.Node
    )
{
    /// <summary>A node leaves by its own will too, also while no coordinator answers.</summary>
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        if (call.Has("address"))
        {
            return base.AnswerAsync(call, cancellation);
        }
        call.Node.Leave();
        var done = new Done(
            $"'{call.Node.Card.Address.Name}' leaves: it finishes or hands back what it runs, and ends."
        );
        return Task.FromResult<IEnumerable<ControlLine>>([Line.Of(done)]);
    }
}

public sealed class ClusterDownUnreachable()
    : AnswerCommand(
        new CommandDefinition("down-unreachable", "Gives up all members that are unreachable.", [])
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var done = await call.Api.DownUnreachableAsync(cancellation);
        return [Line.Of(done)];
    }
}

/// <summary>What happens to members, as it happens.</summary>
public sealed class ClusterTail()
    : ControlCommand(
        new CommandDefinition("tail", "What happens to members, as it happens.", [], Streams: true)
    )
{
    /// <summary>A reader that is further behind loses the oldest events, and is told so.</summary>
    private const int Ahead = 1000;

    public override async IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var (node, time) = (call.Node, call.Context.Time);
        var events = new Backlog<(DateTimeOffset At, MemberEvent Event)>(Ahead);
        void Hear(IReadOnlyList<MemberEvent> happened)
        {
            foreach (var one in happened)
            {
                events.Write((time.GetUtcNow(), one));
            }
        }
        // A member that is removed is no longer in the table when its event is read.
        var cards = new Dictionary<NodeAddress, NodeCard>();
        Remember();
        node.MembersChanged += Hear;
        try
        {
            await foreach (var ((at, happened), lost) in events.ReadAsync(cancellation))
            {
                if (lost > 0)
                {
                    yield return Line.Dropped(lost, "event");
                }
                Remember();
                var address = cards.TryGetValue(happened.Address, out var card)
                    ? MemberViews.AddressOf(card)
                    : happened.Address.Name;
                var row = Row(at, address, happened);
                yield return Line.Of(MemberText.Event(row), row);
            }
        }
        finally
        {
            node.MembersChanged -= Hear;
        }

        void Remember()
        {
            foreach (var member in node.Members.Members)
            {
                cards[member.Address] = member.Card;
            }
        }
    }

    private static MemberEventRow Row(DateTimeOffset at, string address, MemberEvent happened)
    {
        var name = happened.Address.Name;
        return happened switch
        {
            MemberChanged changed => new(
                at,
                address,
                name,
                "status",
                changed.From?.ToString().ToLowerInvariant(),
                changed.To.ToString().ToLowerInvariant(),
                changed.Reason
            ),
            MemberReachability reach => new(
                at,
                address,
                name,
                "reachability",
                null,
                reach.Unreachable ? "unreachable" : "reachable",
                null
            ),
            MemberDraining draining => new(
                at,
                address,
                name,
                "draining",
                null,
                draining.Draining ? "draining" : "not draining",
                null
            ),
            _ => new(at, address, name, happened.GetType().Name, null, "", null),
        };
    }
}

/// <summary>Members in the form that operators' scripts rely on.</summary>
public static class MemberText
{
    /// <summary><c>address | [roles] | status | reachability | version</c></summary>
    public static string Line(MemberInfo member) =>
        string.Join(
            " | ",
            member.Address,
            $"[{string.Join(',', member.Roles)}]",
            member.Status,
            member.Unreachable ? "unreachable" : "",
            member.Version
        );

    /// <summary><c>12:40:05 | address | joining -> up | reason</c></summary>
    public static string Event(MemberEventRow row)
    {
        var change = row.From is null ? row.To : $"{row.From} -> {row.To}";
        var reason = row.Reason is null ? "" : $" | {row.Reason}";
        return $"{Times.Of(row.At)} | {row.Address} | {change}{reason}";
    }
}

public static class Times
{
    /// <summary>12:40:05 UTC.</summary>
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss");
}
