using System.Collections.Concurrent;
using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

/// <summary>A system on a clock that stands still, and what it logs.</summary>
internal sealed class Fixture : IAsyncDisposable
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public Fixture(int seed = 1, int mailboxWarning = 10_000) =>
        System = new ActorSystem(
            "test",
            new ActorSystemOptions
            {
                Time = Clock,
                Random = new Random(seed),
                Log = Log.Enqueue,
                MailboxWarning = mailboxWarning,
            }
        );

    public ManualTimeProvider Clock { get; } = new();

    public ConcurrentQueue<ActorLog> Log { get; } = [];

    public ActorSystem System { get; }

    public IActorRef<T> Spawn<T>(
        Action<ActorContext<T>, T> receive,
        Supervision? supervision = null,
        string name = "actor"
    ) => System.Spawn(name, () => new Lambda<T>(receive), supervision);

    /// <summary>Moves the clock from timer to timer until none is left, and lets everybody finish in between.</summary>
    public async Task RunDryAsync()
    {
        await System.IdleAsync();
        while (Clock.NextDue is { } due)
        {
            Clock.Advance(due - Clock.GetUtcNow());
            await System.IdleAsync();
        }
    }

    public async Task AdvanceAsync(double seconds)
    {
        Clock.Advance(TimeSpan.FromSeconds(seconds));
        await System.IdleAsync();
    }

    /// <summary>A wait that has just completed disposes its timer only after it has let us go on; hence the patience.</summary>
    public async Task NoTimersAsync()
    {
        using var limit = new CancellationTokenSource(TestProbe<int>.Patience);
        while (Clock.NextDue is not null)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public ActorInfo Info(string path) => System.Hierarchy().Single(info => info.Path == path);

    public ValueTask DisposeAsync() => System.DisposeAsync();
}
