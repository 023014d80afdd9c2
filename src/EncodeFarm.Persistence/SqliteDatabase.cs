using System.Threading.Channels;
using EncodeFarm.Actors.Persistence;
using Microsoft.Data.Sqlite;

namespace EncodeFarm.Persistence;

/// <summary>
/// A database in one file (WAL, synchronous FULL). SQLite works on the calling thread, so reads are moved to the pool,
/// and writes go through one writer that commits all that are waiting together: many actors share one sync of the disk.
/// </summary>
public sealed class SqliteDatabase : Database
{
    /// <summary>Keeps the first of many waiting writers from waiting for all the others.</summary>
    private const int MaxBatch = 256;

    /// <summary>How long to wait for a stranger (a copy, a shell) who has locked the file.</summary>
    private const int BusySeconds = 5;

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly string _connectionString;
    private readonly Channel<SqliteWrite> _writes = Channel.CreateUnbounded<SqliteWrite>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly Task _writer;

    private SqliteDatabase(string path, SqliteConnection connection, string connectionString)
    {
        _path = path;
        _connection = connection;
        _connectionString = connectionString;
        _writer = Task.Run(WriteAllAsync);
    }

    internal override Dialect Dialect { get; } = Words;

    private static Dialect Words { get; } =
        new(
            Now: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            ShareLease: "",
            Id: "text",
            BeginMigration: "BEGIN IMMEDIATE",
            TableCount: "SELECT count(*) FROM sqlite_master WHERE name = 'farm_schema'"
        );

    /// <summary>Opens the file, or creates it in a directory that exists.</summary>
    /// <exception cref="DatabaseUnusableException">Damaged, no database at all, not permitted, or of a newer version.</exception>
    public static Task<SqliteDatabase> OpenAsync(string path, CancellationToken cancellation) =>
        Task.Run(() => OpenHereAsync(Path.GetFullPath(path), cancellation), cancellation);

    internal override Task<T> ReadAsync<T>(DatabaseWork<T> work, CancellationToken cancellation) =>
        Task.Run(
            async () =>
            {
                try
                {
                    await using var connection = new SqliteConnection(_connectionString);
                    await connection.OpenAsync(cancellation);
                    return await work(connection, cancellation);
                }
                catch (SqliteException failure)
                {
                    throw Translate(_path, failure);
                }
            },
            cancellation
        );

    internal override Task<T> WriteAsync<T>(DatabaseWork<T> work, CancellationToken cancellation)
    {
        var write = new SqliteWrite<T>(work, cancellation);
        ObjectDisposedException.ThrowIf(!_writes.Writer.TryWrite(write), this);
        return write.Result;
    }

    /// <summary>Carries the writes that have been accepted through, then closes the file.</summary>
    public override async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _writer;
        await _connection.DisposeAsync();
        SqliteConnection.ClearPool(_connection);
    }

    private static async Task<SqliteDatabase> OpenHereAsync(
        string path,
        CancellationToken cancellation
    )
    {
        var connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            DefaultTimeout = BusySeconds,
        }.ToString();
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            await connection.ExecuteAsync(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
                cancellation
            );
            await Schema.PrepareAsync(connection, Words, path, cancellation);
            return new SqliteDatabase(path, connection, connectionString);
        }
        catch (Exception failure)
        {
            await connection.DisposeAsync();
            SqliteConnection.ClearPool(connection);
            if (failure is SqliteException sqlite)
                throw Translate(path, sqlite);
            throw;
        }
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<SqliteWrite>();
        while (await _writes.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _writes.Reader.TryRead(out var write))
                batch.Add(write);
            await CommitAsync(batch);
        }
    }

    private async Task CommitAsync(List<SqliteWrite> batch)
    {
        try
        {
            await using var transaction = _connection.BeginTransaction();
            foreach (var write in batch)
                await write.RunAsync(_connection, SparesOthers);
            transaction.Commit();
        }
        catch (Exception failure)
        {
            var told = failure is SqliteException sqlite ? Translate(_path, sqlite) : failure;
            batch.ForEach(write => write.Fail(told));
            return;
        }
        batch.ForEach(write => write.Complete());
    }

    /// <summary>Whether only the failed statement is undone, and the transaction can go on.</summary>
    private static bool SparesOthers(Exception failure) =>
        failure is not SqliteException
        || failure
            is SqliteException
            {
                SqliteErrorCode: SqliteCode.Error or SqliteCode.TooBig or SqliteCode.Constraint
            };

    private static Exception Translate(string path, SqliteException failure) =>
        failure.SqliteErrorCode switch
        {
            SqliteCode.Corrupt or SqliteCode.NotADatabase => new DatabaseUnusableException(
                $"The journal '{path}' is damaged or no journal at all ({failure.Message}). "
                    + "Restore it from a copy, or move it away to begin anew.",
                failure
            ),
            SqliteCode.CannotOpen or SqliteCode.ReadOnly or SqliteCode.Permission =>
                new DatabaseUnusableException(
                    $"The journal '{path}' can't be opened for writing ({failure.Message}). "
                        + "Check that its directory exists and that you may write there.",
                    failure
                ),
            SqliteCode.Busy or SqliteCode.Locked or SqliteCode.InputOutput or SqliteCode.Full =>
                new JournalUnavailableException(
                    $"The journal '{path}' can't be written now ({failure.Message}).",
                    failure
                ),
            _ => failure,
        };
}
