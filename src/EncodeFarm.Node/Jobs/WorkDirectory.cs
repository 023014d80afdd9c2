using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools.Locate;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Jobs;

/// <summary>Where this machine keeps its state: <c>jobs/</c> with a folder for each job, and what is remembered of the tools.</summary>
public sealed record WorkDirectory(string Path)
{
    public string Jobs => System.IO.Path.Combine(Path, "jobs");

    public JobDirectory Job(string key) => new(System.IO.Path.Combine(Jobs, key));

    /// <summary>The directory of the configuration, or the user's state directory; made when it is missing.</summary>
    /// <exception cref="FarmException">It can't be made or written.</exception>
    public static WorkDirectory Open(FarmSettings farm, string currentDirectory)
    {
        var path = farm.Work is null
            ? ToolLocatorOptions.UserStateDirectory()
            : System.IO.Path.GetFullPath(farm.Work, currentDirectory);
        var work = new WorkDirectory(path);
        return Writable.ProblemOfOwn(work.Jobs) is { } problem
            ? throw new FarmException(
                FarmError.BadOutput,
                $"The work directory '{path}' can't be used: {problem}",
                "Choose another one with --work."
            )
            : work;
    }
}
