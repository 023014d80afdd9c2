namespace EncodeFarm.Cluster.Messaging;

/// <summary>
/// How a node talks with the others. In one process it is a few channels, between machines a broker; the same
/// specification is run against both. Handlers of one kind are called one message at a time, in the order of sending.
/// A handler that throws is logged, and the message is dropped unless it is a result.
/// A handler that is cancelled is called no more, except for a message that it already has.
/// </summary>
public interface IFarmTransport : IAsyncDisposable
{
    /// <summary>This node, as others send to it.</summary>
    NodeAddress Self { get; }

    /// <summary>Gives this process a new incarnation, to join as a new member. What is sent to the old one is not delivered any more.</summary>
    void Renew();

    /// <summary>False while the broker is away.</summary>
    bool IsConnected { get; }

    /// <summary>What is sent to this node. One listener; a later one takes its place.</summary>
    Task ListenAsync(Func<Envelope, Task> handler, CancellationToken cancellation);

    /// <summary>Every signal of every node, our own included.</summary>
    Task ListenToSignalsAsync(Func<Envelope, Task> handler, CancellationToken cancellation);

    /// <summary>Every announcement to all nodes, our own included.</summary>
    Task ListenToMembersAsync(Func<Envelope, Task> handler, CancellationToken cancellation);

    /// <summary>
    /// Results. One is forgotten when the handler returns, and delivered again when it throws; so the handler returns
    /// after its journal write. A result may come more than once.
    /// </summary>
    /// <param name="rank">
    /// New results go to the consumer of the highest rank: with its epoch a coordinator passes over a former one that is
    /// lost and does not know it yet.
    /// </param>
    Task ConsumeResultsAsync(
        Func<Envelope, Task> handler,
        long rank,
        CancellationToken cancellation
    );

    /// <summary>Questions of nodes. What the handler throws is told to the asking node as an error in the exception's words.</summary>
    /// <param name="rank">As for results.</param>
    Task AnswerAsync(
        Func<Envelope, Task<Envelope>> handler,
        long rank,
        CancellationToken cancellation
    );

    /// <summary>
    /// To one node, of which this one must have heard a signal before (see <see cref="ListenToSignalsAsync"/>). False
    /// where it can't be delivered: its process has ended, it was never heard of, or the broker is away. True is no
    /// promise that it will be handled.
    /// </summary>
    Task<bool> SendAsync(NodeAddress node, Envelope message, CancellationToken cancellation);

    /// <summary>To all coordinators. Never waits; it may be lost: heartbeats and progress are sent again anyway.</summary>
    Task SignalAsync(Envelope message, CancellationToken cancellation);

    /// <summary>To all nodes, like a signal.</summary>
    Task AnnounceAsync(Envelope message, CancellationToken cancellation);

    /// <summary>
    /// To the coordinator that decides. Completes when the message can no longer be lost by the transport; waits while
    /// the broker is away.
    /// </summary>
    Task PublishResultAsync(Envelope message, CancellationToken cancellation);

    /// <summary>Asks the coordinator that decides.</summary>
    /// <param name="limit">How long to wait for the answer, the broker's absence included.</param>
    /// <exception cref="ClusterException">No answer in time, or the answer is an error.</exception>
    Task<Envelope> AskAsync(Envelope question, TimeSpan limit, CancellationToken cancellation);
}
