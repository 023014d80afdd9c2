namespace EncodeFarm.Actors;

/// <summary>
/// The behaviour of an actor: its state and what it does with a message. It handles one message at a time, start to end, also over an await.
/// After a failure the supervisor builds a new one from the factory; the mailbox stays.
/// </summary>
public abstract class Actor<T>
{
    private ActorContext<T>? context;

    /// <summary>Usable from <see cref="StartedAsync"/> on, and only by code that the actor itself awaits.</summary>
    /// <exception cref="InvalidOperationException">Used in the constructor.</exception>
    protected ActorContext<T> Context =>
        context
        ?? throw new InvalidOperationException(
            $"{GetType().Name} has no context yet: use it from StartedAsync on."
        );

    /// <summary>Before the first message, and again in the new behaviour after every restart. A failure here counts like any other.</summary>
    protected virtual ValueTask StartedAsync() => ValueTask.CompletedTask;

    /// <summary>Handles one message. While it awaits, the mailbox waits, and no thread is held.</summary>
    protected abstract ValueTask ReceiveAsync(T message);

    /// <summary>The last call to this behaviour, when its children have stopped and its timers are cancelled.</summary>
    /// <param name="cause">The failure that ends it; null when it was asked to stop.</param>
    protected virtual ValueTask StoppedAsync(Exception? cause) => ValueTask.CompletedTask;

    internal void Enter(ActorContext<T> given) =>
        context = context is null
            ? given
            : throw new InvalidOperationException(
                $"The factory of {given.Path} returned a behaviour that has lived before; it must build a new one each time."
            );

    internal ValueTask StartAsync() => StartedAsync();

    internal ValueTask HandleAsync(T message) => ReceiveAsync(message);

    internal ValueTask StopAsync(Exception? cause) => StoppedAsync(cause);
}
