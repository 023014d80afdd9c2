namespace EncodeFarm.Farm.Work;

/// <summary>What attempts have at work on a worker's disk: nobody goes on with it once its process has ended.</summary>
public static class WorkerScratch
{
    /// <param name="root">Directory with a folder for each video.</param>
    public static string Of(string root, string video, string attempt) =>
        Path.Combine(Attempts(Path.Combine(root, video)), attempt);

    /// <summary>
    /// Before a worker starts: removes what attempts of a killed process have left, and encoded files that were kept before
    /// their record was. What can't be removed stays.
    /// </summary>
    public static void Clear(string root)
    {
        foreach (var video in Directory.EnumerateDirectories(root))
        {
            try
            {
                Clear(new DirectoryInfo(Attempts(video)), new KeptResults(root).Unrecorded(video));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It takes room, and harms nobody.
            }
        }
    }

    static void Clear(DirectoryInfo attempts, IEnumerable<string> unrecorded)
    {
        if (attempts.Exists)
        {
            attempts.Delete(recursive: true);
        }
        foreach (var file in unrecorded)
        {
            File.Delete(file);
        }
    }

    static string Attempts(string video) => Path.Combine(video, "attempts");
}
