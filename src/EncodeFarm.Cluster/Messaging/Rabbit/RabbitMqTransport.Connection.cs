namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>The one loop that connects, and what is set up on each new connection.</summary>
public sealed partial class RabbitMqTransport
{
    /// <summary>How long a connection's return waits for its listeners to be back.</summary>
    static readonly TimeSpan AttachLimit = TimeSpan.FromSeconds(2);

    readonly Lock _gate = new();
    readonly List<Subscription> _subscriptions = [];
    TaskCompletionSource<Link> _arrival = NewArrival();
    Link? _link;
    Task _loop = Task.CompletedTask;
    long _connections;

    sealed record Subscription(Func<Link, Task> Attach, CancellationToken Left);

    /// <summary>The connection that works, or null.</summary>
    Link? Current
    {
        get
        {
            lock (_gate)
            {
                return _link is { Lost.IsCompleted: false } ? _link : null;
            }
        }
    }

    /// <summary>Connects and stays connected until disposed of.</summary>
    /// <param name="log">Losses and returns of the broker, messages that failed.</param>
    /// <exception cref="ClusterException">
    /// The broker refuses us, or none has answered within <see cref="RabbitMqOptions.StartLimit"/>.
    /// </exception>
    public static async Task<RabbitMqTransport> ConnectAsync(
        NodeAddress self,
        RabbitMqOptions options,
        TimeProvider time,
        Action<ClusterLog> log,
        CancellationToken cancellation
    )
    {
        if (!NodeAddress.IsName(self.Name))
        {
            throw new ClusterException(
                ClusterError.BadConfiguration,
                $"'{self.Name}' is not a name for a node.",
                $"1 to {NodeAddress.LongestName} letters, digits, dots, dashes and underscores."
            );
        }
        var transport = new RabbitMqTransport(self, options, time, log);
        var started = time.GetTimestamp();
        var link = await transport.OpenAsync(
            error =>
                error.Error == ClusterError.BrokerUnreachable
                && time.GetElapsedTime(started) < options.StartLimit,
            cancellation
        );
        transport._loop = transport.RunAsync(link);
        return transport;
    }

    async Task RunAsync(Link link)
    {
        var shortLived = 0;
        try
        {
            while (true)
            {
                var began = _time.GetTimestamp();
                var reason = await link.Lost;
                await link.DisposeAsync();
                _closed.Token.ThrowIfCancellationRequested();
                _log(
                    new(
                        ClusterLogLevel.Warning,
                        $"The connection with the broker is lost: {reason}"
                    )
                );
                // A connection that ends as soon as it begins is no success.
                shortLived = _time.GetElapsedTime(began) < _options.BackoffMax ? shortLived + 1 : 0;
                if (shortLived > 0)
                {
                    await Task.Delay(Backoff(shortLived), _time, _closed.Token);
                }
                link = await OpenAsync(_ => true, _closed.Token);
            }
        }
        catch (OperationCanceledException) when (_closed.IsCancellationRequested)
        {
            await link.DisposeAsync();
        }
    }

    /// <summary>Tries all brokers, with back-off between the rounds, until one works.</summary>
    /// <param name="again">Whether to go on after such an error.</param>
    async Task<Link> OpenAsync(Func<ClusterException, bool> again, CancellationToken cancellation)
    {
        string? said = null;
        for (var round = 0; ; round++)
        {
            try
            {
                var link = await OpenAnyAsync(round, cancellation);
                _log(new(ClusterLogLevel.Info, "Connected with the broker."));
                return link;
            }
            catch (ClusterException error) when (again(error))
            {
                if (said != error.Message)
                {
                    said = error.Message;
                    _log(new(ClusterLogLevel.Warning, $"{said} Trying again.", error));
                }
            }
            await Task.Delay(Backoff(round), _time, cancellation);
        }
    }

    /// <summary>Doubled from round to round, and up to half as long again, so that a farm does not come back in one instant.</summary>
    TimeSpan Backoff(int round)
    {
        var doubled = _options.BackoffMin * Math.Pow(2, Math.Min(round, 10));
        var capped = doubled < _options.BackoffMax ? doubled : _options.BackoffMax;
        return capped * (1 + (Random.Shared.NextDouble() / 2));
    }

