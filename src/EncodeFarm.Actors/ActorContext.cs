using EncodeFarm.Actors.Kernel;

namespace EncodeFarm.Actors;

/// <summary>
/// What a behaviour may do. One context lives as long as one behaviour, and all that is set up through it ends with it: children, timers, watches and
/// piped tasks. After a restart the new behaviour sets up its own; only told messages outlive a restart. Not for use by several threads at once.
/// </summary>
public sealed class ActorContext<T>
{
    private readonly Cell<T> cell;
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<string, TimerDelivery<T>> timers = [];
    private readonly Dictionary<IActorRef, WatchDelivery<T>> watches = [];
    private bool closed;

    internal ActorContext(Cell<T> cell) => this.cell = cell;

    public IActorRef<T> Self => cell;

    public string Path => cell.Path;

    public ActorSystem System => cell.System;

    public TimeProvider Time => cell.System.Time;

    /// <summary>Cancelled as soon as this behaviour is to end, by a stop, a failure or a child's escalation. Give it to everything that is awaited.</summary>
    public CancellationToken Stopping => stopping.Token;

    public IReadOnlyList<IActorRef> Children => cell.Children.Members;

    /// <summary>Starts a child. It stops before this behaviour does.</summary>
    /// <param name="name">Not empty, without a slash, and not the name of a child that lives or is still stopping.</param>
    /// <param name="supervision">What becomes of the child when it fails; <see cref="Supervision.Default"/> if not given.</param>
    /// <exception cref="InvalidOperationException">The name is taken, or this behaviour has ended.</exception>
    public IActorRef<C> Spawn<C>(
        string name,
        Func<Actor<C>> factory,
        Supervision? supervision = null
    )
    {
        if (closed)
            throw new InvalidOperationException(
                $"{Path} has stopped: it can't spawn '{name}' any more."
            );
        return cell.Children.Spawn(name, factory, supervision);
    }

    /// <summary>Asks a child to stop after its current message; its name is free when its watchers are told.</summary>
    /// <exception cref="ArgumentException">The actor is not a child of this one.</exception>
    public void Stop(IActorRef child)
    {
        if (child is not Cell other || other.Parent != cell)
            throw new ArgumentException($"{child.Path} is not a child of {Path}.", nameof(child));
        other.RequestStop();
    }

    /// <summary>Stops this actor after the current message; what is left in the mailbox becomes dead letters.</summary>
    public void StopSelf() => cell.RequestStop();

    /// <summary>
    /// Has <paramref name="whenTerminated"/> delivered once when the actor has stopped for good, at once if it already has. A restart is not the end.
    /// Watching again replaces the message.
    /// </summary>
    /// <exception cref="ArgumentException">The ref is none of an actor.</exception>
    public void Watch(IActorRef actor, T whenTerminated)
    {
        if (actor is not IMortal mortal)
            throw new ArgumentException($"{actor.Path} can't be watched.", nameof(actor));
        Unwatch(actor);
        if (closed)
            return;
        var watch = new WatchDelivery<T>(cell, this, actor, whenTerminated);
        watches.Add(actor, watch);
        mortal.Obituary.Add(watch);
    }

    /// <summary>Ends the watch; a notice that is already in the mailbox is discarded.</summary>
    public void Unwatch(IActorRef actor)
    {
        if (watches.Remove(actor, out var watch))
            ((IMortal)actor).Obituary.Remove(watch);
    }

    /// <summary>Sends the message to this actor once; replaces a timer of the same key.</summary>
    /// <param name="delay">0 or less: as soon as possible; at most 49 days.</param>
    public void StartTimer(string key, TimeSpan delay, T message) =>
        Start(key, delay > TimeSpan.Zero ? delay : TimeSpan.Zero, null, message);

    /// <summary>Sends the message after every period; while one waits in the mailbox no second is added. Replaces a timer of the same key.</summary>
    /// <param name="period">More than 0, at most 49 days.</param>
    public void StartPeriodicTimer(string key, TimeSpan period, T message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        Start(key, period, period, message);
    }

    /// <summary>Cancels the timer, if there is one; its message is discarded even if it is already in the mailbox.</summary>
    public void CancelTimer(string key)
    {
        if (timers.Remove(key, out var timer))
            timer.Dispose();
    }

    /// <summary>
    /// Lets a task run beside the mailbox and brings its outcome back as a message; the functions run in this actor's turn, and fail it if they
    /// throw. When this behaviour has ended meanwhile, the outcome is dropped.
    /// </summary>
    public void Pipe<R>(Task<R> task, Func<R, T> completed, Func<Exception, T> failed)
    {
        var delivery = new PipeDelivery<T, R>(cell, this, task, completed, failed);
        task.ContinueWith(
            _ => delivery.Arrive(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    public void Log(ActorLogLevel level, string text, Exception? error = null) =>
        cell.System.Log(level, Path, text, error);

    /// <summary>The failure of a child that this behaviour has to answer for.</summary>
    internal Exception? Escalated { get; private set; }

    internal bool Ended => stopping.IsCancellationRequested;

    internal void End(Exception? escalated = null)
    {
        if (Ended)
            return;
        Escalated = escalated;
        // Callbacks run elsewhere: neither on the thread of the one who stops us nor in the middle of our own message.
        stopping
            .CancelAsync()
            .ContinueWith(
                done =>
                    Log(ActorLogLevel.Warning, "A callback on Stopping failed.", done.Exception),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default
            );
    }

    internal void Close()
    {
        closed = true;
        foreach (var timer in timers.Values)
            timer.Dispose();
        timers.Clear();
        foreach (var actor in watches.Keys.ToArray())
            Unwatch(actor);
    }

    internal bool Take(TimerDelivery<T> timer)
    {
        var current = timers.GetValueOrDefault(timer.Key) == timer;
        if (current && !timer.Periodic)
            CancelTimer(timer.Key);
        return current;
    }

    internal bool Take(WatchDelivery<T> watch) =>
        watches.GetValueOrDefault(watch.Actor) == watch && watches.Remove(watch.Actor);

    private void Start(string key, TimeSpan delay, TimeSpan? period, T message)
    {
        CancelTimer(key);
        if (closed)
            return;
        var timer = new TimerDelivery<T>(cell, this, key, message, period is not null);
        timers.Add(key, timer);
        if (delay == TimeSpan.Zero)
            timer.Send();
        else
            timer.Start(Time, delay, period ?? Timeout.InfiniteTimeSpan);
    }
}
