using System.Threading.Channels;

namespace EncodeFarm.Cluster.Messaging;

/// <summary>One listener and the messages on their way to it.</summary>
sealed class MessageLine
{
    readonly Channel<Envelope> _messages = Channel.CreateUnbounded<Envelope>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    public MessageLine(
        Func<Envelope, Task> handler,
        Action<Exception> failed,
        CancellationToken end
    )
    {
        _ = PumpAsync(handler, failed, end);
    }

    public bool Write(Envelope message) => _messages.Writer.TryWrite(message);

    async Task PumpAsync(
        Func<Envelope, Task> handler,
        Action<Exception> failed,
        CancellationToken end
    )
    {
        try
        {
            await foreach (var message in _messages.Reader.ReadAllAsync(end))
            {
                end.ThrowIfCancellationRequested();
                try
                {
                    await handler(message);
                }
                catch (Exception error)
                {
                    failed(error);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The listener has left, or the transport was closed.
        }
    }
}
