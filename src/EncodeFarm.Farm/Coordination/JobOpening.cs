using System.Collections.Concurrent;
using EncodeFarm.Actors;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Coordination;

/// <summary>
/// Opens a coordinator's unfinished jobs, and knows those that can't be opened: they must not keep the others from going
/// on.
/// </summary>
/// <param name="monitor">Has the jobs that have been open.</param>
sealed class JobOpening(IActorRef<VideosMessage> videos, FarmMonitor monitor, Action<ActorLog> log)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    readonly ConcurrentDictionary<string, string> _closed = new();

    /// <summary>Jobs that are being opened; each completes where it can never be.</summary>
    readonly ConcurrentDictionary<string, TaskCompletionSource> _opening = new();

    /// <summary>Unfinished jobs that are not open, and why.</summary>
    public IReadOnlyDictionary<string, string> Closed => _closed;

    /// <exception cref="AskTimeoutException">Not one of them opens.</exception>
    public async Task OpenAsync(IEnumerable<string> jobs, CancellationToken cancellation)
    {
        var late = await Task.WhenAll(jobs.Select(job => OpenOneAsync(job, cancellation)));
        if (
            monitor.Videos.IsEmpty && late.OfType<AskTimeoutException>().FirstOrDefault() is { } all
        )
        {
            // Where none opens it is no job's fault.
            throw all;
        }
        foreach (var (job, reason) in _closed)
        {
            log(
                new ActorLog(
                    ActorLogLevel.Error,
                    "/user/videos",
                    $"The job {job} can't be opened, and the others go on without it: {reason}",
                    null
                )
            );
        }
    }

    public void Succeed(string job) => _closed.TryRemove(job, out _);

    /// <returns>Where it is not open in time; it may still open later.</returns>
    async Task<AskTimeoutException?> OpenOneAsync(string job, CancellationToken cancellation)
    {
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _opening[job] = never;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var opened = videos.AskAsync<VideosMessage, VideoAnswer>(
            reply => new ToVideo(job, new Describe(reply)),
            Limit,
            end.Token
        );
        try
        {
            if (await Task.WhenAny(opened, never.Task) == opened)
            {
                await opened;
            }
            await end.CancelAsync();
            return null;
        }
        catch (AskTimeoutException late)
        {
            Fail(job, late);
            return late;
        }
        finally
        {
            _opening.TryRemove(job, out _);
        }
    }

    /// <summary>Of a job that was open the last state is known, and it opens again: it counts as open meanwhile.</summary>
    public void Fail(string job, Exception error)
    {
        var never = error is UnreadableJournalException;
        if (never || !monitor.Videos.ContainsKey(job))
        {
            // Why it failed says more than that it is late.
            _closed.AddOrUpdate(
                job,
                error.Message,
                (_, known) => error is AskTimeoutException ? known : error.Message
            );
        }
        if (!never && monitor.Videos.ContainsKey(job))
        {
            // It has opened just now.
            _closed.TryRemove(job, out _);
        }
        if (never && _opening.TryGetValue(job, out var opening))
        {
            opening.TrySetResult();
        }
    }
}
