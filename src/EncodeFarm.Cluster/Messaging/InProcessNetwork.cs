using System.Collections.Concurrent;
using System.Threading.Channels;

namespace EncodeFarm.Cluster.Messaging;

/// <summary>What the in-process transports of one process share: who listens, and the results on their way.</summary>
/// <param name="failed">Told when a handler throws; the message is dropped, except for results, which are tried again.</param>
public sealed class InProcessNetwork(TimeProvider time, Action<Exception> failed)
{
    internal TimeProvider Time => time;
    internal Action<Exception> Failed => failed;
    internal ConcurrentDictionary<NodeAddress, MessageLine> Nodes { get; } = new();
    internal ConcurrentDictionary<MessageLine, byte> Signals { get; } = new();
    internal ConcurrentDictionary<MessageLine, byte> Members { get; } = new();
    internal Channel<Question> Questions { get; } = Channel.CreateUnbounded<Question>();
    internal Ranks Answering { get; } = new();

    /// <summary>A result leaves it only when it has been handled, like an acknowledged message of a broker.</summary>
    internal Channel<Envelope> Results { get; } = Channel.CreateUnbounded<Envelope>();

    internal Ranks Consuming { get; } = new();

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
