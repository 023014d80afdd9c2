using EncodeFarm.Farm;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Logging;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Embedded;

/// <summary>A job whose directory this process holds: its lock, journal and log.</summary>
public sealed class OpenJob : IAsyncDisposable
{
    private readonly EmbeddedStore _store;
    private readonly JobDirectory _directory;

    private OpenJob(JobSpec spec, JobDirectory directory, EmbeddedStore store, JobLog log)
    {
        (Spec, _directory, _store, Log) = (spec, directory, store, log);
        Runner = new ToolRunner { JobMarker = spec.Id, OnCommand = log.Write };
    }

    public JobSpec Spec { get; }

    public JobLog Log { get; }

    /// <summary>It was delivered by an earlier run: there is nothing left to do but to report.</summary>
    public bool WasDelivered { get; private init; }

    /// <summary>It had begun with other tools than this machine has now, and starts from nothing.</summary>
    public bool BeginsAnew { get; private init; }

    /// <summary>Marks the job's processes and logs them.</summary>
    public IToolRunner Runner { get; }

    public EmbeddedJob ForFarm => new(Spec, _store.Journal, _store.Epoch);

    /// <summary>
    /// Takes the job's directory. A delivered job begins anew where its outputs are gone, or shall be replaced; one that has
    /// begun, where the machine's tools have become others: segments of two encoders are never joined.
    /// </summary>
    /// <param name="fingerprint">Of this machine's tools.</param>
    /// <exception cref="FarmException">Busy: another process works on the job.</exception>
    public static async Task<OpenJob> OpenAsync(
        JobSpec spec,
        WorkDirectory work,
        string fingerprint,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var directory = work.Job(spec.Id);
        try
        {
            // What is in the files was looked at when the job was planned.
            var trace = directory.Trace(spec.Destinations, contents: false);
            if (trace == JobTrace.Stale || (trace == JobTrace.Delivered && spec.Overwrite))
            {
                JobCleaner.Empty(directory.Path);
            }
            if (File.Exists(directory.Path))
            {
                throw new FarmException(
                    FarmError.BadOutput,
                    $"The job's directory '{directory.Path}' can't be used: it is a file.",
                    "Remove it, or choose another work directory with --work."
                );
            }
            Directory.CreateDirectory(directory.Path);
            var store = await EmbeddedStore.OpenAsync(directory.Path, time, cancellation);
            OrphanSweep.Kill(spec.Id);
            var others =
                trace == JobTrace.Begun
                && await FingerprintAsync(store, spec.Id, cancellation) is { } began
                && began != fingerprint;
            if (others)
            {
                await store.DisposeAsync();
                JobCleaner.Empty(directory.Path);
                store = await EmbeddedStore.OpenAsync(directory.Path, time, cancellation);
            }
            return new OpenJob(spec, directory, store, new JobLog(directory.Path, time))
            {
                WasDelivered = trace == JobTrace.Delivered && !spec.Overwrite,
                BeginsAnew = others,
            };
        }
        catch (DatabaseUnusableException unusable)
        {
            throw new FarmException(FarmError.ToolFailed, unusable.Message, inner: unusable);
        }
        catch (AlreadyRunningException running)
        {
            throw new FarmException(
                FarmError.Busy,
                $"'{spec.Source.Path}' is already running, {(running.Pid is { } pid ? $"pid {pid}" : "in another process")}.",
                inner: running
            );
        }
    }

    /// <summary>Of the tools that the job began with; null where it never came so far.</summary>
    private static async Task<string?> FingerprintAsync(
        EmbeddedStore store,
        string job,
        CancellationToken cancellation
    )
    {
        await foreach (var first in store.Journal.ReadAsync(job, 0, cancellation))
        {
            return FarmCodecs.Events.Read(first.Event) is VideoSubmitted submitted
                ? submitted.Fingerprint
                : null;
        }
        return null;
    }

    /// <summary>Leaves the mark of a job that has ended, so that <c>clean</c> finds it.</summary>
    /// <returns>True where nothing of the job is worth keeping.</returns>
    public bool Conclude(VideoState state)
    {
        if (state.Finished)
        {
            _directory.MarkFinished(
                state.State == JobState.Completed ? state.Renditions.Select(r => r.Delivering) : []
            );
        }
        return state is { Plan: null, Failure.Kind: FailureKind.BadInput };
    }

    /// <summary>Removes the whole directory, for a source that could not be used.</summary>
    public async Task DiscardAsync()
    {
        await DisposeAsync();
        Directory.Delete(_directory.Path, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        Log.Dispose();
        await _store.DisposeAsync();
    }
}
