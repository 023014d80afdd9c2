using RabbitMQ.Client.Events;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>What becomes of a delivery: handled, tried again, or parked.</summary>
sealed class Deliveries(Topology topology, TimeProvider time, Action<ClusterLog> log)
{
    /// <summary>Before a result whose handler failed is handed over again: the journal needs a moment to come back.</summary>
    static readonly TimeSpan Redelivery = TimeSpan.FromMilliseconds(500);

    /// <summary>Hands over what may be lost: once, whatever comes of it.</summary>
    public async Task OnceAsync(
        Link link,
        BasicDeliverEventArgs delivery,
        Func<Envelope, Task> handler
    )
    {
        if (!AmqpMessage.TryRead(delivery, out var message, out var problem))
        {
            await ParkAsync(link, delivery, problem);
            return;
        }
        try
        {
            await handler(message);
        }
        catch (UnreadableMessageException error)
        {
            await ParkAsync(link, delivery, error.Message);
        }
        catch (Exception error)
        {
            log(
                new(
                    ClusterLogLevel.Error,
                    $"A message '{message.Type}' was not handled: {error.Message}",
                    error
                )
            );
        }
    }

    /// <summary>Hands over until the handler returns. It throws only when <paramref name="stop"/> is cancelled or the connection lost.</summary>
    public async Task UntilDoneAsync(
        Link link,
        BasicDeliverEventArgs delivery,
        Func<Envelope, Task> handler,
        CancellationToken stop
    )
    {
        if (!AmqpMessage.TryRead(delivery, out var message, out var problem))
        {
            await ParkAsync(link, delivery, problem);
            return;
        }
        while (true)
        {
            try
            {
                await handler(message);
                return;
            }
            catch (UnreadableMessageException error)
            {
                await ParkAsync(link, delivery, error.Message);
                return;
            }
            catch (Exception error)
            {
                log(
                    new(
                        ClusterLogLevel.Warning,
                        $"A message '{message.Type}' was not handled and is tried again: {error.Message}",
                        error
                    )
                );
            }
            await Task.Delay(Redelivery, time, stop);
        }
    }

    /// <summary>Puts a message aside that nobody could read the next time either, for people to look at.</summary>
    async Task ParkAsync(Link link, BasicDeliverEventArgs delivery, string reason)
    {
        var properties = AmqpMessage.Parked(delivery, reason);
        try
        {
            if (
                !await link.Confirmed.PublishAsync(
                    topology.Parked,
                    properties,
                    delivery.Body,
                    link.Ended
                )
            )
            {
                link.Fail($"The queue '{topology.Parked}' is gone.");
            }
        }
        catch (Exception error)
        {
            // Without its copy in the parked queue it must not be acknowledged.
            link.Fail(error.Message);
        }
        link.Ended.ThrowIfCancellationRequested();
        log(
            new(
                ClusterLogLevel.Warning,
                $"A message '{properties.Type}' of {delivery.Body.Length} bytes can't be read and was put into '{topology.Parked}': {reason}"
            )
        );
    }
}
