using EncodeFarm.Actors.Persistence;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Media.Model;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Hosting;

/// <summary>The right to decide, for one epoch.</summary>
/// <param name="MayDecide">Exact at any moment, also after the process stood still.</param>
public sealed record Mandate(long Epoch, IJournal Journal, IJobIndex Index, Func<bool> MayDecide);

/// <summary>Where the right to decide comes from: the journal's database.</summary>
public interface ISeat : IAsyncDisposable
{
    /// <summary>Begins to apply for it. Both are told in order, and must be brief.</summary>
    void Apply(Action<Mandate> acquired, Action<string> lost);

    /// <summary>For reading, also without the right.</summary>
    IJournal Reader { get; }
}

/// <summary>A SQLite file in the work directory: one coordinator, which decides from its start to its end.</summary>
public sealed class SqliteSeat(EmbeddedStore store) : ISeat
{
    public IJournal Reader => store.Journal;

    /// <exception cref="FarmException">The file can't be used.</exception>
    public static async Task<SqliteSeat> OpenAsync(
        string directory,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new SqliteSeat(await EmbeddedStore.OpenAsync(directory, time, cancellation));
        }
        catch (DatabaseUnusableException unusable)
        {
            throw new FarmException(FarmError.ToolFailed, unusable.Message, inner: unusable);
        }
    }

    public void Apply(Action<Mandate> acquired, Action<string> lost) =>
        acquired(
            new Mandate(store.Epoch, store.Journal, new JobIndex(store.Summaries), () => true)
        );

    public ValueTask DisposeAsync() => store.DisposeAsync();
}

/// <summary>PostgreSQL: of several coordinators the holder of the lease decides.</summary>
public sealed class PostgresSeat : ISeat
{
    /// <summary>A server that starts together with its nodes is ready within seconds; the broker is waited for as long.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Database _journal;
    private readonly Database _leases;
    private readonly CoordinatorLease _lease;
    private readonly TimeProvider _time;

    private PostgresSeat(
        Database journal,
        Database leases,
        CoordinatorLease lease,
        TimeProvider time
    ) => (_journal, _leases, _lease, _time) = (journal, leases, lease, time);

    public IJournal Reader => new SqlJournal(_journal, epoch: 0, _time);

    /// <param name="holder">Unique for this process.</param>
    /// <param name="mayHold">The broker is connected.</param>
    /// <param name="warn">Told once when the database has to be waited for.</param>
    /// <exception cref="FarmException">The database refuses us, or has not answered for 30 s.</exception>
    public static async Task<PostgresSeat> OpenAsync(
        string connection,
        string holder,
        TimeSpan term,
        Func<bool> mayHold,
        Action<string> warn,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        return await ExplainedAsync(async () =>
        {
            var journal = await OpenAsync(connection, warn, time, cancellation);
            var leases = await PostgresDatabase.OpenAsync(connection, cancellation);
            var times = new LeaseTimes(term / 5, term * 0.8, term);
            var lease = new CoordinatorLease(leases, holder, times, mayHold, time);
            return new PostgresSeat(journal, leases, lease, time);
        });
    }

    /// <summary>Of the database's server; nothing is left there.</summary>
    /// <exception cref="FarmException">It refuses us, or does not answer.</exception>
    public static Task<string> VersionAsync(string connection, CancellationToken cancellation) =>
        ExplainedAsync(() => PostgresDatabase.VersionAsync(connection, cancellation));

    private static async Task<T> ExplainedAsync<T>(Func<Task<T>> use)
    {
        try
        {
            return await use();
        }
        catch (ArgumentException wrong)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"cluster.journal is not a connection string of PostgreSQL: {wrong.Message}",
                "For example: Host=10.0.0.5;Username=farm;Password=…;Database=farm",
                wrong
            );
        }
        catch (Exception unusable)
            when (unusable is DatabaseUnusableException or JournalUnavailableException)
        {
            throw new FarmException(
                FarmError.ToolMissing,
                $"The journal can't be opened: {unusable.Message}",
                "Check cluster.journal (--journal), and that the server runs.",
                unusable
            );
        }
    }

    private static async Task<Database> OpenAsync(
        string connection,
        Action<string> warn,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        var began = time.GetTimestamp();
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await PostgresDatabase.OpenAsync(connection, cancellation);
            }
            catch (JournalUnavailableException away) when (time.GetElapsedTime(began) < StartLimit)
            {
                if (tries == 0)
                {
                    warn($"{away.Message} Is PostgreSQL running there? Trying again.");
                }
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    public void Apply(Action<Mandate> acquired, Action<string> lost)
    {
        _lease.Acquired += epoch =>
            acquired(
                new Mandate(
                    epoch,
                    new SqlJournal(_journal, epoch, _time),
                    new JobIndex(new JobSummaries(_journal, epoch, _time)),
                    () => _lease.Epoch == epoch
                )
            );
        _lease.Lost += lost;
        _lease.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _lease.DisposeAsync();
        await _leases.DisposeAsync();
        await _journal.DisposeAsync();
    }
}
