using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>
/// One connection with a broker and all that lives on it. It is never repaired: when a part of it is lost it is lost as a
/// whole, and the next one declares everything anew.
/// </summary>
sealed class Link : IAsyncDisposable
{
    /// <summary>For a good-bye; a broker that is gone does not answer it.</summary>
    static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    readonly IConnection _connection;
    readonly Action<ClusterLog> _log;
    readonly CancellationTokenSource _ended = new();
    readonly TaskCompletionSource<string> _lost = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    Link(
        IConnection connection,
        NodeAddress node,
        string nodeQueue,
        ConfirmedPublisher confirmed,
        SignalWriter signals,
        Action<ClusterLog> log
    )
    {
        _connection = connection;
        Node = node;
        NodeQueue = nodeQueue;
        Confirmed = confirmed;
        Signals = signals;
        _log = log;
        Ended = _ended.Token;
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            Fail(reason.ReplyText);
            return Task.CompletedTask;
        };
        _ = PumpSignalsAsync();
    }

    /// <summary>As which it was opened.</summary>
    public NodeAddress Node { get; }

    public string NodeQueue { get; }

    public ConfirmedPublisher Confirmed { get; }

    public SignalWriter Signals { get; }

    /// <summary>Cancelled when it is lost or disposed of.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Completes with the reason.</summary>
    public Task<string> Lost => _lost.Task;

    /// <exception cref="ClusterException">The broker can't be reached, or refuses.</exception>
    public static async Task<Link> OpenAsync(
        BrokerEndpoint broker,
        RabbitMqOptions options,
        Topology topology,
        NodeAddress node,
        string nodeQueue,
        TimeProvider time,
        Action<ClusterLog> log,
        CancellationToken cancellation
    )
    {
        IConnection? connection = null;
        try
        {
            connection = await BrokerConnection.OpenAsync(broker, options, node, cancellation);
            var signals = await connection.CreateChannelAsync(cancellationToken: cancellation);
            await topology.DeclareAsync(signals, cancellation);
            var confirmed = await ConfirmedPublisher.OpenAsync(
                connection,
                options,
                time,
                cancellation
            );
            return new Link(connection, node, nodeQueue, confirmed, new(signals), log);
        }
        catch (Exception error)
        {
            if (connection is not null)
            {
                await connection.AbortAsync(CloseLimit);
            }
            cancellation.ThrowIfCancellationRequested();
            throw error as ClusterException ?? BrokerErrors.Explain(broker, error);
        }
    }

    /// <inheritdoc cref="LinkConsumer.StartAsync"/>
    public Task ConsumeAsync(
        Func<IChannel, Task<string>> declare,
        ushort prefetch,
        Func<BasicDeliverEventArgs, CancellationToken, Task> handle,
        long rank,
        CancellationToken left
    ) => LinkConsumer.StartAsync(this, _connection, declare, prefetch, handle, rank, left);

    /// <summary>Gives it up. The first reason counts, and of it the first line: the library's go on with a stack trace.</summary>
    public void Fail(string reason)
    {
        if (_lost.TrySetResult(reason.Split('\n')[0]))
        {
            _ended.Cancel();
        }
    }

    /// <summary>For what is expected while a connection ends, but a puzzle otherwise.</summary>
    public void Note(Exception error)
    {
        if (!Ended.IsCancellationRequested)
        {
            _log(
                new(ClusterLogLevel.Warning, $"On the broker's connection: {error.Message}", error)
            );
        }
    }

    async Task PumpSignalsAsync()
    {
        try
        {
            await Signals.PumpAsync(Ended);
        }
        catch (Exception error)
        {
            Fail(error.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Fail("It was closed.");
        // Handlers that still run are not waited for: what they hold is delivered again.
        await _connection.AbortAsync(CloseLimit);
    }
}
