using System.Collections.Immutable;

namespace EncodeFarm.Cluster.Members;

/// <summary>Limits of silence; all times are counted on the coordinator's monotonic clock.</summary>
public sealed record FailureLimits
{
    /// <summary>How often every node, the coordinator too, sends its heartbeat.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Silent for so long: unreachable, its leases are lost.</summary>
    public TimeSpan Unreachable { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Silent for so long: Down.</summary>
    public TimeSpan Down { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How late the coordinator's own heartbeat may come back, and how far apart two of them may be, before the broker counts as away.</summary>
    public TimeSpan Echo { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Most that is added to everybody's time after the broker was away. A node's back-off has grown with the outage, so
    /// it may come back as much later as the outage was long: at most 3 s of back-off and half as much again
    /// (RabbitMqOptions), and a second for its queues.
    /// </summary>
    public TimeSpan Return { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>A member that is Down stays in the table for so long, for people to see.</summary>
    public TimeSpan Remove { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="ClusterException">The limits contradict each other.</exception>
    public FailureLimits Validated() =>
        Beat <= TimeSpan.Zero || Echo < 2 * Beat || Unreachable < Echo + Beat || Down <= Unreachable
            ? throw new ClusterException(
                ClusterError.BadConfiguration,
                $"The limits of the failure detector do not fit: heartbeat {Beat}, echo {Echo}, unreachable {Unreachable}, down {Down}.",
                "The echo takes at least two heartbeats, unreachable at least a heartbeat more, and down is longer."
            )
            : this;
}

/// <summary>
/// Tells a silent node from a silent broker. Its clock is the coordinator's own heartbeat, sent through the same
/// exchange as all others: only as far as that has come back in time has anybody been silent. So while the broker is
/// away, or this process stands still, nobody grows older.
/// </summary>
/// <param name="Proven">When our own heartbeat last came back.</param>
/// <param name="Heard">When each node was last heard of.</param>
public sealed record FailureDetector(
    FailureLimits Limits,
    TimeSpan Proven,
    ImmutableDictionary<NodeAddress, TimeSpan> Heard
)
{
    /// <summary>At a start or a takeover: everybody gets a fresh time.</summary>
    public static FailureDetector Start(
        FailureLimits limits,
        TimeSpan now,
        IEnumerable<NodeAddress> members
    ) => new(limits.Validated(), now, members.ToImmutableDictionary(address => address, _ => now));

    /// <summary>A node's heartbeat has arrived.</summary>
    public FailureDetector Hear(NodeAddress address, TimeSpan now) =>
        this with
        {
            Heard = Heard.SetItem(address, now),
        };

    public FailureDetector Forget(NodeAddress address) =>
        this with
        {
            Heard = Heard.Remove(address),
        };

    /// <summary>
    /// Our own heartbeat has come back. If it was late, or the one before is too long ago, nobody could be heard
    /// meanwhile: everybody who was reachable gets a fresh time, which begins when it should be connected again, and
    /// whoever was not stays just unreachable.
    /// </summary>
    /// <param name="sent">When it was sent.</param>
    public FailureDetector Echo(TimeSpan sent, TimeSpan now)
    {
        var gap = Longer(now - sent, now - Proven);
        if (gap <= Limits.Echo)
        {
            return this with { Proven = now };
        }
        var fresh = now + (gap < Limits.Return ? gap : Limits.Return);
        return this with
        {
            Proven = now,
            Heard = Heard.ToImmutableDictionary(
                node => node.Key,
                node =>
                    IsUnreachable(node.Key) ? now - Limits.Unreachable : Longer(node.Value, fresh)
            ),
        };
    }

    static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>How long a node has been silent for certain; zero for one that is not watched.</summary>
    public TimeSpan SilenceOf(NodeAddress address) =>
        Heard.TryGetValue(address, out var heard) && Proven > heard
            ? Proven - heard
            : TimeSpan.Zero;

    public bool IsUnreachable(NodeAddress address) => SilenceOf(address) >= Limits.Unreachable;

    public bool IsDown(NodeAddress address) => SilenceOf(address) >= Limits.Down;
}
