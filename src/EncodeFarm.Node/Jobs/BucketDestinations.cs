using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Jobs;

/// <summary>Destinations in buckets: what is checked of them before a job begins.</summary>
/// <param name="outputs">Gives up soon, as somebody waits for the answer.</param>
public sealed class BucketDestinations(S3Outputs outputs)
{
    /// <summary>For jobs of this machine; the marks of those whose outputs are no longer what was delivered become stale.</summary>
    /// <inheritdoc cref="RequireAsync(IEnumerable{JobSpec}, Func{JobSpec, JobTrace}, CancellationToken)"/>
    public async Task RequireAsync(
        IReadOnlyList<JobSpec> jobs,
        WorkDirectory work,
        CancellationToken cancellation
    )
    {
        foreach (var job in jobs)
        {
            var directory = work.Job(job.Id);
            foreach (var (destination, size, sha256) in directory.Delivered(job.Destinations))
            {
                if (
                    S3Address.Is(destination)
                    && !await HoldsAsync(destination, size, sha256, cancellation)
                )
                {
                    directory.MarkStale();
                }
            }
        }
        await RequireAsync(
            jobs,
            job => work.Job(job.Id).Trace(job.Destinations, contents: false),
            cancellation
        );
    }

    /// <param name="trace">Of a job that was given before.</param>
    /// <exception cref="FarmException">A bucket is missing or refuses us, or something of that name is there.</exception>
    public async Task RequireAsync(
        IEnumerable<JobSpec> jobs,
        Func<JobSpec, JobTrace> trace,
        CancellationToken cancellation
    )
    {
        foreach (var job in jobs)
        {
            foreach (var destination in job.Destinations.Where(S3Address.Is))
            {
                var length = await AskAsync(
                    destination,
                    address => outputs.FindAsync(address, cancellation)
                );
                JobPlan.RequireFree(job, destination, trace(job), taken: length is not null);
            }
        }
    }

    /// <summary>Whether the object is what was delivered.</summary>
    /// <exception cref="FarmException">The bucket is missing, refuses us, or does not answer.</exception>
    public Task<bool> HoldsAsync(
        string destination,
        long size,
        string sha256,
        CancellationToken cancellation
    ) => AskAsync(destination, address => outputs.HoldsAsync(address, size, sha256, cancellation));

    private static async Task<T> AskAsync<T>(string destination, Func<S3Address, Task<T>> ask)
    {
        try
        {
            return await ask(S3Address.Parse(destination));
        }
        catch (BucketRefusedException refused)
        {
            throw new FarmException(
                FarmError.BadOutput,
                $"'{destination}' can't be written: {refused.Message}",
                inner: refused
            );
        }
        catch (ArtifactException error)
        {
            throw new FarmException(
                FarmError.ToolMissing,
                $"'{destination}' can't be written: {error.Message}",
                "Is the server in s3.endpoint the right one, and can this machine reach it?",
                error
            );
        }
    }
}
