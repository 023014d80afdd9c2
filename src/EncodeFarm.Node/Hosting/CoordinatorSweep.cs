using EncodeFarm.Actors.Persistence;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>
/// Removes, at the start and every ten minutes, what this coordinator has left of jobs that another one has completed: it
/// does not hear of their end while it stands by, and a finished file that was about to be uploaded is as large as a film.
/// </summary>
public sealed class CoordinatorSweep : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sweeping;

    /// <param name="jobs">Directory with a folder for each job.</param>
    public CoordinatorSweep(string jobs, IJournal journal, FarmLog log, TimeProvider time) =>
        _sweeping = Task.Run(() => SweepAsync(jobs, journal, log, time));

    private async Task SweepAsync(string jobs, IJournal journal, FarmLog log, TimeProvider time)
    {
        using var pulse = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                try
                {
                    await JobScratch.SweepAsync(jobs, journal, _stop.Token);
                }
                catch (Exception error) when (!_stop.IsCancellationRequested)
                {
                    log.Write(
                        LogLevel.Debug,
                        $"What other coordinators' jobs have left here is looked at again later: {error.Message}"
                    );
                }
            } while (await pulse.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The node ends.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sweeping;
        _stop.Dispose();
    }
}
