using EncodeFarm.Actors.Kernel;

namespace EncodeFarm.Actors;

public sealed record ActorSystemOptions
{
    /// <summary>The clock of timers, back-off and ask.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Source of the jitter; used by one thread at a time.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>Called on any thread, also on several at once; must not block.</summary>
    public Action<ActorLog>? Log { get; init; }

    /// <summary>Waiting messages at which an actor's mailbox is worth a warning; at twice as many comes the next. 1 or more.</summary>
    public int MailboxWarning { get; init; } = 10_000;
}

/// <summary>The actors of one process. They run on the thread pool, each one message at a time.</summary>
public sealed class ActorSystem : IAsyncDisposable
{
    /// <summary>Long enough for a last journal write, short enough for an impatient operator.</summary>
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    private readonly ActorSystemOptions options;
    private readonly DeadLetterOffice deadLetters;

    public ActorSystem(string name, ActorSystemOptions? options = null)
    {
        Name = name;
        this.options = options ?? new ActorSystemOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.MailboxWarning, 1);
        deadLetters = new DeadLetterOffice(this);
        User = new Family(this, null, "/user");
    }

    public string Name { get; }

    public TimeProvider Time => options.Time;

    /// <summary>Messages that reached nobody since the start: told to a stopped actor, left in its mailbox, or answers that nobody waits for.</summary>
    public long DeadLetters => deadLetters.Count;

    /// <summary>Starts an actor at <c>/user/name</c>.</summary>
    /// <param name="name">Not empty, without a slash, and not the name of an actor that lives or is still stopping.</param>
    /// <param name="supervision">What becomes of it when it fails; <see cref="Supervision.Default"/> if not given.</param>
    /// <exception cref="InvalidOperationException">The name is taken, or the system is shut down.</exception>
    public IActorRef<T> Spawn<T>(
        string name,
        Func<Actor<T>> factory,
        Supervision? supervision = null
    ) => User.Spawn(name, factory, supervision);

    /// <summary>Stops an actor and all below it; completes when it has stopped and its name is free. An actor must not wait so for itself or its parents.</summary>
    /// <exception cref="ArgumentException">The ref is none of an actor of this system.</exception>
    public Task StopAsync(IActorRef actor)
    {
        if (actor is not Cell cell || cell.System != this)
            throw new ArgumentException($"{actor.Path} is not an actor of {Name}.", nameof(actor));
        cell.RequestStop();
        return cell.Terminated;
    }

    /// <summary>
    /// Stops all actors, children before parents. Each finishes its current message; what is left in the mailboxes becomes dead letters.
    /// </summary>
    /// <returns>False when some still ran after <paramref name="limit"/>; they are named in the log.</returns>
    public Task<bool> ShutdownAsync(TimeSpan limit) => ShutdownAsync(limit, Time);

    /// <summary>Shuts down with a limit of 5 s by the system's clock, whatever <see cref="Time"/> is.</summary>
    public async ValueTask DisposeAsync() => await ShutdownAsync(DisposeLimit, TimeProvider.System);

    private async Task<bool> ShutdownAsync(TimeSpan limit, TimeProvider clock)
    {
        User.Close();
        try
        {
            await User.StopAllAsync().WaitAsync(limit, clock);
            return true;
        }
        catch (TimeoutException)
        {
            foreach (var actor in Hierarchy())
                Log(ActorLogLevel.Error, actor.Path, "Still runs after the shutdown's limit.");
            return false;
        }
    }

    /// <summary>All actors, parents before their children.</summary>
    public IReadOnlyList<ActorInfo> Hierarchy() => [.. Everybody().Select(cell => cell.Info)];

    internal Family User { get; }

    internal Activity Activity { get; } = new();

    internal int MailboxWarning => options.MailboxWarning;

    internal bool IsQuiet() => Activity.IsQuiet(Everybody);

    internal void DeadLetter(string path, object message) => deadLetters.Add(path, message);

    internal TimeSpan BackOff(Supervision supervision, int restart)
    {
        lock (deadLetters)
            return Backoff.Delay(
                restart,
                supervision.MinBackoff,
                supervision.MaxBackoff,
                supervision.RandomFactor,
                options.Random
            );
    }

    internal void Log(ActorLogLevel level, string path, string text, Exception? error = null)
    {
        try
        {
            options.Log?.Invoke(new ActorLog(level, path, text, error));
        }
        catch
        {
            // A broken log is no reason to break the actors, and there is nowhere left to say so.
        }
    }

    private List<Cell> Everybody()
    {
        var all = new List<Cell>();
        Visit(User);
        return all;

        void Visit(Family family)
        {
            foreach (var cell in family.Members.OrderBy(cell => cell.Name, StringComparer.Ordinal))
            {
                all.Add(cell);
                Visit(cell.Children);
            }
        }
    }
}
