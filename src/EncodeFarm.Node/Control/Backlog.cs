using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace EncodeFarm.Node.Control;

/// <param name="Lost">So many came before this one and were dropped, because the reader was too slow.</param>
public readonly record struct Tailed<T>(T Item, long Lost);

/// <summary>What one reader has yet to read. Writing never waits: of a reader too slow the oldest is dropped, and counted.</summary>
public sealed class Backlog<T>
{
    private readonly Channel<T> _waiting;
    private long _lost;

    /// <param name="ahead">So many may wait.</param>
    public Backlog(int ahead) =>
        _waiting = Channel.CreateBounded<T>(
            new BoundedChannelOptions(ahead)
            {
                SingleReader = true,
                FullMode = BoundedChannelFullMode.DropOldest,
            },
            _ => Interlocked.Increment(ref _lost)
        );

    public void Write(T item) => _waiting.Writer.TryWrite(item);

    public async IAsyncEnumerable<Tailed<T>> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await foreach (var item in _waiting.Reader.ReadAllAsync(cancellation))
        {
            yield return new(item, Interlocked.Exchange(ref _lost, 0));
        }
    }
}
