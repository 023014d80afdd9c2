using System.Net.Sockets;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>How long a transfer over the network is tried.</summary>
public sealed record TransferOptions
{
    /// <summary>Failures in succession without a byte gained, or arrivals of other content than was sent, after which it is given up; 1 or more.</summary>
    public int Tries { get; init; } = 8;

    /// <summary>Before the first repetition; doubled for each further one without progress.</summary>
    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromSeconds(0.5);

    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A transfer in which no byte moves for so long is cut.</summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For an answer's beginning: the store may be hashing and flushing gigabytes.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>A transfer failed in a way that another try may mend.</summary>
/// <param name="altered">All bytes came, but they are not those that were sent.</param>
sealed class BrokenTransferException(string message, bool altered = false, Exception? inner = null)
    : Exception(message, inner)
{
    public bool Altered => altered;
}

/// <summary>Repeats transfers that broke.</summary>
sealed class Transfers(TransferOptions options, TimeProvider time, Action<ClusterLog> log)
{
    public TransferOptions Options => options;

    /// <param name="what">Begins the error: "To fetch 'name' from http://…".</param>
    /// <param name="progress">Bytes that a repetition need not carry again.</param>
    /// <exception cref="ArtifactException">It broke too often.</exception>
    public async Task<T> RepeatAsync<T>(
        string what,
        Func<TransferWatch, Task<T>> attempt,
        Func<long> progress,
        CancellationToken cancellation
    )
    {
        var (idle, altered) = (0, 0);
        while (true)
        {
            var before = progress();
            try
            {
                using var watch = new TransferWatch(time, cancellation);
                return await attempt(watch);
            }
            catch (BrokenTransferException broken)
            {
                cancellation.ThrowIfCancellationRequested();
                idle = progress() > before ? 0 : idle + 1;
                // Not forgotten by progress: otherwise a line that alters every byte would be tried for ever.
                altered += broken.Altered ? 1 : 0;
                var failures = Math.Max(idle, altered);
                if (failures >= options.Tries)
                {
                    throw new ArtifactException(GivenUp(what, failures, broken), broken);
                }
                log(new(ClusterLogLevel.Warning, $"{what}: {broken.Message} Tried again.", broken));
                await Task.Delay(Backoff(failures), time, cancellation);
            }
        }
    }

    static string GivenUp(string what, int failures, BrokenTransferException last) =>
        $"{what} failed {failures} times in succession. The last time: {last.Message}";

    TimeSpan Backoff(int failures)
    {
        var doubled = options.BackoffMin * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
        var capped = doubled < options.BackoffMax ? doubled : options.BackoffMax;
        // Workers that lost one store shall not come back to it all at once.
        return capped * (0.75 + Random.Shared.NextDouble() * 0.25);
    }
}

/// <summary>Cuts one try of a transfer in which nothing moves.</summary>
sealed class TransferWatch : IDisposable
{
    readonly CancellationTokenSource _limit;
    readonly CancellationTokenSource _either;
    readonly CancellationToken _caller;

    public TransferWatch(TimeProvider time, CancellationToken caller)
    {
        _caller = caller;
        _limit = new(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, caller);
    }

    /// <summary>Ends when nothing moves for too long, or with the caller.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>For what is done on this machine: ends with the caller alone.</summary>
    public CancellationToken Caller => _caller;

    /// <summary>Something moved; the next shall within <paramref name="limit"/>.</summary>
    public void Expect(TimeSpan limit) => _limit.CancelAfter(limit);

    /// <summary>Waits for the network, and tells its failures from those of this machine's disk.</summary>
    /// <exception cref="BrokenTransferException">It failed, or nothing moved within <paramref name="limit"/>.</exception>
    public async Task<T> NetworkAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit)
    {
        Expect(limit);
        try
        {
            return await call(Token);
        }
        catch (OperationCanceledException canceled) when (!_caller.IsCancellationRequested)
        {
            throw new BrokenTransferException("Nothing moved for too long.", inner: canceled);
        }
        catch (Exception error)
            when (error
                    is HttpRequestException
                        or IOException
                        or SocketException
                        or Amazon.Runtime.AmazonClientException
            )
        {
            _caller.ThrowIfCancellationRequested();
            throw new BrokenTransferException(WordsOf(error), inner: error);
        }
        finally
        {
            Expect(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The innermost one says what happened, the outer ones that something did.</summary>
    static string WordsOf(Exception error)
    {
        var words = error.GetBaseException().Message;
        return words.EndsWith('.') ? words : $"{words}.";
    }

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
