using System.Collections.Concurrent;
using RabbitMQ.Client.Events;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>
/// The transport between machines. RabbitMQ routes, and keeps results; leases never live in its messages, so that a
/// broker that goes away costs nothing but time.
/// </summary>
public sealed partial class RabbitMqTransport : IFarmTransport
{
    /// <summary>Deliveries under way to a consumer; more would only wait here instead of at the broker, where they can expire.</summary>
    const ushort SignalPrefetch = 256;
    const ushort ResultPrefetch = 32;

    /// <summary>The rank of the only consumer of a queue.</summary>
    const long Alone = 0;

    const string JoinsAnew = "The node joins anew.";

    readonly RabbitMqOptions _options;
    readonly Topology _topology;
    readonly Deliveries _deliveries;
    readonly TimeProvider _time;
    readonly Action<ClusterLog> _log;
    readonly CancellationTokenSource _closed = new();

    /// <summary>In which queue a node is reached, as its last signal said.</summary>
    readonly ConcurrentDictionary<NodeAddress, string> _addresses = new();
    readonly SemaphoreSlim _answers = new(Questions.AtATime);
    readonly ConcurrentDictionary<string, TaskCompletionSource<Envelope>> _asked = new();
    volatile MessageLine? _listener;

    RabbitMqTransport(
        NodeAddress self,
        RabbitMqOptions options,
        TimeProvider time,
        Action<ClusterLog> log
    )
    {
        Self = self;
        _options = options;
        _topology = new(options.Farm, options.Lives);
        _deliveries = new(_topology, time, log);
        _time = time;
        _log = log;
    }

    public NodeAddress Self { get; private set; }

    public bool IsConnected => Current is not null;

    public void Renew()
    {
        Self = NodeAddress.New(Self.Name);
        // The queue's name has the incarnation in it: the next connection declares the new one.
        Current?.Fail(JoinsAnew);
    }

