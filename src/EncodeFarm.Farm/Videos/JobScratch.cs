using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Farm.Videos;

/// <summary>
/// What a coordinator's tasks make in a job's directory: all of it can be made again, and goes when the job is
/// over. Journal and log stay.
/// </summary>
public static class JobScratch
{
    static readonly string[] Folders =
    [
        "segments",
        "encoded",
        "audio",
        "out",
        "source",
        "attempts",
        "results",
    ];
    static readonly string[] Files = ["segment_list.txt", "frames.bin"];

    public static bool IsIn(string directory) =>
        Folders.Any(name => Directory.Exists(Path.Combine(directory, name)))
        || Files.Any(name => File.Exists(Path.Combine(directory, name)));

    public static void Remove(string directory)
    {
        foreach (var folder in Folders.Select(name => Path.Combine(directory, name)))
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        foreach (var file in Files.Select(name => Path.Combine(directory, name)))
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// Removes what was left here of jobs that another coordinator has completed, and cleaned up on its own machine: nobody
    /// else looks into these directories. What can't be removed now is looked at again by the next call.
    /// </summary>
    /// <param name="jobs">Directory with a folder for each job, called by its id.</param>
    /// <exception cref="JournalUnavailableException">The journal can't be read now.</exception>
    public static async Task SweepAsync(
        string jobs,
        IJournal journal,
        CancellationToken cancellation
    )
    {
        foreach (var directory in Directory.GetDirectories(jobs).Where(IsIn))
        {
            var job = Path.GetFileName(directory);
            try
            {
                var state = await VideoReader.StateAsync(journal, job, cancellation);
                if (state is { Cleaned: true, Spec.Options.KeepWork: false })
                {
                    Remove(directory);
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Whoever has it open will let it go.
            }
            catch (UnreadableJournalException)
            {
                // Whether it is over is not known here: it stays.
            }
        }
    }
}
