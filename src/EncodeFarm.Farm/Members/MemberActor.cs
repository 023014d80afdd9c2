using System.Collections.Immutable;
using EncodeFarm.Actors;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Farm.Members;

public abstract record MemberMessage;

/// <summary>A coordinator has announced who belongs to the cluster.</summary>
public sealed record TableAnnounced(MemberTable Table) : MemberMessage;

/// <summary>A coordinator does not let this node in.</summary>
public sealed record Refused(JoinRefused Refusal) : MemberMessage;

/// <summary>This node says that it takes no new work, or that it has ended.</summary>
public sealed record SayGoodbye(bool Exiting) : MemberMessage;

public sealed record MemberTick : MemberMessage;

/// <param name="Card">Makes this node's card from its present address.</param>
/// <param name="Token">The cluster's.</param>
/// <param name="Beats">This node is no worker, whose heartbeats would do.</param>
/// <param name="Changed">Called with every newer table and what it changes; must not block.</param>
/// <param name="GiveUp">Told the words of a refusal that no waiting mends.</param>
public sealed record MemberOptions(
    Func<NodeAddress, NodeCard> Card,
    string Token,
    bool Beats,
    TimeSpan Beat,
    Action<MemberTable, IReadOnlyList<MemberEvent>> Changed,
    Action<string> GiveUp
)
{
    /// <summary>Of this machine now; null where nobody looks.</summary>
    public Func<NodeResources?> Resources { get; init; } = () => null;
}

/// <summary>This node's side of the membership: asks to join until it is a member, and again when it was given up.</summary>
public sealed class MemberActor(MemberOptions options, IFarmTransport transport)
    : Actor<MemberMessage>
{
    MemberTable _table = MemberTable.Empty;
    string? _refusal;
    bool _leaving;

    /// <summary>As the last table that knew this node said.</summary>
    bool _draining;

    protected override ValueTask StartedAsync()
    {
        Context.StartPeriodicTimer("tick", options.Beat, new MemberTick());
        return TickAsync();
    }

    protected override ValueTask ReceiveAsync(MemberMessage message)
    {
        switch (message)
        {
            case MemberTick:
                return TickAsync();
            case TableAnnounced { Table: var table } when table.IsNewerThan(_table):
                return AcceptAsync(table);
            case Refused { Refusal: var refusal } when refusal.Node == transport.Self:
                return AnswerAsync(refusal);
            case SayGoodbye { Exiting: var exiting }:
                _leaving = true;
                return SignalAsync(
                    exiting ? new ExitingNotice(transport.Self) : new LeavingNotice(transport.Self)
                );
        }
        return ValueTask.CompletedTask;
    }

    async ValueTask TickAsync()
    {
        if (options.Beats)
        {
            await SignalAsync(
                new MemberBeat(transport.Self, 0, TimeSpan.Zero) { Resources = options.Resources() }
            );
        }
        if (_table.MustJoin(transport.Self) && !_leaving)
        {
            await JoinAsync();
        }
    }

    ValueTask JoinAsync()
    {
        var card = options.Card(transport.Self);
        var proof = JoinCheck.Prove(options.Token, card.Address);
        return SignalAsync(
            new JoinRequest(card, JoinCheck.CurrentProtocol, proof) { Draining = _draining }
        );
    }

    ValueTask AcceptAsync(MemberTable table)
    {
        var happened = Differences(_table, table);
        _table = table;
        options.Changed(table, happened);
        var self = table.Find(transport.Self);
        _draining = self?.Draining ?? _draining;
        if (self is { IsAlive: true })
        {
            _refusal = null;
        }
        if (self is { IsAlive: false } && !_leaving)
        {
            Context.Log(
                ActorLogLevel.Warning,
                $"The cluster has given this node up ({self.Reason}). It joins again as a new member."
            );
            transport.Renew();
            return JoinAsync();
        }
        return ValueTask.CompletedTask;
    }

    ValueTask AnswerAsync(JoinRefused refusal)
    {
        switch (refusal.Advice)
        {
            case JoinAdvice.GiveUp:
                options.GiveUp(refusal.Reason);
                break;
            case JoinAdvice.Renew:
                transport.Renew();
                return JoinAsync();
            case JoinAdvice.AskAgain when refusal.Reason != _refusal:
                _refusal = refusal.Reason;
                Context.Log(ActorLogLevel.Warning, refusal.Reason);
                break;
        }
        return ValueTask.CompletedTask;
    }

    ValueTask SignalAsync(object message) =>
        new(transport.SignalAsync(ClusterCodec.Seal(message), Context.Stopping));

    /// <summary>What must have happened between two tables, for those who only see the tables.</summary>
    public static ImmutableArray<MemberEvent> Differences(MemberTable before, MemberTable after)
    {
        var events = ImmutableArray.CreateBuilder<MemberEvent>();
        foreach (var member in after.Members)
        {
            var known = before.Find(member.Address);
            if (known?.Status != member.Status)
            {
                events.Add(
                    new MemberChanged(member.Address, known?.Status, member.Status, member.Reason)
                );
            }
            if ((known?.Unreachable ?? false) != member.Unreachable)
            {
                events.Add(new MemberReachability(member.Address, member.Unreachable));
            }
            if ((known?.Draining ?? false) != member.Draining)
            {
                events.Add(new MemberDraining(member.Address, member.Draining));
            }
        }
        foreach (var gone in before.Members.Where(member => after.Find(member.Address) is null))
        {
            events.Add(
                new MemberChanged(gone.Address, gone.Status, MemberStatus.Removed, gone.Reason)
            );
        }
        return events.ToImmutable();
    }
}
