using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>
/// One consumer on a channel of its own: one delivery at a time, acknowledged after its handler. What it holds when it
/// leaves goes back to the queue.
/// </summary>
sealed class LinkConsumer
{
    readonly Link _link;
    readonly IChannel _channel;
    readonly Func<BasicDeliverEventArgs, CancellationToken, Task> _handle;
    readonly CancellationToken _left;
    readonly CancellationToken _stop;
    readonly SemaphoreSlim _turn = new(1);

    LinkConsumer(
        Link link,
        IChannel channel,
        Func<BasicDeliverEventArgs, CancellationToken, Task> handle,
        CancellationToken left
    )
    {
        _link = link;
        _channel = channel;
        _handle = handle;
        _left = left;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(left, link.Ended).Token;
    }

    /// <param name="declare">Declares the queue and gives its name.</param>
    /// <param name="handle">Returns when the delivery is done with; throws to keep it unacknowledged (then the token is cancelled).</param>
    /// <param name="rank">Of several consumers of a queue the broker serves the one of the highest rank that can take more.</param>
    /// <param name="left">The listener wants no more.</param>
    public static async Task StartAsync(
        Link link,
        IConnection connection,
        Func<IChannel, Task<string>> declare,
        ushort prefetch,
        Func<BasicDeliverEventArgs, CancellationToken, Task> handle,
        long rank,
        CancellationToken left
    )
    {
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(false, false, consumerDispatchConcurrency: 1),
            link.Ended
        );
        var self = new LinkConsumer(link, channel, handle, left);
        var queue = await declare(channel);
        await channel.BasicQosAsync(0, prefetch, global: false, link.Ended);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += self.ReceiveAsync;
        consumer.UnregisteredAsync += (_, _) => self.LoseAsync($"The broker took '{queue}' away.");
        channel.ChannelShutdownAsync += (_, reason) => self.LoseAsync(reason.ReplyText);
        await channel.BasicConsumeAsync(
            queue,
            autoAck: false,
            consumerTag: "",
            noLocal: false,
            exclusive: false,
            new Dictionary<string, object?> { ["x-priority"] = rank },
            consumer,
            link.Ended
        );
        left.Register(() => _ = self.LeaveAsync());
    }

    async Task ReceiveAsync(object sender, BasicDeliverEventArgs delivery)
    {
        await _turn.WaitAsync();
        try
        {
            _left.ThrowIfCancellationRequested();
            _stop.ThrowIfCancellationRequested();
            await _handle(delivery, _stop);
            await _channel.BasicAckAsync(delivery.DeliveryTag, multiple: false, _link.Ended);
        }
        catch (Exception error) when (HasStopped || IsLoss(error))
        {
            // It stays unacknowledged: the broker delivers it again.
        }
        finally
        {
            _turn.Release();
        }
    }

    bool HasStopped => _left.IsCancellationRequested || _stop.IsCancellationRequested;

    static bool IsLoss(Exception error) =>
        error is AlreadyClosedException or OperationInterruptedException or ObjectDisposedException;

    Task LoseAsync(string reason)
    {
        if (!_left.IsCancellationRequested)
        {
            _link.Fail(reason);
        }
        return Task.CompletedTask;
    }

    /// <summary>
    /// After the handler that runs has ended and its delivery is acknowledged. The turn is given back before the channel
    /// closes: closing waits for deliveries that are waiting for their turn, and these see that nobody wants them any more.
    /// </summary>
    async Task LeaveAsync()
    {
        await _turn.WaitAsync();
        _turn.Release();
        try
        {
            await _channel.CloseAsync();
        }
        catch (Exception error)
        {
            // Then the connection is lost or closing, and with it this channel.
            _link.Note(error);
        }
    }
}