    public Task ListenAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        var end = CancellationTokenSource
            .CreateLinkedTokenSource(_closed.Token, cancellation)
            .Token;
        // Handed on at once, so that answers to our own questions never wait behind a handler.
        var line = new MessageLine(
            handler,
            error =>
                _log(
                    new(ClusterLogLevel.Error, $"A message was not handled: {error.Message}", error)
                ),
            end
        );
        _listener = line;
        end.Register(() => Interlocked.CompareExchange(ref _listener, null, line));
        return Task.CompletedTask;
    }

    public Task ListenToSignalsAsync(
        Func<Envelope, Task> handler,
        CancellationToken cancellation
    ) =>
        SubscribeAsync(
            link =>
                link.ConsumeAsync(
                    channel => _topology.SubscribeAsync(channel, _topology.Signals, link.Ended),
                    SignalPrefetch,
                    (delivery, _) =>
                    {
                        Learn(delivery.BasicProperties.ReplyTo);
                        return _deliveries.OnceAsync(link, delivery, handler);
                    },
                    Alone,
                    cancellation
                ),
            cancellation
        );

    public Task ListenToMembersAsync(
        Func<Envelope, Task> handler,
        CancellationToken cancellation
    ) =>
        SubscribeAsync(
            link =>
                link.ConsumeAsync(
                    channel => _topology.SubscribeAsync(channel, _topology.Members, link.Ended),
                    SignalPrefetch,
                    (delivery, _) => _deliveries.OnceAsync(link, delivery, handler),
                    Alone,
                    cancellation
                ),
            cancellation
        );

    public Task ConsumeResultsAsync(
        Func<Envelope, Task> handler,
        long rank,
        CancellationToken cancellation
    ) =>
        SubscribeAsync(
            link =>
                link.ConsumeAsync(
                    _ => Task.FromResult(_topology.Results),
                    ResultPrefetch,
                    (delivery, stop) => _deliveries.UntilDoneAsync(link, delivery, handler, stop),
                    rank,
                    cancellation
                ),
            cancellation
        );

    public Task AnswerAsync(
        Func<Envelope, Task<Envelope>> handler,
        long rank,
        CancellationToken cancellation
    ) =>
        SubscribeAsync(
            link =>
                link.ConsumeAsync(
                    _ => Task.FromResult(_topology.Requests),
                    SignalPrefetch,
                    (delivery, _) =>
                        _deliveries.OnceAsync(
                            link,
                            delivery,
                            question => BeginAnswerAsync(link, delivery, question, handler)
                        ),
                    rank,
                    cancellation
                ),
            cancellation
        );

    /// <summary>Returns as soon as the answer is being made.</summary>
    async Task BeginAnswerAsync(
        Link link,
        BasicDeliverEventArgs delivery,
        Envelope question,
        Func<Envelope, Task<Envelope>> handler
    )
    {
        var asker = delivery.BasicProperties.ReplyTo;
        var id = delivery.BasicProperties.CorrelationId;
        if (asker is null || id is null || _topology.NodeOf(asker) is null)
        {
            throw new UnreadableMessageException("It does not say to whom the answer goes.");
        }
        await _answers.WaitAsync(link.Ended);
        _ = AnswerOneAsync(link, asker, id, question, handler)
            .ContinueWith(_ => _answers.Release(), TaskScheduler.Default);
    }

    static async Task AnswerOneAsync(
        Link link,
        string asker,
        string id,
        Envelope question,
        Func<Envelope, Task<Envelope>> handler
    )
    {
        Envelope answer;
        string? error = null;
        try
        {
            answer = await handler(question);
        }
        catch (Exception thrown)
        {
            (answer, error) = (new("error.v1", "null"), thrown.Message);
        }
        var properties = AmqpMessage.Properties(answer);
        properties.CorrelationId = id;
        if (error is not null)
        {
            properties.SetError(error);
        }
        link.Signals.Write("", asker, properties, AmqpMessage.Body(answer));
    }

    /// <summary>What comes for this node: answers to its questions, and messages.</summary>
    Task RouteAsync(BasicDeliverEventArgs delivery, Envelope message)
    {
        var properties = delivery.BasicProperties;
        if (properties.CorrelationId is not { } id)
        {
            _listener?.Write(message);
        }
        else if (_asked.TryGetValue(id, out var answer))
        {
            if (AmqpMessage.Error(properties) is { } words)
            {
                answer.TrySetException(new ClusterException(ClusterError.Refused, words));
            }
            else
            {
                answer.TrySetResult(message);
            }
        }
        return Task.CompletedTask;
    }

    void Learn(string? queue)
    {
        if (_topology.NodeOf(queue) is { } node)
        {
            _addresses[node] = queue!;
        }
    }

    public async Task<bool> SendAsync(
        NodeAddress node,
        Envelope message,
        CancellationToken cancellation
    )
    {
        if (Current is not { } link || !_addresses.TryGetValue(node, out var queue))
        {
            return false;
        }
        var properties = AmqpMessage.Properties(message);
        properties.SetLife(_options.Lives.Command);
        try
        {
            var routed = await link
                .Confirmed.PublishAsync(queue, properties, AmqpMessage.Body(message), link.Ended)
                .WaitAsync(_options.Lives.Command, _time, cancellation);
            if (!routed)
            {
                _addresses.TryRemove(new(node, queue));
            }
            return routed;
        }
        catch (Exception error) when (!cancellation.IsCancellationRequested)
        {
            link.Note(error);
            return false;
        }
    }

    public Task SignalAsync(Envelope message, CancellationToken cancellation)
    {
        if (Current is { } link)
        {
            var properties = AmqpMessage.Properties(message);
            properties.ReplyTo = _listener is null ? null : link.NodeQueue;
            link.Signals.Write(_topology.Signals, "", properties, AmqpMessage.Body(message));
        }
        return Task.CompletedTask;
    }

    public Task AnnounceAsync(Envelope message, CancellationToken cancellation)
    {
        Current?.Signals.Write(
            _topology.Members,
            "",
            AmqpMessage.Properties(message),
            AmqpMessage.Body(message)
        );
        return Task.CompletedTask;
    }

    public async Task PublishResultAsync(Envelope message, CancellationToken cancellation)
    {
        var properties = AmqpMessage.Properties(message, persistent: true);
        var body = AmqpMessage.Body(message);
        while (true)
        {
            var link = await LinkAsync(cancellation);
            try
            {
                if (
                    await link
                        .Confirmed.PublishAsync(_topology.Results, properties, body, link.Ended)
                        .WaitAsync(cancellation)
                )
                {
                    return;
                }
                link.Fail($"The queue '{_topology.Results}' is gone.");
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                // Whether it has arrived is not known: it goes again, with the same id.
                link.Fail(error.Message);
            }
        }
    }

    public async Task<Envelope> AskAsync(
        Envelope question,
        TimeSpan limit,
        CancellationToken cancellation
    )
    {
        var id = Guid.NewGuid().ToString("n");
        var answer = new TaskCompletionSource<Envelope>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        using var expired = new CancellationTokenSource(limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            expired.Token,
            cancellation
        );
        _asked[id] = answer;
        try
        {
            var link = await LinkAsync(either.Token);
            var properties = AmqpMessage.Properties(question);
            properties.CorrelationId = id;
            properties.ReplyTo = link.NodeQueue;
            link.Signals.Write("", _topology.Requests, properties, AmqpMessage.Body(question));
            return await answer.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested)
        {
            throw Questions.Unanswered(question, limit);
        }
        finally
        {
            _asked.TryRemove(id, out _);
        }
    }
}
