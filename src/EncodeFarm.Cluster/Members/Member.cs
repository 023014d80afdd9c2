using System.Collections.Immutable;

namespace EncodeFarm.Cluster.Members;

/// <summary>A member's life, in the words of actor clusters. Unreachable is no state but a flag beside it.</summary>
public enum MemberStatus
{
    /// <summary>Accepted; its first heartbeat makes it Up.</summary>
    Joining,

    /// <summary>Takes work.</summary>
    Up,

    /// <summary>Takes no new work and finishes what it runs.</summary>
    Leaving,

    /// <summary>Has finished or handed back everything, and ends.</summary>
    Exiting,

    /// <summary>Given up: silent for too long, or told so by an operator. Its process must join again.</summary>
    Down,

    /// <summary>No longer in the table.</summary>
    Removed,
}

/// <summary>What a node says of itself when it joins.</summary>
/// <param name="Home">Identity of its work directory, which only one process at a time can use: by it a restarted process is told from a second node of the same name.</param>
/// <param name="Roles">"coordinator", "worker", "store".</param>
/// <param name="ProductVersion">For people; versions of one protocol work together.</param>
/// <param name="Endpoint">host:port of its own API; null where it listens nowhere.</param>
/// <param name="Tls">It speaks HTTPS there, and nothing else.</param>
public sealed record NodeCard(
    NodeAddress Address,
    string Home,
    ImmutableArray<string> Roles,
    string ProductVersion,
    string? Endpoint,
    bool Tls = false
)
{
    /// <summary>Keeps the artifacts for the others, where these do not lie in a place that all see.</summary>
    public bool IsStore => Roles.Contains("store");

    public bool Equals(NodeCard? other) =>
        other is not null
        && (Address, Home, ProductVersion, Endpoint, Tls)
            == (other.Address, other.Home, other.ProductVersion, other.Endpoint, other.Tls)
        && Roles.AsSpan().SequenceEqual(other.Roles.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Address, Home);
}

/// <param name="Draining">Takes no new work, but stays.</param>
/// <param name="Reason">Why it is Down or leaving, for people.</param>
public sealed record Member(
    NodeCard Card,
    MemberStatus Status,
    bool Unreachable = false,
    bool Draining = false,
    string? Reason = null
)
{
    public NodeAddress Address => Card.Address;

    /// <summary>Holds its name and is watched by the failure detector.</summary>
    public bool IsAlive => Status is not (MemberStatus.Down or MemberStatus.Removed);

    /// <summary>May be running work that it was given, and tells of it; one that is Exiting has handed it back.</summary>
    public bool MayRunWork => IsAlive && !Unreachable && Status != MemberStatus.Exiting;
}

/// <summary>Something that happened to a member.</summary>
public abstract record MemberEvent(NodeAddress Address);

/// <param name="From">Null for a new member.</param>
public sealed record MemberChanged(
    NodeAddress Address,
    MemberStatus? From,
    MemberStatus To,
    string? Reason
) : MemberEvent(Address);

public sealed record MemberReachability(NodeAddress Address, bool Unreachable)
    : MemberEvent(Address);

public sealed record MemberDraining(NodeAddress Address, bool Draining) : MemberEvent(Address);
