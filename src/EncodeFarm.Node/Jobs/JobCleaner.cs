using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Jobs;

/// <param name="Young">Finished, but not long enough ago.</param>
public sealed record CleanResult(int Removed, long Bytes, int Young, int Unfinished);

/// <summary>Removes the directories of finished jobs. Jobs that run or can go on stay.</summary>
public static class JobCleaner
{
    private enum Fate
    {
        Removed,
        Young,
        Unfinished,
    }

    public static CleanResult Run(WorkDirectory work, TimeSpan age, TimeProvider time)
    {
        var result = new CleanResult(0, 0, 0, 0);
        foreach (var directory in Directory.EnumerateDirectories(work.Jobs))
        {
            var bytes = SizeOf(directory);
            result = Clean(directory, age, time) switch
            {
                Fate.Removed => result with
                {
                    Removed = result.Removed + 1,
                    Bytes = result.Bytes + bytes,
                },
                Fate.Young => result with { Young = result.Young + 1 },
                _ => result with { Unfinished = result.Unfinished + 1 },
            };
        }
        return result;
    }

    private static Fate Clean(string directory, TimeSpan age, TimeProvider time)
    {
        if (new JobDirectory(directory).FinishedAt is not { } finished)
        {
            return Fate.Unfinished;
        }
        if (time.GetUtcNow() - finished < age)
        {
            return Fate.Young;
        }
        try
        {
            Empty(directory);
            Directory.Delete(directory, recursive: true);
            return Fate.Removed;
        }
        catch (AlreadyRunningException)
        {
            return Fate.Unfinished;
        }
    }

    /// <summary>Removes a job's state while its lock is held; the lock's own files are the last to go.</summary>
    /// <exception cref="AlreadyRunningException">Somebody works on the job.</exception>
    public static void Empty(string directory)
    {
        using var held = JobLock.Acquire(directory);
        foreach (var entry in new DirectoryInfo(directory).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder)
            {
                folder.Delete(recursive: true);
            }
            else if (entry.Name is not (JobLock.FileName or JobLock.HolderFileName))
            {
                entry.Delete();
            }
        }
    }

    private static long SizeOf(string directory) =>
        new DirectoryInfo(directory)
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(file => file.Length);
}
