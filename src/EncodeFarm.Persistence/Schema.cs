using System.Data.Common;

namespace EncodeFarm.Persistence;

/// <summary>The tables, and how a database of an older version gets them.</summary>
internal static class Schema
{
    /// <summary>Brings the database to the present version; an empty one gets all tables.</summary>
    /// <param name="name">What to call the database in an error.</param>
    /// <exception cref="DatabaseUnusableException">The database is of a version that this program doesn't know.</exception>
    public static async Task PrepareAsync(
        DbConnection connection,
        Dialect dialect,
        string name,
        CancellationToken cancellation
    )
    {
        var steps = Steps(dialect);
        if (
            await VersionAsync(connection, dialect, cancellation) is var found
            && found > steps.Length
        )
            throw Newer(name, found, steps.Length);
        if (found == steps.Length)
            return;

        await connection.ExecuteAsync(dialect.BeginMigration, cancellation);
        // Another process may have done it between the look and the lock.
        var version = await VersionAsync(connection, dialect, cancellation);
        foreach (var step in steps.Skip((int)version))
            await connection.ExecuteAsync(step, cancellation);
        if (version < steps.Length)
            await connection.ExecuteAsync(
                $"UPDATE farm_schema SET version = {steps.Length}",
                cancellation
            );
        await connection.ExecuteAsync("COMMIT", cancellation);
    }

    private static async Task<long> VersionAsync(
        DbConnection connection,
        Dialect dialect,
        CancellationToken cancellation
    )
    {
        await using var tables = connection.Command(dialect.TableCount);
        if (await tables.NumberAsync(cancellation) is not > 0)
            return 0;
        await using var version = connection.Command("SELECT version FROM farm_schema");
        return await version.NumberAsync(cancellation) ?? 0;
    }

    private static DatabaseUnusableException Newer(string name, long found, int known) =>
        new(
            $"The journal '{name}' was written by a newer program (its format is {found}, this program knows {known}). "
                + "Use the newer program."
        );

    /// <summary>
    /// Step n leads from version n to n + 1; a released step is never changed.
    /// `epoch` is a key, so that in PostgreSQL a takeover (which changes it) conflicts with the key share lock
    /// that an append holds on the row, while a renewal (which changes `until` only) does not.
    /// Times are milliseconds since 1970.
    /// </summary>
    private static string[] Steps(Dialect dialect) =>
        [
            $"""
                CREATE TABLE farm_schema (version bigint NOT NULL);
                INSERT INTO farm_schema VALUES (0);
                CREATE TABLE events (
                    id {dialect.Id} NOT NULL,
                    sequence bigint NOT NULL,
                    written bigint NOT NULL,
                    type text NOT NULL,
                    body text NOT NULL,
                    PRIMARY KEY (id, sequence)
                );
                CREATE TABLE snapshots (
                    id {dialect.Id} NOT NULL PRIMARY KEY,
                    sequence bigint NOT NULL,
                    written bigint NOT NULL,
                    type text NOT NULL,
                    body text NOT NULL
                );
                CREATE TABLE summaries (
                    id {dialect.Id} NOT NULL PRIMARY KEY,
                    written bigint NOT NULL,
                    body text NOT NULL
                );
                CREATE TABLE coordinator (
                    epoch bigint NOT NULL PRIMARY KEY,
                    holder text NOT NULL,
                    until bigint NOT NULL
                );
                INSERT INTO coordinator VALUES (0, '', 0);
                """,
        ];
}
