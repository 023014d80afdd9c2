using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>
/// A channel on which every message is confirmed by the broker. A channel that confirms no more, while its connection
/// is well, is replaced, and the message published again: it happens when a broker's node dies.
/// </summary>
sealed class ConfirmedPublisher : IAsyncDisposable
{
    /// <summary>
    /// Our own bound: the client library's limiter throws under load. The library does the tracking.
    /// </summary>
    static readonly CreateChannelOptions Confirms = new(
        publisherConfirmationsEnabled: true,
        publisherConfirmationTrackingEnabled: true,
        outstandingPublisherConfirmationsRateLimiter: null
    );

    const int MostReplacements = 3;

    readonly IConnection _connection;
    readonly TimeSpan _limit;
    readonly TimeProvider _time;
    readonly SemaphoreSlim _room;
    readonly SemaphoreSlim _replacing = new(1);
    IChannel _channel;

    ConfirmedPublisher(
        IConnection connection,
        IChannel channel,
        RabbitMqOptions options,
        TimeProvider time
    )
    {
        _connection = connection;
        _channel = channel;
        _limit = options.ConfirmLimit;
        _time = time;
        _room = new(options.Outstanding);
    }

    public static async Task<ConfirmedPublisher> OpenAsync(
        IConnection connection,
        RabbitMqOptions options,
        TimeProvider time,
        CancellationToken cancellation
    ) =>
        new(connection, await connection.CreateChannelAsync(Confirms, cancellation), options, time);

    /// <summary>Publishes straight to a queue.</summary>
    /// <returns>False where there is no such queue.</returns>
    /// <exception cref="Exception">The connection is lost, or the broker does not take it: it may or may not have arrived.</exception>
    public async Task<bool> PublishAsync(
        string queue,
        BasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellation
    )
    {
        await _room.WaitAsync(cancellation);
        try
        {
            for (var replaced = 0; ; replaced++)
            {
                var channel = _channel;
                try
                {
                    await channel
                        .BasicPublishAsync("", queue, mandatory: true, properties, body)
                        .AsTask()
                        .WaitAsync(_limit, _time, cancellation);
                    return true;
                }
                catch (PublishException error) when (error.IsReturn)
                {
                    return false;
                }
                catch (Exception)
                    when (_connection.IsOpen
                        && !cancellation.IsCancellationRequested
                        && replaced < MostReplacements
                    )
                {
                    await ReplaceAsync(channel, cancellation);
                }
            }
        }
        finally
        {
            _room.Release();
        }
    }

    async Task ReplaceAsync(IChannel broken, CancellationToken cancellation)
    {
        await _replacing.WaitAsync(cancellation);
        try
        {
            if (_channel == broken)
            {
                _channel = await _connection.CreateChannelAsync(Confirms, cancellation);
                // What still waits for a confirm there fails now, and is published again on the new one.
                _ = broken.AbortAsync(CancellationToken.None);
            }
        }
        finally
        {
            _replacing.Release();
        }
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
