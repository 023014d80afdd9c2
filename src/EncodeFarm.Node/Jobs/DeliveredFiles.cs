using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Node.Jobs;

/// <summary>Whether what a job of the cluster has delivered is still there.</summary>
public static class DeliveredFiles
{
    /// <summary>About a gigabyte from a quick disk; the answer to a client must come.</summary>
    private static readonly TimeSpan ReadingLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// By size and time first: delivering only gives a finished file its name, so one that nobody wrote to is older than the
    /// end of its job. One that is younger is read, and must have the hash that the journal holds.
    /// </summary>
    /// <param name="state">Of a job that is completed.</param>
    /// <exception cref="FarmException">BadOutput: a file was written to, and is too large to be read in time.</exception>
    public static async Task<JobTrace> TraceAsync(
        VideoState state,
        BucketDestinations buckets,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        foreach (var file in state.Renditions.Select(r => r.Delivering).OfType<Delivering>())
        {
            if (S3Address.Is(file.Destination))
            {
                if (
                    !await buckets.HoldsAsync(
                        file.Destination,
                        file.SizeBytes,
                        file.Sha256,
                        cancellation
                    )
                )
                {
                    return JobTrace.Stale;
                }
                continue;
            }
            var found = new FileInfo(file.Destination);
            if (
                !found.Exists
                || found.Length != file.SizeBytes
                || found.LastWriteTimeUtc > state.FinishedAt?.UtcDateTime
                    && await HashAsync(file.Destination, time, cancellation) != file.Sha256
            )
            {
                return JobTrace.Stale;
            }
        }
        return JobTrace.Delivered;
    }

    private static async Task<string> HashAsync(
        string path,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        using var limit = new CancellationTokenSource(ReadingLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token,
            cancellation
        );
        try
        {
            return await FileHash.Sha256Async(path, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new FarmException(
                FarmError.BadOutput,
                $"'{path}' was written to after it was delivered, and is too large to be compared while you wait.",
                "Replace it with --overwrite, or choose another name with -o."
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Nobody knows what is in it.
            return "";
        }
    }
}