    /// <summary>One round over the brokers. A refusal tells more than silence, so it is what is thrown.</summary>
    async Task<Link> OpenAnyAsync(int round, CancellationToken cancellation)
    {
        ClusterException? failure = null;
        for (var index = 0; index < _options.Brokers.Length; index++)
        {
            var broker = _options.Brokers[(round + index) % _options.Brokers.Length];
            try
            {
                return await OpenOneAsync(broker, cancellation);
            }
            catch (ClusterException error)
            {
                failure = failure is null or { Error: ClusterError.BrokerUnreachable }
                    ? error
                    : failure;
            }
        }
        throw failure ?? new ClusterException(ClusterError.BadConfiguration, "No broker is named.");
    }

    async Task<Link> OpenOneAsync(BrokerEndpoint broker, CancellationToken cancellation)
    {
        var node = Self;
        var queue = _topology.NodeQueue(node, ++_connections);
        var link = await Link.OpenAsync(
            broker,
            _options,
            _topology,
            node,
            queue,
            _time,
            _log,
            cancellation
        );
        try
        {
            await AttachNodeAsync(link);
            await ArriveAsync(link, cancellation);
            return link;
        }
        catch (Exception error)
        {
            await link.DisposeAsync();
            cancellation.ThrowIfCancellationRequested();
            throw BrokerErrors.Explain(broker, error);
        }
    }

    /// <summary>What every node has: a queue of its own.</summary>
    Task AttachNodeAsync(Link link) =>
        link.ConsumeAsync(
            async channel =>
            {
                await Topology.DeclareNodeQueueAsync(channel, link.NodeQueue, link.Ended);
                return link.NodeQueue;
            },
            SignalPrefetch,
            (delivery, _) =>
                _deliveries.OnceAsync(link, delivery, message => RouteAsync(delivery, message)),
            Alone,
            CancellationToken.None
        );

    /// <summary>Lets the connection be used, and gives it all listeners.</summary>
    async Task ArriveAsync(Link link, CancellationToken cancellation)
    {
        TaskCompletionSource<Link> arrival;
        List<Subscription> subscriptions;
        lock (_gate)
        {
            _link = link;
            (arrival, _arrival) = (_arrival, NewArrival());
            _subscriptions.RemoveAll(one => one.Left.IsCancellationRequested);
            subscriptions = [.. _subscriptions];
            if (link.Node != Self)
            {
                // Renewed while it was being opened: nobody would find this node in the queue of its old incarnation.
                link.Fail(JoinsAnew);
            }
        }
        arrival.SetResult(link);
        // Each for itself, and not for ever: a queue of results without a leader must not keep the heartbeats away.
        var attached = Task.WhenAll(subscriptions.Select(one => AttachAsync(link, one)));
        await Task.WhenAny(attached, Task.Delay(AttachLimit, _time, cancellation));
    }

    static async Task AttachAsync(Link link, Subscription subscription)
    {
        try
        {
            await subscription.Attach(link);
        }
        catch (Exception error)
        {
            // The next connection tries again.
            link.Fail($"A queue can't be consumed: {error.Message}");
        }
    }

    static TaskCompletionSource<Link> NewArrival() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A connection that works, as soon as there is one.</summary>
    async Task<Link> LinkAsync(CancellationToken cancellation)
    {
        Task<Link> arrival;
        lock (_gate)
        {
            if (_link is { Lost.IsCompleted: false })
            {
                return _link;
            }
            arrival = _arrival.Task;
        }
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            cancellation,
            _closed.Token
        );
        return await arrival.WaitAsync(either.Token);
    }

    /// <summary>Sets a consumer up on this connection, if there is one, and on every later one.</summary>
    Task SubscribeAsync(Func<Link, Task> attach, CancellationToken left)
    {
        var subscription = new Subscription(attach, left);
        Link? link;
        lock (_gate)
        {
            _subscriptions.Add(subscription);
            link = _link is { Lost.IsCompleted: false } ? _link : null;
        }
        return link is null ? Task.CompletedTask : AttachAsync(link, subscription);
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed.IsCancellationRequested)
        {
            return;
        }
        await _closed.CancelAsync();
        Current?.Fail("It was closed.");
        await _loop;
    }
}
