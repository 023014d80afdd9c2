using System.Threading.Channels;
using RabbitMQ.Client;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>
/// A channel of its own, without confirms, for what may be lost. Nobody waits for it: what the connection does not take
/// in time is dropped, the oldest first.
/// </summary>
sealed class SignalWriter(IChannel channel)
{
    const int MostWaiting = 1000;

    readonly Channel<(
        string Exchange,
        string Key,
        BasicProperties Properties,
        byte[] Body
    )> _waiting = Channel.CreateBounded<(string, string, BasicProperties, byte[])>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest }
    );

    public void Write(string exchange, string key, BasicProperties properties, byte[] body) =>
        _waiting.Writer.TryWrite((exchange, key, properties, body));

    /// <summary>Runs until cancelled or until the channel is lost, which it throws.</summary>
    public async Task PumpAsync(CancellationToken cancellation)
    {
        await foreach (var next in _waiting.Reader.ReadAllAsync(cancellation))
        {
            await channel.BasicPublishAsync(
                next.Exchange,
                next.Key,
                mandatory: false,
                next.Properties,
                next.Body,
                cancellation
            );
        }
    }
}
