using System.Threading.Channels;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>Begins a term whenever this node gets the right to decide, and ends it when that is lost.</summary>
/// <param name="begin">Recovers and begins to decide.</param>
public sealed class CoordinatorPart(
    ISeat seat,
    Func<Mandate, CancellationToken, Task<CoordinatorTerm>> begin,
    FarmLog log,
    TimeProvider time
) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Null says that the right is lost.</summary>
    private readonly Channel<Mandate?> _changes = Channel.CreateUnbounded<Mandate?>();
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource _present = new();
    private CoordinatorTerm? _term;
    private Task _loop = Task.CompletedTask;

    /// <summary>
    /// The term while it lasts; never one whose right is lost, nor in the moment after the process stood still, when
    /// nothing here has been told of it yet.
    /// </summary>
    public CoordinatorTerm? Term =>
        Volatile.Read(ref _term) is { MayDecide: true } term ? term : null;

    public void Start()
    {
        _loop = RunAsync();
        seat.Apply(
            mandate => _changes.Writer.TryWrite(mandate),
            reason =>
            {
                log.Write(LogLevel.Warning, $"This coordinator decides no more: {reason}");
                Volatile.Read(ref _present).Cancel();
                _changes.Writer.TryWrite(null);
            }
        );
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (var mandate in _changes.Reader.ReadAllAsync(_stop.Token))
            {
                await EndAsync();
                if (mandate is not null)
                {
                    await BeginAsync(mandate);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node ends.
        }
    }

    private async Task BeginAsync(Mandate mandate)
    {
        var present = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Volatile.Write(ref _present, present);
        while (mandate.MayDecide() && !present.IsCancellationRequested)
        {
            try
            {
                Volatile.Write(ref _term, await begin(mandate, present.Token));
                log.Info($"This coordinator decides now, epoch {mandate.Epoch}.");
                return;
            }
            catch (Exception) when (present.IsCancellationRequested)
            {
                // The right is lost: what came of the attempt to use it does not matter any more.
                return;
            }
            catch (Exception error)
            {
                log.Write(
                    LogLevel.Warning,
                    $"The jobs can't be taken over yet, and it is tried again: {error.Message}"
                );
                await Task.Delay(Pause, time, _stop.Token);
            }
        }
    }

    private async Task EndAsync()
    {
        if (Interlocked.Exchange(ref _term, null) is { } term)
        {
            try
            {
                await term.DisposeAsync();
            }
            catch (Exception error)
            {
                // It decides no more in any case, and the next one must be able to begin.
                log.Write(
                    LogLevel.Warning,
                    $"Epoch {term.Epoch} did not end in order: {error.Message}"
                );
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await EndAsync();
        await seat.DisposeAsync();
    }
}
