using System.Collections.Concurrent;
using System.Threading.Channels;

namespace EncodeFarm.Cluster.Messaging;

/// <summary>What the in-process transports of one process share: who listens, and the results on their way.</summary>
/// <param name="failed">Told when a handler throws; the message is dropped, except for results, which are tried again.</param>
public sealed class InProcessNetwork(TimeProvider time, Action<Exception> failed)
{
    internal TimeProvider Time => time;
    internal Action<Exception> Failed => failed;
    internal ConcurrentDictionary<NodeAddress, InProcessLine> Nodes { get; } = new();
    internal ConcurrentDictionary<InProcessLine, byte> Signals { get; } = new();
    internal ConcurrentDictionary<InProcessLine, byte> Members { get; } = new();
    internal Channel<Question> Questions { get; } = Channel.CreateUnbounded<Question>();

    /// <summary>A result leaves it only when it has been handled, like an acknowledged message of a broker.</summary>
    internal Channel<Envelope> Results { get; } = Channel.CreateUnbounded<Envelope>();

    /// <summary>One handler of results at a time.</summary>
    internal SemaphoreSlim ResultsTurn { get; } = new(1);

    /// <summary>The transport of one node of this process.</summary>
    public InProcessTransport Join(NodeAddress node) => new(this, node);

    internal sealed record Question(
        Envelope Envelope,
        TaskCompletionSource<Envelope> Answer,
        CancellationToken Expired
    );
}

/// <summary>One listener and the messages on their way to it.</summary>
sealed class InProcessLine
{
    readonly Channel<Envelope> _messages = Channel.CreateUnbounded<Envelope>(
        new UnboundedChannelOptions { SingleReader = true }
    );

    public InProcessLine(
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
