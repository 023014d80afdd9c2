using System.Data.Common;

namespace EncodeFarm.Persistence;

/// <summary>A piece of work on an open connection.</summary>
internal delegate Task<T> DatabaseWork<T>(DbConnection connection, CancellationToken cancellation);

/// <summary>
/// The farm's database, opened and with its schema in place. All SQL is common to both houses, SQLite and PostgreSQL,
/// apart from the few words that are members here. Safe for use by many threads.
/// </summary>
/// <remarks>
/// Work fails with <see cref="EncodeFarm.Actors.Persistence.JournalUnavailableException"/> where waiting may help,
/// and with <see cref="DatabaseUnusableException"/> where a person has to act.
/// </remarks>
public abstract class Database : IAsyncDisposable
{
    private protected Database() { }

    internal abstract Dialect Dialect { get; }

    /// <summary>Runs queries. They see every write whose task has completed.</summary>
    internal abstract Task<T> ReadAsync<T>(DatabaseWork<T> work, CancellationToken cancellation);

    /// <summary>
    /// Runs one writing statement (and queries that explain its result); durable when the task completes.
    /// Cancellation counts until the work begins: a write that has begun is carried through and its outcome told.
    /// </summary>
    internal abstract Task<T> WriteAsync<T>(DatabaseWork<T> work, CancellationToken cancellation);

    public abstract ValueTask DisposeAsync();
}

/// <summary>The words in which SQLite and PostgreSQL differ.</summary>
/// <param name="Now">Milliseconds since 1970 on the database's clock, at the moment of evaluation.</param>
/// <param name="ShareLease">Keeps the lease row from being taken over, but not from being renewed, until the write is done.</param>
/// <param name="Id">Column type of an id, compared by code points.</param>
/// <param name="BeginMigration">Begins a transaction that no other migration can begin at the same time.</param>
/// <param name="TableCount">Counts the tables named 'farm_schema' that are in sight.</param>
/// <param name="EndStuckWrites">A query, open for another AND, that ends sessions which have shared the lease for more than 1 s; null where there can be none.</param>
internal sealed record Dialect(
    string Now,
    string ShareLease,
    string Id,
    string BeginMigration,
    string TableCount,
    string? EndStuckWrites = null
);
