using RabbitMQ.Client;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>The names and kinds of the farm's queues and exchanges.</summary>
sealed record Topology(string Farm, MessageLives Lives)
{
    /// <summary>Heartbeats and progress of hundreds of nodes for a signal's life.</summary>
    const int MostSignals = 10_000;
    const int MostQuestions = 1000;

    /// <summary>Only the newest member table counts.</summary>
    const int MostAnnouncements = 10;

    public string Results => $"{Farm}.results";
    public string Signals => $"{Farm}.signals";
    public string Requests => $"{Farm}.requests";
    public string Members => $"{Farm}.members";
    public string Parked => $"{Farm}.parked";

    /// <summary>The connection's number is part of the name: the broker may still hold the queue of the one before.</summary>
    public string NodeQueue(NodeAddress node, long connection) =>
        $"{Farm}.node.{node.Name}.{node.Incarnation}.{connection}";

    /// <summary>Whose queue that is, or null where it is no node's. Names may have dots, the parts after them have none.</summary>
    public NodeAddress? NodeOf(string? queue)
    {
        var prefix = $"{Farm}.node.";
        if (queue is null || !queue.StartsWith(prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var parts = queue[prefix.Length..].Split('.');
        return parts.Length < 3 ? null : new(string.Join('.', parts[..^2]), parts[^2]);
    }

    /// <summary>
    /// What outlives connections. Each connection declares it, so that it is there whoever comes first. All are quorum
    /// queues: a classic one can't even be declared while the one broker that holds it is down.
    /// </summary>
    public async Task DeclareAsync(IChannel channel, CancellationToken cancellation)
    {
        await DeclareQuorumAsync(channel, Results, [], cancellation);
        await DeclareQuorumAsync(channel, Parked, [], cancellation);
        await DeclareQuorumAsync(
            channel,
            Requests,
            Bounds(Lives.Question, MostQuestions),
            cancellation
        );
        foreach (var exchange in new[] { Signals, Members })
        {
            await channel.ExchangeDeclareAsync(
                exchange,
                ExchangeType.Fanout,
                durable: true,
                cancellationToken: cancellation
            );
        }
    }

    static Task DeclareQuorumAsync(
        IChannel channel,
        string queue,
        Dictionary<string, object?> bounds,
        CancellationToken cancellation
    ) =>
        channel.QueueDeclareAsync(
            queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?>(bounds) { ["x-queue-type"] = "quorum" },
            cancellationToken: cancellation
        );

    public static Task DeclareNodeQueueAsync(
        IChannel channel,
        string queue,
        CancellationToken cancellation
    ) =>
        channel.QueueDeclareAsync(
            queue,
            durable: false,
            exclusive: true,
            autoDelete: true,
            cancellationToken: cancellation
        );

    /// <summary>An exclusive queue, named by the broker, that gets a copy of all that is sent to a fan-out.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> SubscribeAsync(
        IChannel channel,
        string exchange,
        CancellationToken cancellation
    )
    {
        var queue = await channel.QueueDeclareAsync(
            "",
            durable: false,
            exclusive: true,
            autoDelete: true,
            Bounds(Lives.Signal, exchange == Signals ? MostSignals : MostAnnouncements),
            cancellationToken: cancellation
        );
        await channel.QueueBindAsync(
            queue.QueueName,
            exchange,
            "",
            cancellationToken: cancellation
        );
        return queue.QueueName;
    }

    static Dictionary<string, object?> Bounds(TimeSpan life, int most) =>
        new()
        {
            ["x-message-ttl"] = (int)life.TotalMilliseconds,
            ["x-max-length"] = most,
            ["x-overflow"] = "drop-head",
        };
}
