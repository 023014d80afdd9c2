using System.Collections.Immutable;

namespace EncodeFarm.Cluster.Members;

/// <summary>A table and what has just happened to its members.</summary>
public sealed record TableChange(MemberTable Table, ImmutableArray<MemberEvent> Events)
{
    /// <summary>This change, and then another one.</summary>
    public TableChange Then(Func<MemberTable, TableChange> next)
    {
        var (table, events) = next(Table);
        return new TableChange(table, [.. Events, .. events]);
    }
}

/// <summary>
/// Who belongs to the cluster, as the coordinator that decides says. A value: each function gives a new table and the
/// events that lead to it, and refuses what must not happen.
/// </summary>
/// <param name="Epoch">Of the coordinator.</param>
/// <param name="Revision">Grows with every change within an epoch.</param>
public sealed record MemberTable(long Epoch, long Revision, ImmutableArray<Member> Members)
{
    public static readonly MemberTable Empty = new(0, 0, []);

    /// <summary>In an announcement: how long the epoch had lasted, on the coordinator's monotonic clock. Zero elsewhere.</summary>
    public TimeSpan Announced { get; init; }

    public Member? Find(NodeAddress address) =>
        Members.FirstOrDefault(member => member.Address == address);

    /// <summary>The living member of that name; there is at most one.</summary>
    public Member? Alive(string name) =>
        Members.FirstOrDefault(member => member.Address.Name == name && member.IsAlive);

    public bool IsNewerThan(MemberTable other) =>
        (Epoch, Revision).CompareTo((other.Epoch, other.Revision)) > 0;

    /// <summary>
    /// The same members under a new coordinator. One that begins anew within its epoch goes on counting, or nobody would
    /// listen until it had caught up with itself.
    /// </summary>
    public MemberTable TakenOver(long epoch) =>
        this with
        {
            Epoch = epoch,
            Revision = Epoch == epoch ? Revision + 1 : 0,
        };

    /// <summary>
    /// Whether a process must join, with a new incarnation if it has been a member before: the table says that it is
    /// Down, or no longer knows it.
    /// </summary>
    public bool MustJoin(NodeAddress self) => Find(self) is not { IsAlive: true };

    /// <summary>Adds a node that has passed <see cref="JoinCheck"/>.</summary>
    /// <param name="draining">It takes no work until it is told to.</param>
    public TableChange Join(NodeCard card, bool draining = false)
    {
        if (Find(card.Address) is { } known)
        {
            return known.IsAlive
                ? Unchanged
                : throw Illegal(
                    known,
                    "join",
                    "A process that is Down joins as a new incarnation."
                );
        }
        if (Alive(card.Address.Name) is not null)
        {
            throw new ClusterException(
                ClusterError.IllegalTransition,
                $"A member is called '{card.Address.Name}' already."
            );
        }
        var added = this with
        {
            Revision = Revision + 1,
            Members = Members.Add(new Member(card, MemberStatus.Joining, Draining: draining)),
        };
        var joined = new MemberChanged(card.Address, null, MemberStatus.Joining, null);
        return new(added, draining ? [joined, new MemberDraining(card.Address, true)] : [joined]);
    }

    /// <summary>Moves a member to another state. What is not in the list of transitions is an error.</summary>
    /// <exception cref="ClusterException">Not a member, or not from that state.</exception>
    public TableChange Move(NodeAddress address, MemberStatus to, string? reason = null)
    {
        var member = Require(address);
        if (!Transitions.Allow(member.Status, to))
        {
            throw Illegal(member, $"become {Words(to)}", "It is " + Words(member.Status) + ".");
        }
        var moved =
            to == MemberStatus.Removed
                ? this with
                {
                    Members = Members.Remove(member),
                }
                : Replace(member, member with { Status = to, Reason = reason ?? member.Reason });
        return new(
            moved with
            {
                Revision = Revision + 1,
            },
            [new MemberChanged(address, member.Status, to, reason)]
        );
    }

    /// <summary>Sets or clears the flag; no event where it is so already.</summary>
    public TableChange Reach(NodeAddress address, bool unreachable)
    {
        var member = Require(address);
        return member.Unreachable == unreachable
            ? Unchanged
            : new(
                Replace(member, member with { Unreachable = unreachable }),
                [new MemberReachability(address, unreachable)]
            );
    }

    /// <summary>No new work for a member that stays, or work again.</summary>
    public TableChange Drain(NodeAddress address, bool draining)
    {
        var member = Require(address);
        if (member.Status is not (MemberStatus.Joining or MemberStatus.Up))
        {
            throw Illegal(member, draining ? "drain" : "undrain", $"It is {Words(member.Status)}.");
        }
        return member.Draining == draining
            ? Unchanged
            : new(
                Replace(member, member with { Draining = draining }),
                [new MemberDraining(address, draining)]
            );
    }

    /// <summary>Starts a graceful leave.</summary>
    /// <exception cref="ClusterException">The node is unreachable, so it can't be told; or it does not take part any more.</exception>
    public TableChange Leave(NodeAddress address, string? reason = null)
    {
        var member = Require(address);
        return member switch
        {
            { IsAlive: false } => throw Illegal(member, "leave", $"It is {Words(member.Status)}."),
            // Also one that was leaving: whether it goes on with that, nobody knows.
            { Unreachable: true } => throw Illegal(
                member,
                "leave",
                "It is unreachable, so it can't be told.",
                $"Use 'cluster down -a {address.Name}' to give it up."
            ),
            { Status: MemberStatus.Leaving or MemberStatus.Exiting } => Unchanged,
            _ => Move(address, MemberStatus.Leaving, reason),
        };
    }

    /// <summary>Gives a member up; nothing changes where it is Down already.</summary>
    public TableChange Down(NodeAddress address, string reason) =>
        Require(address).Status == MemberStatus.Down
            ? Unchanged
            : Move(address, MemberStatus.Down, reason);

    /// <summary>Gives all unreachable members up.</summary>
    public TableChange DownUnreachable(string reason) =>
        Members
            .Where(member => member is { Unreachable: true, IsAlive: true })
            .Aggregate(
                Unchanged,
                (change, member) => change.Then(table => table.Down(member.Address, reason))
            );

    public TableChange Unchanged => new(this, []);

    MemberTable Replace(Member old, Member member) =>
        this with
        {
            Revision = Revision + 1,
            Members = Members.Replace(old, member),
        };

    Member Require(NodeAddress address) =>
        Find(address)
        ?? throw new ClusterException(
            ClusterError.IllegalTransition,
            $"No member is called '{address}'.",
            "See 'cluster show'."
        );

    static ClusterException Illegal(
        Member member,
        string wish,
        string because,
        string? advice = null
    ) =>
        new(
            ClusterError.IllegalTransition,
            $"The member '{member.Address.Name}' can't {wish}. {because}",
            advice
        );

    /// <summary>As 'cluster show' prints it.</summary>
    static string Words(MemberStatus status) => status.ToString().ToLowerInvariant();
}
