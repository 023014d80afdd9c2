using System.Collections.Immutable;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>How long messages are worth something. All nodes of a farm need the same: queues are declared with them.</summary>
public sealed record MessageLives
{
    /// <summary>An assignment that was not delivered by then counts as not started anyway.</summary>
    public TimeSpan Command { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Older heartbeats are worth nothing.</summary>
    public TimeSpan Signal { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Who asks has given up by then.</summary>
    public TimeSpan Question { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>How to reach the broker.</summary>
/// <param name="Brokers">Nodes of one broker; any of them will do.</param>
public sealed record RabbitMqOptions(ImmutableArray<BrokerEndpoint> Brokers)
{
    /// <summary>What all queues and exchanges begin with: farms of different names share a broker.</summary>
    public string Farm { get; init; } = "farm";

    /// <summary>PEM file with the certificates that sign those of brokers with an amqps address; null for the machine's own list.</summary>
    public string? Authority { get; init; }

    /// <summary>AMQP's own heartbeat, both ways; a dead connection is noticed after 2 to 3 of them.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>For each attempt at a connection.</summary>
    public TimeSpan ConnectLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a start waits for a broker that is not there yet. A refusal ends it at once.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Before the first new attempt after a loss; doubled for each further one.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Confirmed messages under way at the same time.</summary>
    public int Outstanding { get; init; } = 256;

    /// <summary>A confirm that takes longer is given up, the channel replaced and the message published again. fsync stalls of a second are common.</summary>
    public TimeSpan ConfirmLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>For what waits at the broker: older, it is dropped there.</summary>
    public MessageLives Lives { get; init; } = new();

    /// <param name="addresses">amqp://user:password@host:port/vhost, several separated by commas.</param>
    /// <exception cref="ClusterException">Not such an address; the message does not repeat the password.</exception>
    public static RabbitMqOptions Parse(string addresses) =>
        new([
            .. addresses
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .DefaultIfEmpty("")
                .Select(BrokerEndpoint.Parse),
        ]);
}
