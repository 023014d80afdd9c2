namespace EncodeFarm.Persistence;

/// <param name="Renewal">How often the holder renews, and a candidate tries.</param>
/// <param name="Trust">How long after sending a renewal that succeeded the holder may decide, on its own monotonic clock.</param>
/// <param name="Term">How long a renewal keeps others out, on the database's clock. Longer than the trust, so that the old holder has stopped before a new one begins.</param>
public sealed record LeaseTimes(TimeSpan Renewal, TimeSpan Trust, TimeSpan Term)
{
    public static LeaseTimes Default { get; } =
        new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(5));

    /// <exception cref="ArgumentException">They are not in order.</exception>
    internal LeaseTimes Checked() =>
        TimeSpan.Zero < Renewal && Renewal < Trust && Trust < Term
            ? this
            : throw new ArgumentException(
                $"A lease's times must rise from renewal ({Renewal}) over trust ({Trust}) to term ({Term})."
            );
}

/// <summary>
/// Takes the coordinator's lease when it is free, renews it, and tells when it is lost. Each taking is a new epoch.
/// Give it a <see cref="Database"/> of its own, so that a renewal never queues behind the journal's appends.
/// </summary>
/// <param name="holder">Unique for this start of this process; readable, for people.</param>
/// <param name="mayHold">Whether this process can coordinate (its broker connection is up); asked before each attempt.</param>
public sealed class CoordinatorLease(
    Database database,
    string holder,
    LeaseTimes times,
    Func<bool> mayHold,
    TimeProvider time
) : IAsyncDisposable
{
    /// <summary>A lost answer must not use up the whole trust: a second attempt may still succeed.</summary>
    private readonly TimeSpan _patience = times.Checked().Trust / 2;
    private readonly LeaseTable _table = new(database);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private volatile Held? _held;
    private ITimer? _expiry;
    private Task _keeping = Task.CompletedTask;

    /// <summary>With the new epoch. Handlers must be brief and not throw; they run one after the other, in order with <see cref="Lost"/>.</summary>
    public event Action<long>? Acquired;

    /// <summary>With the reason, for people. From here on nothing may be decided any more.</summary>
    public event Action<string>? Lost;

    /// <summary>The epoch that may decide now, or null. Exact even before <see cref="Lost"/> is raised, and after the process was stopped for a while.</summary>
    public long? Epoch => _held is { } held && Remaining(held) > TimeSpan.Zero ? held.Epoch : null;

    /// <summary>Why the last attempt failed, or null when it reached the database.</summary>
    public Exception? Trouble { get; private set; }

    public void Start()
    {
        _expiry = time.CreateTimer(
            _ => Expire(),
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan
        );
        _keeping = Task.Run(KeepAsync);
    }

    /// <summary>Lets go of the lease, so that a standby takes over at once. Stop deciding before; <see cref="Lost"/> is not raised.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await _stop.CancelAsync();
        await _keeping;
        if (_expiry is { } expiry)
            await expiry.DisposeAsync();
        await ReleaseAsync();
        _stop.Dispose();
    }

    private async Task ReleaseAsync()
    {
        var held = Interlocked.Exchange(ref _held, null);
        if (held is null)
            return;
        try
        {
            await _table
                .ReleaseAsync(held.Epoch, CancellationToken.None)
                .WaitAsync(_patience, time);
        }
        catch (Exception failure)
        {
            // Then it runs out by itself.
            Trouble = failure;
        }
    }

    private async Task KeepAsync()
    {
        using var pulse = new PeriodicTimer(times.Renewal, time);
        try
        {
            do
            {
                await AttemptAsync();
            } while (await pulse.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested) { }
    }

    /// <summary>A failure is kept for people to see, and the next pulse tries again.</summary>
    private async Task AttemptAsync()
    {
        try
        {
            if (!mayHold())
                return;
            await (_held is { } held ? RenewAsync(held) : TakeAsync());
            Trouble = null;
        }
        catch (Exception failure) when (!_stop.IsCancellationRequested)
        {
            Trouble = failure;
        }
    }

    private async Task TakeAsync()
    {
        var sent = time.GetTimestamp();
        var taken = await InTimeAsync(_table.TakeAsync(holder, times.Term, _stop.Token));
        if (taken is not { } epoch)
            return;
        lock (_gate)
        {
            Hold(new Held(epoch, sent));
            Acquired?.Invoke(epoch);
        }
    }

    private async Task RenewAsync(Held held)
    {
        var sent = time.GetTimestamp();
        var renewed = await InTimeAsync(_table.RenewAsync(held.Epoch, times.Term, _stop.Token));
        lock (_gate)
        {
            // The trust may have run out while the answer was on its way; lost stays lost.
            if (_held != held)
                return;
            if (renewed)
                Hold(held with { Sent = sent });
            else
                Lose("Another coordinator has taken over.");
        }
    }

    /// <summary>The answer, if it comes in time; otherwise the attempt is left to itself, and what it may do is harmless.</summary>
    private Task<T> InTimeAsync<T>(Task<T> attempt) =>
        attempt.WaitAsync(_patience, time, _stop.Token);

    private void Expire()
    {
        lock (_gate)
        {
            if (_held is not { } held)
                return;
            if (Remaining(held) > TimeSpan.Zero)
                Hold(held);
            else
                Lose($"The lease could not be renewed for {times.Trust.TotalSeconds:0.#} s.");
        }
    }

    private void Hold(Held held)
    {
        _held = held;
        var remaining = Remaining(held);
        _expiry!.Change(
            remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan
        );
    }

    private void Lose(string reason)
    {
        _held = null;
        Lost?.Invoke(reason);
    }

    private TimeSpan Remaining(Held held) => times.Trust - time.GetElapsedTime(held.Sent);

    /// <param name="Sent">When the last renewal that succeeded was sent, as a timestamp of <see cref="TimeProvider"/>.</param>
    private sealed record Held(long Epoch, long Sent);
}
