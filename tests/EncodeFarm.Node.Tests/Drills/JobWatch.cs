using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>Looks at a job of another process from outside: its log while it runs, its journal afterwards.</summary>
public sealed class JobWatch(string work)
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    public string Directory =>
        System.IO.Directory.GetDirectories(Path.Combine(work, "jobs")).Single();

    public string JobId => Path.GetFileName(Directory);

    /// <summary>Returns as soon as the log holds the text so often, or the process has ended.</summary>
    public async Task SeeAsync(FarmProcess farm, string text, int times = 1)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var look = new PeriodicTimer(Interval);
        var ended = farm.EndAsync();
        while (!ended.IsCompleted && await look.WaitForNextTickAsync(limit.Token))
        {
            if (Count(text) >= times)
            {
                return;
            }
        }
    }

    /// <summary>How often the log of all runs holds the text.</summary>
    public int Count(string text) => Log().Split(text).Length - 1;

    string Log()
    {
        try
        {
            using var file = new FileStream(
                Path.Combine(Directory, "job.log"),
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite
            );
            return new StreamReader(file).ReadToEnd();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            // Not there yet.
            return "";
        }
    }

    public async Task<IReadOnlyList<VideoEvent>> JournalAsync()
    {
        await using var database = await SqliteDatabase.OpenAsync(
            Path.Combine(Directory, EmbeddedStore.FileName),
            CancellationToken.None
        );
        var journal = new SqlJournal(database, 0, TimeProvider.System);
        return await journal
            .ReadAsync(JobId, 0, CancellationToken.None)
            .Select(stored => FarmCodecs.Events.Read(stored.Event))
            .ToListAsync();
    }

    /// <summary>Ids of living processes that were started for this job.</summary>
    public IReadOnlyList<int> Processes()
    {
        var marker = $"ENCODEFARM_JOB={JobId}";
        return
        [
            .. System
                .IO.Directory.GetDirectories("/proc")
                .Select(path => Path.GetFileName(path))
                .Where(name => int.TryParse(name, out _) && Environment(name).Contains(marker))
                .Select(int.Parse),
        ];
    }

    static string[] Environment(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/environ").Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
