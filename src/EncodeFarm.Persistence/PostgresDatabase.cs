using System.Net.Sockets;
using EncodeFarm.Actors.Persistence;
using Npgsql;

namespace EncodeFarm.Persistence;

/// <summary>
/// A database on a PostgreSQL server (15 or later), shared by several coordinators. Writes run side by side on pooled
/// connections, each one statement in a transaction of its own; the server commits them in groups.
/// </summary>
public sealed class PostgresDatabase : Database
{
    /// <summary>Enough for thousands of appends a second, and few enough for a server's usual 100 connections.</summary>
    private const int MaxConnections = 20;

    /// <summary>Well above a slow disk's stall of 1 s; a server that takes longer counts as away.</summary>
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 10;

    private readonly NpgsqlDataSource _source;
    private readonly string _name;

    private PostgresDatabase(NpgsqlDataSource source, string name)
    {
        _source = source;
        _name = name;
    }

    internal override Dialect Dialect { get; } =
        new(
            Now: "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
            ShareLease: " FOR KEY SHARE",
            Id: "text COLLATE \"C\"",
            // The number is arbitrary, and the same in all versions.
            BeginMigration: "BEGIN; SELECT pg_advisory_xact_lock(5143728619)",
            // Reads the catalogue itself: to_regclass may still remember that there was no such table before the lock.
            TableCount: "SELECT count(*) FROM pg_class WHERE relname = 'farm_schema' AND pg_table_is_visible(oid)",
            EndStuckWrites: """
            SELECT count(pg_terminate_backend(pid))
            FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'relation' AND relation = to_regclass('coordinator') AND mode = 'RowShareLock'
                AND datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
                AND clock_timestamp() - xact_start > interval '1 second'
            """
        );

    /// <param name="connectionString">Npgsql's; tables are made in the first schema of its search path.</param>
    /// <exception cref="DatabaseUnusableException">Refused: credentials, no such database, no right to make tables, a newer version.</exception>
    /// <exception cref="JournalUnavailableException">The server does not answer.</exception>
    public static async Task<PostgresDatabase> OpenAsync(
        string connectionString,
        CancellationToken cancellation
    )
    {
        var database = New(connectionString);
        try
        {
            await database.WriteAsync(database.PrepareAsync, cancellation);
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the server who it is, and leaves nothing there.</summary>
    /// <returns>"15.14".</returns>
    /// <inheritdoc cref="OpenAsync"/>
    public static async Task<string> VersionAsync(
        string connectionString,
        CancellationToken cancellation
    )
    {
        await using var database = New(connectionString);
        return await database.ReadAsync(
            (connection, _) => Task.FromResult(connection.ServerVersion.Split(' ')[0]),
            cancellation
        );
    }

    private static PostgresDatabase New(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "encodefarm",
            MaxPoolSize = MaxConnections,
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
        };
        // A server may be set to acknowledge before it has written; the journal promises more.
        settings.Options = $"{settings.Options} -c synchronous_commit=on".Trim();
        var name = $"{settings.Host}:{settings.Port}/{settings.Database}";
        return new PostgresDatabase(NpgsqlDataSource.Create(settings), name);
    }

    internal override async Task<T> ReadAsync<T>(
        DatabaseWork<T> work,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            return await work(connection, cancellation);
        }
        catch (Exception failure) when (Translate(failure) is { } translated)
        {
            throw translated;
        }
    }

    internal override async Task<T> WriteAsync<T>(
        DatabaseWork<T> work,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellation);
            cancellation.ThrowIfCancellationRequested();
            return await work(connection, CancellationToken.None);
        }
        catch (Exception failure) when (Translate(failure) is { } translated)
        {
            throw translated;
        }
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<bool> PrepareAsync(
        System.Data.Common.DbConnection connection,
        CancellationToken cancellation
    )
    {
        await Schema.PrepareAsync(connection, Dialect, _name, cancellation);
        return true;
    }

    /// <summary>
    /// What a failure means to a caller, or null where it means no more than it says.
    /// Codes: https://www.postgresql.org/docs/15/errcodes-appendix.html.
    /// </summary>
    private Exception? Translate(Exception failure) =>
        failure switch
        {
            PostgresException refused => refused.SqlState switch
            {
                // Serialization, connection, resources, operator, system; and a standby, which is read-only.
                ['4', '0', ..]
                or ['0', '8', ..]
                or ['5', '3', ..]
                or ['5', '7', ..]
                or ['5', '8', ..]
                or "25006" => Unavailable(refused),
                // Credentials, unknown database, rights; damage.
                ['2', '8', ..]
                or "3D000"
                or "3F000"
                or "42501"
                or ['X', 'X', '0', '0', '1' or '2'] => new DatabaseUnusableException(
                    $"The database '{_name}' can't be used: {refused.MessageText}. "
                        + "Check its name, its health, and the user's password and rights.",
                    refused
                ),
                _ => null,
            },
            NpgsqlException or SocketException or IOException or TimeoutException => Unavailable(
                failure
            ),
            _ => null,
        };

    private JournalUnavailableException Unavailable(Exception failure) =>
        new($"The database '{_name}' can't be reached now ({failure.Message}).", failure);
}
