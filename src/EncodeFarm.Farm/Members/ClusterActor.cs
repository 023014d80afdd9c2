using EncodeFarm.Actors;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Members;

public abstract record ClusterMessage;

/// <summary>A signal of the membership: a join, a beat, a leave.</summary>
public sealed record MemberSignal(object Message) : ClusterMessage;

/// <summary>A worker's heartbeat: a sign of life, and for the dispatcher if it is one of a member.</summary>
public sealed record WorkerSignal(Heartbeat Beat) : ClusterMessage;

/// <summary>An operator's wish.</summary>
public sealed record ChangeMembers(
    Func<MemberTable, TableChange> Change,
    TaskCompletionSource<MemberTable> Done
) : ClusterMessage;

public sealed record ClusterTick : ClusterMessage;

/// <param name="Check">Who may join.</param>
/// <param name="Last">What the coordinator before has last announced.</param>
/// <param name="Dispatcher">Learns which nodes there are, and which are not.</param>
/// <param name="Age">How long the epoch has lasted.</param>
/// <param name="Publish">Called with every new table; must not block.</param>
public sealed record ClusterOptions(
    long Epoch,
    JoinCheck Check,
    FailureLimits Limits,
    MemberTable Last,
    IActorRef<DispatchMessage> Dispatcher,
    Func<TimeSpan> Age,
    Action<MemberTable, IReadOnlyList<MemberEvent>> Publish
)
{
    /// <summary>Called with what a living member says of its machine; must not block.</summary>
    public Action<NodeAddress, NodeResources> Heard { get; init; } = (_, _) => { };
}

