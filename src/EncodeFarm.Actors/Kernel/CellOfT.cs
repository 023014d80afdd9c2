using System.Threading.Channels;

namespace EncodeFarm.Actors.Kernel;

internal sealed class Cell<T>(
    ActorSystem system,
    Cell? parent,
    string path,
    string name,
    Func<Actor<T>> factory,
    Supervision supervision
) : Cell(system, parent, path, name), IActorRef<T>
{
    /// <summary>So many messages in a row before the other actors have their turn on this thread.</summary>
    private const int MessagesPerTurn = 64;

    private readonly Channel<Envelope<T>> mailbox = Channel.CreateUnbounded<Envelope<T>>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Lock gate = new();
    private ActorContext<T>? context;
    private volatile bool stopRequested;
    private long arrived;
    private long handled;
    private Actor<T>? behaviour;
    private string? failedOn;
    private long warnAt = system.MailboxWarning;
    private volatile ActorState state;
    private volatile Task? pause;
    private volatile string type = "";
    private volatile int restarts;
    private volatile string? lastFailure;

    public override ActorInfo Info => new(Path, type, Depth, restarts, state, lastFailure);

    public override long Arrived => Interlocked.Read(ref arrived);

    public override bool Quiet
    {
        get
        {
            lock (gate)
                return state == ActorState.Stopped
                    || context is { Ended: false }
                        && (
                            pause is { IsCompleted: false }
                            || state == ActorState.Running && Depth == 0
                        );
        }
    }

    /// <summary>Waiting messages and the one at hand. The handled are read first, so that the difference is never too small.</summary>
    private int Depth
    {
        get
        {
            var done = Interlocked.Read(ref handled);
            return (int)Math.Min(int.MaxValue, Interlocked.Read(ref arrived) - done);
        }
    }

    public void Start() =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static cell => _ = cell.RunAsync(),
            this,
            preferLocal: false
        );

    public void Tell(T message)
    {
        if (message is null)
            throw new ArgumentNullException(nameof(message));
        if (!Enqueue(new Envelope<T>(message, null)))
            System.DeadLetter(Path, message);
    }

    public bool Enqueue(Envelope<T> envelope)
    {
        Interlocked.Increment(ref arrived);
        if (!mailbox.Writer.TryWrite(envelope))
        {
            Interlocked.Increment(ref handled);
            return false;
        }
        var limit = Volatile.Read(ref warnAt);
        if (Depth >= limit && Interlocked.CompareExchange(ref warnAt, limit * 2, limit) == limit)
            System.Log(ActorLogLevel.Warning, Path, $"{limit} messages wait in the mailbox.");
        return true;
    }

    public override void RequestStop()
    {
        lock (gate)
        {
            stopRequested = true;
            context?.End();
        }
        new WakeUp<T>(this).Send();
    }

    public override void Escalate(Exception failure)
    {
        lock (gate)
            context?.End(failure);
        new WakeUp<T>(this).Send();
    }

    private async Task RunAsync()
    {
        var inARow = 0;
        TimeSpan? delay = TimeSpan.Zero;
        while (delay is { } wait && Begin() is { } life)
        {
            var (failure, ran) = await LiveAsync(life, wait);
            await EndAsync(life, failure);
            inARow = ran >= supervision.ResetAfter ? 1 : inARow + 1;
            delay = failure is null ? null : RestartAfter(failure, inARow);
        }
        Terminate();
    }

    private ActorContext<T>? Begin()
    {
        lock (gate)
            return context = stopRequested ? null : new ActorContext<T>(this);
    }

    /// <returns>The failure that ended this life (null: asked to stop), and how long it ran after its start.</returns>
    private async Task<(Exception? Failure, TimeSpan Ran)> LiveAsync(
        ActorContext<T> life,
        TimeSpan wait
    )
    {
        long? started = null;
        Exception? failure;
        try
        {
            await BackOffAsync(wait, life.Stopping);
            if (!life.Ended)
            {
                await BuildAsync(life);
                started = System.Time.GetTimestamp();
                await ReceiveAllAsync(life);
            }
            failure = life.Escalated;
        }
        catch (Exception thrown)
        {
            failure = Blame(life, thrown);
        }
        return (
            stopRequested ? null : failure,
            started is { } since ? System.Time.GetElapsedTime(since) : TimeSpan.Zero
        );
    }

    private async Task BackOffAsync(TimeSpan wait, CancellationToken stopping)
    {
        if (wait == TimeSpan.Zero)
        {
            // Somebody who fails at once and for ever, without back-off, must not keep the thread.
            await Task.Yield();
            return;
        }
        pause = Task.Delay(wait, System.Time, stopping);
        state = ActorState.BackingOff;
        await pause.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        state = ActorState.Starting;
        pause = null;
    }

    private async Task BuildAsync(ActorContext<T> life)
    {
        var built = factory();
        type = built.GetType().Name;
        built.Enter(life);
        behaviour = built;
        await built.StartAsync();
        state = ActorState.Running;
    }

    private async Task ReceiveAllAsync(ActorContext<T> life)
    {
        for (var turn = 1; !life.Ended; turn++)
        {
            if (!mailbox.Reader.TryRead(out var envelope))
            {
                Volatile.Write(ref warnAt, System.MailboxWarning);
                await mailbox.Reader.WaitToReadAsync();
                continue;
            }
            await ReceiveAsync(life, envelope);
            if (turn % MessagesPerTurn == 0)
                await Task.Yield();
        }
    }

    private async ValueTask ReceiveAsync(ActorContext<T> life, Envelope<T> envelope)
    {
        var message = envelope.Message;
        try
        {
            if (
                envelope.Delivery is not { } delivery
                || delivery.Owner == life && delivery.TryTake(out message)
            )
                await behaviour!.HandleAsync(message);
        }
        catch
        {
            state = ActorState.Stopping;
            failedOn = message?.GetType().Name;
            throw;
        }
        finally
        {
            Interlocked.Increment(ref handled);
        }
    }

    /// <summary>What to answer for when something was thrown, perhaps only because this life was already ending.</summary>
    private Exception? Blame(ActorContext<T> life, Exception thrown)
    {
        if (!life.Ended)
            return thrown;
        if (thrown is not OperationCanceledException)
            System.Log(ActorLogLevel.Warning, Path, $"Failed while stopping{On()}.", thrown);
        else if (!stopRequested)
            System.Log(ActorLogLevel.Warning, Path, $"A child's failure interrupted it{On()}.");
        return life.Escalated;
    }

    private string On() => failedOn is null ? "" : $" on {failedOn}";

    private async Task EndAsync(ActorContext<T> life, Exception? failure)
    {
        state = ActorState.Stopping;
        lock (gate)
            life.End();
        life.Close();
        await Children.StopAllAsync();
        try
        {
            if (behaviour is not null)
                await behaviour.StopAsync(failure);
        }
        catch (Exception thrown)
        {
            System.Log(ActorLogLevel.Warning, Path, "StoppedAsync failed.", thrown);
        }
        behaviour = null;
    }

    /// <returns>The back-off before the next life, or null when there is none.</returns>
    private TimeSpan? RestartAfter(Exception failure, int inARow)
    {
        lastFailure = $"{failure.GetType().Name}: {failure.Message}";
        var directive = Decide(failure);
        if (directive == Directive.Restart && inARow <= supervision.MaxRestarts)
        {
            var delay = System.BackOff(supervision, inARow - 1);
            restarts++;
            state = ActorState.Starting;
            Report(ActorLogLevel.Warning, $"restarts in {delay.TotalSeconds:0.###} s");
            return delay;
        }
        if (directive == Directive.Escalate && Parent is not null)
        {
            Report(ActorLogLevel.Warning, "stops and escalates");
            Parent.Escalate(failure);
        }
        else
            Report(
                ActorLogLevel.Error,
                directive == Directive.Restart
                    ? $"stops after {supervision.MaxRestarts} restarts"
                    : "stops"
            );
        return null;

        void Report(ActorLogLevel level, string consequence)
        {
            System.Log(level, Path, $"Failed{On()}, {consequence}.", failure);
            failedOn = null;
        }
    }

    private Directive Decide(Exception failure)
    {
        try
        {
            return supervision.Decide(failure);
        }
        catch (Exception thrown)
        {
            System.Log(ActorLogLevel.Error, Path, "The supervision could not decide.", thrown);
            return Directive.Stop;
        }
    }

    private void Terminate()
    {
        mailbox.Writer.Complete();
        while (mailbox.Reader.TryRead(out var envelope))
        {
            Interlocked.Increment(ref handled);
            if (envelope.Delivery is null)
                System.DeadLetter(Path, envelope.Message!);
        }
        Bury(() => state = ActorState.Stopped);
    }
}
