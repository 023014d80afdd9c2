using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Jobs;

/// <summary>Destinations in buckets: what is checked of them before a job begins.</summary>
/// <param name="outputs">Gives up soon, as somebody waits for the answer.</param>
public sealed class BucketDestinations(S3Outputs outputs)
{
    /// <param name="marks">Of the jobs' directories: outputs that are no longer what was delivered make one stale.</param>
    /// <param name="begun">Whether an object at the job's destination is its own.</param>
    /// <exception cref="FarmException">A bucket is missing or refuses us, or something of that name is there.</exception>
    public async Task RequireAsync(
        IEnumerable<JobSpec> jobs,
        Func<JobSpec, JobDirectory>? marks,
        Func<JobSpec, bool> begun,
        CancellationToken cancellation
    )
    {
        foreach (var job in jobs)
        {
            for (var index = 0; index < job.Destinations.Count; index++)
            {
                var destination = job.Destinations[index];
                if (!S3Address.Is(destination))
                {
                    continue;
                }
                var length = await LengthAsync(destination, cancellation);
                marks?.Invoke(job).Compare(index, length);
                if (length is not null && !job.Overwrite && !begun(job))
                {
                    throw new FarmException(
                        FarmError.BadOutput,
                        $"'{destination}' exists already.",
                        "Choose another name with -o, or replace it with --overwrite."
                    );
                }
            }
        }
    }

    /// <summary>Bytes of the object; null where there is none.</summary>
    /// <exception cref="FarmException">The bucket is missing, refuses us, or does not answer.</exception>
    public async Task<long?> LengthAsync(string destination, CancellationToken cancellation)
    {
        try
        {
            return await outputs.FindAsync(S3Address.Parse(destination), cancellation);
        }
        catch (ArtifactException error)
        {
            throw new FarmException(
                error is BucketRefusedException ? FarmError.BadOutput : FarmError.ToolMissing,
                $"'{destination}' can't be written: {error.Message}",
                error is BucketRefusedException
                    ? null
                    : "Is the server in s3.endpoint the right one, and can this machine reach it?",
                error
            );
        }
    }
}
