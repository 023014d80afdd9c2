using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>
/// Once a day, looks at what jobs have left on a worker, which does not hear when they end: a log that has been silent
/// for a day is closed, and what has been silent for the days of retention is removed. Results that nobody has
/// recorded yet stay.
/// </summary>
public sealed class WorkerSweep : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly string _encoding;
    private readonly NodeLog _log;
    private readonly TimeSpan _retention;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    /// <param name="encoding">Directory with a folder for each job.</param>
    public WorkerSweep(string encoding, NodeLog log, TimeSpan retention, TimeProvider time)
    {
        (_encoding, _log, _retention, _time) = (encoding, log, retention, time);
        _timer = time.CreateTimer(_ => Sweep(), null, TimeSpan.Zero, Day);
    }

    /// <summary>On a timer: what it throws would end the process.</summary>
    private void Sweep()
    {
        try
        {
            SweepAll();
        }
        catch (Exception error)
        {
            _log.Warn(
                $"What jobs have left in '{_encoding}' can't be looked at, and is again tomorrow: {error.Message}"
            );
        }
    }

    private void SweepAll()
    {
        foreach (var job in new DirectoryInfo(_encoding).EnumerateDirectories())
        {
            try
            {
                Sweep(job);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It is in use, or not ours: the next day looks again.
            }
        }
    }

    private void Sweep(DirectoryInfo job)
    {
        var files = job.EnumerateFiles("*", SearchOption.AllDirectories).ToList();
        var last = files.Select(file => file.LastWriteTimeUtc).Append(job.LastWriteTimeUtc).Max();
        var silence = _time.GetUtcNow() - last;
        if (silence > Day)
        {
            _log.Close(job.Name);
        }
        if (silence > _retention && files.All(file => file.Name == JobLog.FileName))
        {
            job.Delete(recursive: true);
        }
    }

    public void Dispose() => _timer.Dispose();
}