/// <summary>
/// Decides who belongs to the cluster. The decisions are <see cref="Membership"/>'s; this listens, announces, and tells
/// the dispatcher whom it can count on.
/// </summary>
public sealed class ClusterActor(ClusterOptions options, IFarmTransport transport)
    : Actor<ClusterMessage>
{
    Membership? _membership;
    long _start;

    Membership Now => _membership!;

    TimeSpan Clock => Context.Time.GetElapsedTime(_start);

    protected override ValueTask StartedAsync()
    {
        _start = Context.Time.GetTimestamp();
        _membership = Membership.Start(
            options.Check,
            options.Limits,
            options.Last,
            options.Epoch,
            Clock
        );
        Context.StartPeriodicTimer("tick", options.Limits.Beat, new ClusterTick());
        options.Publish(Now.Table, []);
        return BeatAsync();
    }

    protected override ValueTask ReceiveAsync(ClusterMessage message)
    {
        switch (message)
        {
            case ClusterTick:
                return BeatAsync();
            case WorkerSignal { Beat: var beat }:
                Hear(new NodeAddress(beat.Node, beat.Incarnation), beat.Resources);
                Forward(beat);
                break;
            case MemberSignal { Message: MemberBeat beat }:
                HearBeat(beat);
                break;
            case MemberSignal { Message: JoinRequest request }:
                Join(request);
                break;
            // Who says that it goes can be heard, however long it was silent before.
            case MemberSignal { Message: LeavingNotice leaving }:
                Hear(leaving.Node, null);
                Change(leaving.Node, table => table.Leave(leaving.Node, "it was told to end"));
                break;
            case MemberSignal { Message: ExitingNotice exiting }:
                Hear(exiting.Node, null);
                Change(exiting.Node, table => Exit(table, exiting.Node));
                break;
            case ChangeMembers change:
                Change(change);
                break;
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>The table goes out each second, so that whoever comes or returns has it; the beat tells whether the broker carries.</summary>
    async ValueTask BeatAsync()
    {
        await AnnounceAsync();
        await transport.SignalAsync(
            ClusterCodec.Seal(new MemberBeat(transport.Self, options.Epoch, Clock)),
            Context.Stopping
        );
    }

    void HearBeat(MemberBeat beat)
    {
        Hear(beat.Node, beat.Resources);
        if (beat.Node == transport.Self && beat.Epoch == options.Epoch)
        {
            Accept(Now.Echo(beat.Sent, Clock));
        }
    }

    void Hear(NodeAddress address, NodeResources? resources)
    {
        Accept(Now.Hear(address, Clock));
        if (resources is not null && Now.Table.Find(address) is { IsAlive: true })
        {
            options.Heard(address, resources);
        }
    }

    void Forward(Heartbeat beat)
    {
        var member = Now.Table.Find(new NodeAddress(beat.Node, beat.Incarnation));
        // What an exiting node runs is handed back: its last heartbeats must not bring it back.
        var counts =
            member is { IsAlive: true, Unreachable: false }
            && member.Status != MemberStatus.Exiting;
        if (counts)
        {
            options.Dispatcher.Tell(new NodeBeat(beat, ClosedBy(member!)));
        }
    }

    static string? ClosedBy(Member member) =>
        member switch
        {
            { Status: MemberStatus.Leaving } => "leaving",
            { Draining: true } => "draining",
            _ => null,
        };

    void Join(JoinRequest request)
    {
        var step = Now.Join(request, Clock);
        if (step.Refusal is { } refusal)
        {
            Context.Log(ActorLogLevel.Warning, refusal.ToCoordinator);
            var told = new JoinRefused(request.Card.Address, refusal.ToNode, refusal.Advice);
            _ = transport.SendAsync(
                request.Card.Address,
                ClusterCodec.Seal(told),
                Context.Stopping
            );
        }
        Accept(new MembershipStep(step.Next, step.Events));
    }

    static TableChange Exit(MemberTable table, NodeAddress address) =>
        table.Find(address) switch
        {
            { Status: MemberStatus.Leaving } => table.Move(address, MemberStatus.Exiting),
            { Status: MemberStatus.Joining or MemberStatus.Up } => table
                .Leave(address)
                .Then(next => next.Move(address, MemberStatus.Exiting)),
            _ => table.Unchanged,
        };

    /// <summary>A node's own wish: one that is not known any more has nothing to change.</summary>
    void Change(NodeAddress address, Func<MemberTable, TableChange> change)
    {
        if (Now.Table.Find(address) is { IsAlive: true })
        {
            Accept(Now.Change(change, Clock));
        }
    }

    void Change(ChangeMembers wish)
    {
        try
        {
            Accept(Now.Change(wish.Change, Clock));
            wish.Done.TrySetResult(Now.Table);
        }
        catch (ClusterException refused)
        {
            wish.Done.TrySetException(refused);
        }
    }

    void Accept(MembershipStep step)
    {
        var changed = step.Next.Table != Now.Table;
        _membership = step.Next;
        if (!changed)
        {
            return;
        }
        foreach (var happened in step.Events)
        {
            Tell(happened);
        }
        options.Publish(Now.Table, step.Events);
        _ = AnnounceAsync();
    }

    void Tell(MemberEvent happened)
    {
        var name = happened.Address.Name;
        switch (happened)
        {
            case MemberReachability { Unreachable: true }:
                Gone(name, "its node is unreachable", returned: false);
                break;
            case MemberChanged { To: MemberStatus.Exiting }:
                Gone(name, "its node has left", returned: true);
                break;
            case MemberChanged { To: MemberStatus.Down or MemberStatus.Removed } ended
                when ended.From is not (MemberStatus.Exiting or MemberStatus.Down):
                Gone(name, $"its node is down: {ended.Reason}", returned: false);
                break;
            case MemberChanged { To: MemberStatus.Leaving }:
                options.Dispatcher.Tell(new NodeClosed(name, "leaving"));
                break;
            case MemberDraining draining:
                options.Dispatcher.Tell(
                    new NodeClosed(name, draining.Draining ? "draining" : null)
                );
                break;
        }
    }

    void Gone(string node, string reason, bool returned) =>
        options.Dispatcher.Tell(new NodeGone(node, reason, returned));

    Task AnnounceAsync() =>
        transport.AnnounceAsync(
            ClusterCodec.Seal(Now.Table with { Announced = options.Age() }),
            Context.Stopping
        );
}
