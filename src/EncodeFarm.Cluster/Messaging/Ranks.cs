namespace EncodeFarm.Cluster.Messaging;

/// <summary>Who consumes a queue of this process: only those of the highest rank are served.</summary>
sealed class Ranks
{
    readonly Lock _gate = new();
    readonly List<long> _present = [];
    TaskCompletionSource _left = NewEvent();

    /// <summary>Takes part until the end.</summary>
    public void Enter(long rank, CancellationToken end)
    {
        lock (_gate)
        {
            _present.Add(rank);
        }
        end.Register(() => Leave(rank));
    }

    void Leave(long rank)
    {
        TaskCompletionSource left;
        lock (_gate)
        {
            _present.Remove(rank);
            (left, _left) = (_left, NewEvent());
        }
        left.SetResult();
    }

    /// <summary>Waits while somebody of a higher rank takes part.</summary>
    public async Task TurnAsync(long rank, CancellationToken end)
    {
        while (Higher(rank) is { } left)
        {
            await left.WaitAsync(end);
        }
    }

    /// <summary>Completes when somebody leaves; null where nobody is of a higher rank.</summary>
    Task? Higher(long rank)
    {
        lock (_gate)
        {
            return _present.Exists(other => other > rank) ? _left.Task : null;
        }
    }

    static TaskCompletionSource NewEvent() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}
