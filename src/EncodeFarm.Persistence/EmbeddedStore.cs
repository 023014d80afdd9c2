namespace EncodeFarm.Persistence;

/// <summary>
/// What the farm on one machine keeps of a job directory: its lock, and journal and summaries in one SQLite file.
/// Each opening is a new epoch, so that whoever wrote before can write no more.
/// </summary>
public sealed class EmbeddedStore : IAsyncDisposable
{
    public const string FileName = "farm.db";

    private readonly JobLock _lock;
    private readonly Database _database;

    private EmbeddedStore(JobLock held, Database database, long epoch, TimeProvider time)
    {
        _lock = held;
        _database = database;
        Epoch = epoch;
        Journal = new SqlJournal(database, epoch, time);
        Summaries = new JobSummaries(database, epoch, time);
    }

    /// <summary>1, 2, 3, … with each opening.</summary>
    public long Epoch { get; }

    public SqlJournal Journal { get; }

    public JobSummaries Summaries { get; }

    /// <param name="directory">Must exist.</param>
    /// <exception cref="AlreadyRunningException">Another process works in this directory.</exception>
    /// <exception cref="DatabaseUnusableException">The file is damaged, not permitted, or of a newer version.</exception>
    public static async Task<EmbeddedStore> OpenAsync(
        string directory,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var held = JobLock.Acquire(directory);
        Database? database = null;
        try
        {
            database = await SqliteDatabase.OpenAsync(
                Path.Combine(directory, FileName),
                cancellation
            );
            var holder = $"pid {Environment.ProcessId}";
            var epoch = await new LeaseTable(database).SeizeAsync(holder, cancellation);
            return new EmbeddedStore(held, database, epoch, time);
        }
        catch
        {
            if (database is not null)
                await database.DisposeAsync();
            held.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _lock.Dispose();
    }
}
