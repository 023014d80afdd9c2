using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Jobs;

/// <summary>Makes jobs of what the command line names, and refuses what can't work before anything begins.</summary>
public static class JobPlan
{
    /// <param name="sources">As given.</param>
    /// <exception cref="FarmException">A source or destination can't be used.</exception>
    public static IReadOnlyList<JobSpec> Make(
        IReadOnlyList<string> sources,
        string? output,
        Profile profile,
        FarmSettings farm,
        JobOptions options,
        bool overwrite,
        WorkDirectory work,
        string currentDirectory
    )
    {
        var jobs = Describe(sources, output, profile, farm, options, overwrite, currentDirectory);
        // A file at the destination of a job that has begun is its own.
        RequireDestinations(jobs, farm, job => HasBegun(job, work));
        return jobs;
    }

    /// <summary>What is at its destination is its own.</summary>
    public static bool HasBegun(JobSpec job, WorkDirectory work) =>
        work.Job(job.Id).Trace(job.Destinations) is JobTrace.Begun or JobTrace.Delivered;

    /// <summary>The jobs as they would be, their sources looked at and their destinations not yet.</summary>
    /// <exception cref="FarmException">A source can't be used, or destinations contradict each other.</exception>
    public static IReadOnlyList<JobSpec> Describe(
        IReadOnlyList<string> sources,
        string? output,
        Profile profile,
        FarmSettings farm,
        JobOptions options,
        bool overwrite,
        string currentDirectory
    )
    {
        var place = OutputPlace.Parse(output, sources.Count, currentDirectory);
        var jobs = sources
            .Select(source => Identify(source, farm, currentDirectory))
            .Select(source =>
            {
                var destinations = Destinations.For(source.Path, profile, place);
                var key = JobKey.Of(source, profile, destinations);
                return new JobSpec(key, source, profile, destinations, overwrite, 0, options);
            })
            .ToList();
        Destinations.RefuseTwins(
            jobs.SelectMany(job => job.Destinations.Select(path => (job.Source.Path, path)))
        );
        return jobs;
    }

    /// <param name="begun">Whether a file at the job's destination is its own.</param>
    /// <exception cref="FarmException">A destination can't be used.</exception>
    public static void RequireDestinations(
        IEnumerable<JobSpec> jobs,
        FarmSettings farm,
        Func<JobSpec, bool> begun
    )
    {
        foreach (var job in jobs)
        {
            var mayExist = job.Overwrite || begun(job);
            foreach (var destination in job.Destinations)
            {
                RequireDestination(job.Source.Path, destination, farm, mayExist);
            }
        }
    }

    /// <summary>The job's source as it is now.</summary>
    /// <param name="given">As given.</param>
    /// <exception cref="FarmException">BadInput: it is missing, a directory, or not readable.</exception>
    public static SourceIdentity Identify(string given, FarmSettings farm, string currentDirectory)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(given, currentDirectory));
        Roots.RequireSource(path, farm.SourceRoots);
        var attributes = AttributesOf(path);
        if (attributes.HasFlag(FileAttributes.Directory))
        {
            throw Bad($"'{path}' is a directory.", "Give the video files in it.");
        }
        var file = SourceFile.Of(path);
        return file.Exists
            ? new SourceIdentity(path, file.Length, file.LastWriteTimeUtc)
            : throw Bad($"'{path}' is a link to nothing.", "Check where it points.");
    }

    private static FileAttributes AttributesOf(string path)
    {
        try
        {
            return File.GetAttributes(path);
        }
        catch (UnauthorizedAccessException)
        {
            throw Bad(
                $"'{path}' can't be read: this user may not enter its directory.",
                "Change the permissions, or copy the file to another place."
            );
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw FileNames.HasLostBytes(path)
                ? Bad(
                    $"'{path}' can't be found, because its name is not valid UTF-8.",
                    "Rename it, or make a link to it with another name."
                )
                : Bad($"'{path}' does not exist.", "Check the name.");
        }
        catch (IOException error)
        {
            throw Bad($"'{path}' can't be read: {Writable.Reason(error, path)}", "Check the name.");
        }
    }

    private static FarmException Bad(string message, string advice) =>
        new(FarmError.BadInput, message, advice);

    private static void RequireDestination(
        string source,
        string destination,
        FarmSettings farm,
        bool mayExist
    )
    {
        Roots.RequireOutput(destination, farm.OutputRoots);
        if (S3Address.Is(destination))
        {
            // The rest only its server knows: BucketDestinations.
            return;
        }
        FileNames.RequireFitting(destination);
        var directory = Path.GetDirectoryName(destination)!;
        if (!Directory.Exists(directory))
        {
            throw BadOutput(
                $"'{destination}' can't be written: there is no directory '{directory}'.",
                "Make it first, or choose another one with -o."
            );
        }
        if (Directory.Exists(destination))
        {
            throw BadOutput($"'{destination}' is a directory.", "Choose another name with -o.");
        }
        if (
            RealPath.Of(destination) == RealPath.Of(source)
            || Delivery.SameFile(destination, source)
        )
        {
            throw BadOutput(
                $"'{source}' would be replaced by its own output.",
                "Choose another one with -o."
            );
        }
        if (Delivery.IsTaken(destination) && !mayExist)
        {
            throw BadOutput(
                $"'{destination}' exists already.",
                "Choose another name with -o, or replace it with --overwrite."
            );
        }
        if (Writable.Problem(directory) is { } problem)
        {
            throw BadOutput(
                $"'{directory}' can't be written: {problem}",
                "Choose another directory with -o."
            );
        }
    }

    private static FarmException BadOutput(string message, string advice) =>
        new(FarmError.BadOutput, message, advice);
}
