using System.Collections.Immutable;

namespace EncodeFarm.Cluster.Members;

/// <summary>The membership after an input, and what has happened to members by it.</summary>
public sealed record MembershipStep(Membership Next, ImmutableArray<MemberEvent> Events);

/// <summary>A node's wish, and what to tell it.</summary>
/// <param name="Refusal">Null where it is a member now.</param>
public sealed record JoinStep(
    Membership Next,
    ImmutableArray<MemberEvent> Events,
    JoinRefusal? Refusal
);

/// <summary>
/// The coordinator's view of the cluster: the member table and the failure detector together. A value that takes
/// inputs one after the other; it sends nothing and reads no clock.
/// </summary>
/// <param name="Ended">Since when each member is Down or removed: neither incarnation returns.</param>
public sealed record Membership(
    JoinCheck Check,
    MemberTable Table,
    FailureDetector Detector,
    ImmutableDictionary<NodeAddress, TimeSpan> Ended
)
{
    /// <summary>Begins to decide, with what the coordinator before has last announced (or <see cref="MemberTable.Empty"/>).</summary>
    public static Membership Start(
        JoinCheck check,
        FailureLimits limits,
        MemberTable last,
        long epoch,
        TimeSpan now
    )
    {
        var table = last.TakenOver(epoch);
        var alive = table.Members.Where(member => member.IsAlive).ToList();
        var detector = FailureDetector.Start(limits, now, alive.Select(member => member.Address));
        return new(
            check,
            table,
            alive
                .Where(member => member.Unreachable)
                .Aggregate(
                    detector,
                    (all, member) => all.Hear(member.Address, now - limits.Unreachable)
                ),
            table
                .Members.Where(member => !member.IsAlive)
                .ToImmutableDictionary(member => member.Address, _ => now)
        );
    }

    /// <summary>A node asks to join. A process restarted in the same work directory takes the place of the one before.</summary>
    public JoinStep Join(JoinRequest request, TimeSpan now)
    {
        var card = request.Card;
        var holder = Table.Alive(card.Address.Name);
        var silence = holder is null ? TimeSpan.Zero : Detector.SilenceOf(holder.Address);
        if (Check.Refuse(request, Table, Ended.ContainsKey(card.Address), silence) is { } refusal)
        {
            return new(this, [], refusal);
        }
        var change = Table.Unchanged;
        if (holder is not null && holder.Address != card.Address)
        {
            change = change
                .Then(table => table.Down(holder.Address, "its process was started again"))
                .Then(table => table.Move(holder.Address, MemberStatus.Removed));
        }
        change = Former(card.Address)
            .Aggregate(
                change,
                (all, gone) => all.Then(table => table.Move(gone, MemberStatus.Removed))
            )
            .Then(table => table.Join(card, request.Draining));
        var next = Apply(change, now);
        return new(
            next.Next with
            {
                Detector = next.Next.Detector.Hear(card.Address, now),
            },
            next.Events,
            null
        );
    }

    /// <summary>Members of this name that are Down: a new incarnation takes their line in the table.</summary>
    IEnumerable<NodeAddress> Former(NodeAddress address) =>
        Table
            .Members.Where(member => member.Address.Name == address.Name && !member.IsAlive)
            .Select(member => member.Address);

    /// <summary>A node's heartbeat. One that is no living member is not counted: by the member table it learns that it has to join.</summary>
    public MembershipStep Hear(NodeAddress address, TimeSpan now)
    {
        if (Table.Find(address) is not { IsAlive: true } member)
        {
            return new(this, []);
        }
        var change = Table.Reach(address, unreachable: false);
        if (member.Status == MemberStatus.Joining)
        {
            change = change.Then(table => table.Move(address, MemberStatus.Up));
        }
        return Apply(change, now, Detector.Hear(address, now));
    }

    /// <summary>Our own heartbeat has come back: the time to judge the others.</summary>
    public MembershipStep Echo(TimeSpan sent, TimeSpan now)
    {
        var detector = Detector.Echo(sent, now);
        var change = Table
            .Members.Where(member => member.IsAlive)
            .Aggregate(
                Table.Unchanged,
                (all, member) => all.Then(table => Judge(table, member, detector))
            );
        var old = Ended.Where(gone => now - gone.Value >= Limits.Remove).Select(gone => gone.Key);
        var forgotten = this with { Ended = Ended.RemoveRange(old) };
        foreach (var address in old.Where(address => Table.Find(address) is not null))
        {
            change = change.Then(table => table.Move(address, MemberStatus.Removed));
        }
        return forgotten.Apply(change, now, detector);
    }

    static TableChange Judge(MemberTable table, Member member, FailureDetector detector)
    {
        var address = member.Address;
        if (!detector.IsUnreachable(address))
        {
            return table.Unchanged;
        }
        if (member.Status == MemberStatus.Exiting)
        {
            // It has said good-bye: silence is what was to be expected.
            return table.Move(address, MemberStatus.Removed);
        }
        var change = table.Reach(address, unreachable: true);
        return detector.IsDown(address)
            ? change.Then(next => next.Down(address, "it was not heard of for too long"))
            : change;
    }

    /// <summary>An operator's wish, or a node's own.</summary>
    public MembershipStep Change(Func<MemberTable, TableChange> change, TimeSpan now) =>
        Apply(change(Table), now);

    FailureLimits Limits => Detector.Limits;

    /// <summary>Keeps the detector and the list of the ended in step with the table.</summary>
    MembershipStep Apply(TableChange change, TimeSpan now, FailureDetector? detector = null)
    {
        var watch = detector ?? Detector;
        var ended = Ended;
        foreach (var moved in change.Events.OfType<MemberChanged>())
        {
            if (moved.To is MemberStatus.Down or MemberStatus.Removed)
            {
                watch = watch.Forget(moved.Address);
                ended = ended.SetItem(moved.Address, now);
            }
        }
        return new(
            this with
            {
                Table = change.Table,
                Detector = watch,
                Ended = ended,
            },
            change.Events
        );
    }
}
