namespace EncodeFarm.Actors.Tests;

/// <summary>A behaviour made of functions.</summary>
internal sealed class Lambda<T>(
    Func<ActorContext<T>, T, ValueTask> receive,
    Func<ActorContext<T>, ValueTask>? started = null,
    Func<ActorContext<T>, Exception?, ValueTask>? stopped = null
) : Actor<T>
{
    public Lambda(
        Action<ActorContext<T>, T> receive,
        Action<ActorContext<T>>? started = null,
        Action<ActorContext<T>, Exception?>? stopped = null
    )
        : this(
            (context, message) =>
            {
                receive(context, message);
                return ValueTask.CompletedTask;
            },
            context =>
            {
                started?.Invoke(context);
                return ValueTask.CompletedTask;
            },
            (context, cause) =>
            {
                stopped?.Invoke(context, cause);
                return ValueTask.CompletedTask;
            }
        ) { }

    protected override ValueTask StartedAsync() =>
        started?.Invoke(Context) ?? ValueTask.CompletedTask;

    protected override ValueTask ReceiveAsync(T message) => receive(Context, message);

    protected override ValueTask StoppedAsync(Exception? cause) =>
        stopped?.Invoke(Context, cause) ?? ValueTask.CompletedTask;
}

/// <summary>A failure that a test makes on purpose.</summary>
internal sealed class Planned(string message = "planned") : Exception(message);
