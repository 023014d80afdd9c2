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
        RequireDestinations(
            jobs,
            farm,
            job => work.Job(job.Id).Trace(job.Destinations, contents: !overwrite)
        );
        return jobs;
    }

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

    /// <param name="trace">Of a job that was given before.</param>
    /// <exception cref="FarmException">A destination can't be used.</exception>
    public static void RequireDestinations(
        IEnumerable<JobSpec> jobs,
        FarmSettings farm,
        Func<JobSpec, JobTrace> trace
    )
    {
        foreach (var job in jobs)
        {
            var before = trace(job);
            foreach (var destination in job.Destinations)
            {
                RequireDestination(job, destination, farm, before);
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
        JobSpec job,
        string destination,
        FarmSettings farm,
        JobTrace before
    )
    {
        var source = job.Source.Path;
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
        RequireFree(job, destination, before, Delivery.IsTaken(destination));
        if (Writable.Problem(directory) is { } problem)
        {
            throw BadOutput(
                $"'{directory}' can't be written: {problem}",
                "Choose another directory with -o."
            );
        }
    }

    /// <param name="taken">Something of that name is there.</param>
    /// <exception cref="FarmException">It is not the job's own, and not to be replaced.</exception>
    public static void RequireFree(JobSpec job, string destination, JobTrace before, bool taken)
    {
        if (taken && !job.Overwrite && before is not (JobTrace.Begun or JobTrace.Delivered))
        {
            throw BadOutput(
                before == JobTrace.Stale
                    ? $"'{destination}' exists already, and what an earlier run delivered for '{job.Source.Path}' was changed, replaced or removed since."
                    : $"'{destination}' exists already.",
                "Choose another name with -o, or replace it with --overwrite."
            );
        }
    }

    private static FarmException BadOutput(string message, string advice) =>
        new(FarmError.BadOutput, message, advice);
}
