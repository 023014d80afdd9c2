using System.Threading.Channels;
using EncodeFarm.Actors.Kernel;

namespace EncodeFarm.Actors.Testing;

/// <summary>Stands in for an actor and keeps what it is told.</summary>
public sealed class TestProbe<T>(string name = "probe") : IActorRef<T>, IMortal
{
    /// <summary>30 s: only a failing test waits so long, and a busy machine is no failure.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<T> messages = Channel.CreateUnbounded<T>();

    public string Path => $"/probe/{name}";

    public string Name => name;

    /// <summary>Messages that nobody has received yet.</summary>
    public int Count => messages.Reader.Count;

    Obituary IMortal.Obituary { get; } = new();

    public void Tell(T message) => messages.Writer.TryWrite(message);

    /// <summary>The next message, in the order of arrival.</summary>
    /// <param name="timeout">Of real time; <see cref="Patience"/> if not given.</param>
    /// <exception cref="TimeoutException">Nothing came.</exception>
    public async Task<T> ReceiveAsync(TimeSpan? timeout = null)
    {
        using var limit = new CancellationTokenSource(timeout ?? Patience);
        try
        {
            return await messages.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Path} was told nothing.");
        }
    }

    /// <summary>The next message, which has to be a <typeparamref name="TExpected"/>.</summary>
    public async Task<TExpected> ExpectAsync<TExpected>(TimeSpan? timeout = null)
        where TExpected : T
    {
        var message = await ReceiveAsync(timeout);
        return message is TExpected expected
            ? expected
            : throw new InvalidOperationException(
                $"{Path} expected {typeof(TExpected).Name} and was told {message}."
            );
    }

    /// <summary>Passes over messages until one fits.</summary>
    public async Task<T> FishAsync(Func<T, bool> fits, TimeSpan? timeout = null)
    {
        while (true)
        {
            var message = await ReceiveAsync(timeout);
            if (fits(message))
                return message;
        }
    }

    /// <summary>All that has come and was not received yet.</summary>
    public IReadOnlyList<T> Drain()
    {
        var all = new List<T>();
        while (messages.Reader.TryRead(out var message))
            all.Add(message);
        return all;
    }

    /// <summary>Fails if anything has come, after all actors have done all they had to do.</summary>
    public async Task ExpectNothingAsync(ActorSystem system)
    {
        await system.IdleAsync();
        if (messages.Reader.TryRead(out var message))
            throw new InvalidOperationException($"{Path} expected nothing and was told {message}.");
    }

    /// <summary>Ends the probe for those who watch it.</summary>
    public void Stop() => ((IMortal)this).Obituary.Publish();
}
