using System.Diagnostics.CodeAnalysis;

namespace EncodeFarm.Actors.Kernel;

/// <param name="Delivery">Null for a told message.</param>
internal readonly record struct Envelope<T>(T Message, Delivery<T>? Delivery);

/// <summary>A message that belongs to one behaviour and is still wanted or not at the moment when it is its turn.</summary>
internal abstract class Delivery<T>(Cell<T> cell, ActorContext<T>? owner)
{
    public ActorContext<T>? Owner => owner;

    public void Send() => cell.Enqueue(new Envelope<T>(default!, this));

    public abstract bool TryTake([MaybeNullWhen(false)] out T message);
}

/// <summary>Owned by nobody, so never taken: it only makes the mailbox's reader look up.</summary>
internal sealed class WakeUp<T>(Cell<T> cell) : Delivery<T>(cell, null)
{
    public override bool TryTake([MaybeNullWhen(false)] out T message)
    {
        message = default;
        return false;
    }
}

internal sealed class TimerDelivery<T>(
    Cell<T> cell,
    ActorContext<T> owner,
    string key,
    T message,
    bool periodic
) : Delivery<T>(cell, owner), IDisposable
{
    private ITimer? timer;
    private int waiting;

    public string Key => key;

    public bool Periodic => periodic;

    public void Start(TimeProvider time, TimeSpan delay, TimeSpan period) =>
        timer = time.CreateTimer(_ => Fire(), null, delay, period);

    public void Dispose() => timer?.Dispose();

    public override bool TryTake([MaybeNullWhen(false)] out T taken)
    {
        Volatile.Write(ref waiting, 0);
        taken = message;
        return Owner!.Take(this);
    }

    private void Fire()
    {
        if (Interlocked.Exchange(ref waiting, 1) == 0)
            Send();
    }
}

internal sealed class WatchDelivery<T>(
    Cell<T> cell,
    ActorContext<T> owner,
    IActorRef actor,
    T message
) : Delivery<T>(cell, owner), IMourner
{
    public IActorRef Actor => actor;

    public void Terminated() => Send();

    public override bool TryTake([MaybeNullWhen(false)] out T taken)
    {
        taken = message;
        return Owner!.Take(this);
    }
}

internal sealed class PipeDelivery<T, R>(
    Cell<T> cell,
    ActorContext<T> owner,
    Task<R> task,
    Func<R, T> completed,
    Func<Exception, T> failed
) : Delivery<T>(cell, owner)
{
    public void Arrive()
    {
        // Observed here, because an outcome that nobody wants any more is never looked at.
        _ = task.Exception;
        Send();
    }

    public override bool TryTake([MaybeNullWhen(false)] out T message)
    {
        message = task.IsCompletedSuccessfully
            ? completed(task.Result)
            : failed(task.Exception?.InnerException ?? new TaskCanceledException(task));
        return true;
    }
}
