using System.Collections.Concurrent;
using System.Threading.Channels;

namespace EncodeFarm.Cluster.Messaging;

/// <summary>
/// The transport of the embedded farm: all nodes live in this process. Messages are JSON here too, so that nothing
/// works in one process that would not work between machines.
/// </summary>
/// <param name="failed">Told when a handler throws; the message is dropped, except for results, which are tried again.</param>
public sealed class InProcessTransport(TimeProvider time, Action<Exception> failed) : IFarmTransport
{
    /// <summary>Before a result whose handler failed is delivered again: the journal needs a moment to come back.</summary>
    static readonly TimeSpan Redelivery = TimeSpan.FromMilliseconds(500);

    readonly ConcurrentDictionary<string, Line> _nodes = new();
    readonly ConcurrentDictionary<Line, byte> _signals = new();
    readonly CancellationTokenSource _closed = new();
    readonly Channel<Envelope> _results = Channel.CreateUnbounded<Envelope>();

    public Task ListenAsync(
        string node,
        Func<Envelope, Task> handler,
        CancellationToken cancellation
    )
    {
        var line = new Line(handler, failed, _closed.Token);
        if (!_nodes.TryAdd(node, line))
        {
            throw new InvalidOperationException($"Two nodes are named '{node}'.");
        }
        cancellation.Register(() => _nodes.TryRemove(node, out _));
        return Task.CompletedTask;
    }

    public Task ListenToSignalsAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        var line = new Line(handler, failed, _closed.Token);
        _signals.TryAdd(line, 0);
        cancellation.Register(() => _signals.TryRemove(line, out _));
        return Task.CompletedTask;
    }

    public Task ConsumeResultsAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        _ = PumpResultsAsync(
            handler,
            CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, cancellation).Token
        );
        return Task.CompletedTask;
    }

    async Task PumpResultsAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        try
        {
            while (await _results.Reader.WaitToReadAsync(cancellation))
            {
                // A result leaves the queue only when it has been handled, like an acknowledged message of a broker.
                while (
                    !cancellation.IsCancellationRequested && _results.Reader.TryPeek(out var next)
                )
                {
                    if (await HandledAsync(handler, next))
                    {
                        _results.Reader.TryRead(out _);
                    }
                    else
                    {
                        await Task.Delay(Redelivery, time, cancellation);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The consumer has left; what is queued waits for the next one.
        }
    }

    async Task<bool> HandledAsync(Func<Envelope, Task> handler, Envelope message)
    {
        try
        {
            await handler(message);
            return true;
        }
        catch (Exception error)
        {
            failed(error);
            return false;
        }
    }

    public Task<bool> SendAsync(string node, Envelope message, CancellationToken cancellation) =>
        Task.FromResult(_nodes.TryGetValue(node, out var line) && line.Write(message));

    public Task SignalAsync(Envelope message, CancellationToken cancellation)
    {
        foreach (var line in _signals.Keys)
        {
            line.Write(message);
        }
        return Task.CompletedTask;
    }

    public Task PublishResultAsync(Envelope message, CancellationToken cancellation)
    {
        _results.Writer.TryWrite(message);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _closed.Cancel();
        return ValueTask.CompletedTask;
    }

    /// <summary>One listener and the messages on their way to it.</summary>
    sealed class Line
    {
        readonly Channel<Envelope> _messages = Channel.CreateUnbounded<Envelope>(
            new UnboundedChannelOptions { SingleReader = true }
        );

        public Line(Func<Envelope, Task> handler, Action<Exception> failed, CancellationToken end)
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
                // The transport was closed.
            }
        }
    }
}
