namespace EncodeFarm.Cluster.Messaging;

/// <summary>A message between nodes: a versioned type name ("heartbeat.v1") and JSON. The cluster does not know what it means.</summary>
public sealed record Envelope(string Type, string Json);

/// <summary>
/// How nodes talk. In one process it is a few channels, between machines a broker; the same specification is run
/// against both. Handlers of one kind are called one message at a time, in the order of sending.
/// </summary>
public interface IFarmTransport : IAsyncDisposable
{
    /// <summary>Calls <paramref name="handler"/> with what coordinators send to the node of this name.</summary>
    Task ListenAsync(string node, Func<Envelope, Task> handler, CancellationToken cancellation);

    /// <summary>Calls <paramref name="handler"/> with every signal of every node.</summary>
    Task ListenToSignalsAsync(Func<Envelope, Task> handler, CancellationToken cancellation);

    /// <summary>
    /// Calls <paramref name="handler"/> with results. A result is forgotten when the handler returns, and delivered
    /// again when it throws; so the handler returns after its journal write.
    /// </summary>
    Task ConsumeResultsAsync(Func<Envelope, Task> handler, CancellationToken cancellation);

    /// <summary>To one node. False where nobody listens under that name: the message is dropped.</summary>
    Task<bool> SendAsync(string node, Envelope message, CancellationToken cancellation);

    /// <summary>To all coordinators. It may be lost; heartbeats and progress are sent again anyway.</summary>
    Task SignalAsync(Envelope message, CancellationToken cancellation);

    /// <summary>To the coordinator that decides. Completes when the message can no longer be lost by the transport.</summary>
    Task PublishResultAsync(Envelope message, CancellationToken cancellation);
}
