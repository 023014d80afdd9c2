namespace EncodeFarm.Cluster.Messaging;

/// <summary>
/// The transport of the embedded farm: all nodes live in this process. Messages are JSON here too, so that nothing
/// works in one process that would not work between machines.
/// </summary>
public sealed class InProcessTransport : IFarmTransport
{
    /// <summary>Before a result whose handler failed is delivered again: the journal needs a moment to come back.</summary>
    static readonly TimeSpan Redelivery = TimeSpan.FromMilliseconds(500);

    readonly InProcessNetwork _network;
    readonly CancellationTokenSource _closed = new();

    internal InProcessTransport(InProcessNetwork network, NodeAddress self)
    {
        _network = network;
        Self = self;
    }

    public NodeAddress Self { get; private set; }

    public void Renew()
    {
        var old = Self;
        Self = NodeAddress.New(old.Name);
        if (_network.Nodes.TryRemove(old, out var line))
        {
            _network.Nodes[Self] = line;
        }
    }

    public bool IsConnected => true;

    public Task ListenAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        var end = EndOf(cancellation);
        var line = new MessageLine(handler, _network.Failed, end);
        _network.Nodes[Self] = line;
        end.Register(() => _network.Nodes.TryRemove(new(Self, line)));
        return Task.CompletedTask;
    }

    public Task ListenToSignalsAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        var end = EndOf(cancellation);
        var line = new MessageLine(handler, _network.Failed, end);
        _network.Signals[line] = 0;
        end.Register(() => _network.Signals.TryRemove(line, out _));
        return Task.CompletedTask;
    }

    public Task ListenToMembersAsync(Func<Envelope, Task> handler, CancellationToken cancellation)
    {
        var end = EndOf(cancellation);
        var line = new MessageLine(handler, _network.Failed, end);
        _network.Members[line] = 0;
        end.Register(() => _network.Members.TryRemove(line, out _));
        return Task.CompletedTask;
    }

    public Task ConsumeResultsAsync(
        Func<Envelope, Task> handler,
        long rank,
        CancellationToken cancellation
    )
    {
        var end = EndOf(cancellation);
        _network.Consuming.Enter(rank, end);
        _ = PumpResultsAsync(handler, rank, end);
        return Task.CompletedTask;
    }

    public Task AnswerAsync(
        Func<Envelope, Task<Envelope>> handler,
        long rank,
        CancellationToken cancellation
    )
    {
        var end = EndOf(cancellation);
        _network.Answering.Enter(rank, end);
        _ = PumpQuestionsAsync(handler, rank, end);
        return Task.CompletedTask;
    }

    CancellationToken EndOf(CancellationToken cancellation) =>
        CancellationTokenSource.CreateLinkedTokenSource(_closed.Token, cancellation).Token;

    async Task PumpResultsAsync(Func<Envelope, Task> handler, long rank, CancellationToken end)
    {
        var results = _network.Results.Reader;
        try
        {
            while (await results.WaitToReadAsync(end))
            {
                await _network.Consuming.TurnAsync(rank, end);
                await _network.ResultsTurn.WaitAsync(end);
                try
                {
                    if (results.TryPeek(out var next))
                    {
                        await HandleResultAsync(handler, next, end);
                    }
                }
                finally
                {
                    _network.ResultsTurn.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The consumer has left; what is queued waits for the next one.
        }
    }

    async Task HandleResultAsync(
        Func<Envelope, Task> handler,
        Envelope result,
        CancellationToken end
    )
    {
        try
        {
            await handler(result);
            _network.Results.Reader.TryRead(out _);
        }
        catch (UnreadableMessageException error)
        {
            _network.Failed(error);
            _network.Results.Reader.TryRead(out _);
        }
        catch (Exception error)
        {
            _network.Failed(error);
            await Task.Delay(Redelivery, _network.Time, end);
        }
    }

    async Task PumpQuestionsAsync(
        Func<Envelope, Task<Envelope>> handler,
        long rank,
        CancellationToken end
    )
    {
        var questions = _network.Questions.Reader;
        var places = new SemaphoreSlim(Questions.AtATime);
        try
        {
            while (await questions.WaitToReadAsync(end))
            {
                await _network.Answering.TurnAsync(rank, end);
                if (
                    questions.TryRead(out var question) && !question.Expired.IsCancellationRequested
                )
                {
                    await places.WaitAsync(end);
                    _ = AnswerOneAsync(handler, question)
                        .ContinueWith(_ => places.Release(), TaskScheduler.Default);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The answering coordinator has left; questions wait for the next one, or for their time to end.
        }
    }

    async Task AnswerOneAsync(
        Func<Envelope, Task<Envelope>> handler,
        InProcessNetwork.Question question
    )
    {
        try
        {
            question.Answer.TrySetResult(await handler(question.Envelope));
        }
        catch (Exception error)
        {
            _network.Failed(error);
            question.Answer.TrySetException(
                new ClusterException(ClusterError.Refused, error.Message)
            );
        }
    }

    public Task<bool> SendAsync(
        NodeAddress node,
        Envelope message,
        CancellationToken cancellation
    ) => Task.FromResult(_network.Nodes.TryGetValue(node, out var line) && line.Write(message));

    public Task SignalAsync(Envelope message, CancellationToken cancellation)
    {
        foreach (var line in _network.Signals.Keys)
        {
            line.Write(message);
        }
        return Task.CompletedTask;
    }

    public Task AnnounceAsync(Envelope message, CancellationToken cancellation)
    {
        foreach (var line in _network.Members.Keys)
        {
            line.Write(message);
        }
        return Task.CompletedTask;
    }

    public Task PublishResultAsync(Envelope message, CancellationToken cancellation)
    {
        _network.Results.Writer.TryWrite(message);
        return Task.CompletedTask;
    }

    public async Task<Envelope> AskAsync(
        Envelope question,
        TimeSpan limit,
        CancellationToken cancellation
    )
    {
        using var expired = new CancellationTokenSource(limit, _network.Time);
        var answer = new TaskCompletionSource<Envelope>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        _network.Questions.Writer.TryWrite(new(question, answer, expired.Token));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            expired.Token,
            cancellation
        );
        try
        {
            return await answer.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested)
        {
            throw Questions.Unanswered(question, limit);
        }
    }

    public ValueTask DisposeAsync()
    {
        _closed.Cancel();
        return ValueTask.CompletedTask;
    }
}
