using System.Data.Common;

namespace EncodeFarm.Persistence;

/// <summary>What a list shows of a job, without replaying its events.</summary>
/// <param name="Updated">To the millisecond.</param>
public sealed record JobSummary(string PersistenceId, string Json, DateTimeOffset Updated);

/// <summary>
/// The jobs' summaries, written by the holder of one epoch. A summary is written after the events it tells of,
/// so after a crash it can be older than the journal, or missing.
/// </summary>
public sealed class JobSummaries(Database database, long epoch, TimeProvider time)
{
    private const string Select = "SELECT id, body, written FROM summaries";

    private readonly Fence _fence = new(database.Dialect, epoch);

    /// <exception cref="EncodeFarm.Actors.Persistence.FencedException">Another writer has taken over.</exception>
    public Task SaveAsync(string persistenceId, string json, CancellationToken cancellation) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await using var upsert = connection.Command(
                    $"""
                    {_fence.With}
                    INSERT INTO summaries (id, written, body) SELECT @id, @written, @body FROM lease WHERE true
                    ON CONFLICT (id) DO UPDATE SET written = excluded.written, body = excluded.body
                    """,
                    ("@epoch", epoch),
                    ("@id", persistenceId),
                    ("@written", time.GetUtcNow().ToUnixTimeMilliseconds()),
                    ("@body", json)
                );
                if (await upsert.ExecuteNonQueryAsync(stop) == 0)
                    await _fence.CheckAsync(connection, stop);
                return true;
            },
            cancellation
        );

    public Task<JobSummary?> FindAsync(string persistenceId, CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                await using var select = connection.Command(
                    $"{Select} WHERE id = @id",
                    ("@id", persistenceId)
                );
                return (await select.RowsAsync(Summary, stop)).SingleOrDefault();
            },
            cancellation
        );

    /// <summary>All, in the order of their ids' code points.</summary>
    public Task<List<JobSummary>> ListAsync(CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                await using var select = connection.Command($"{Select} ORDER BY id");
                return await select.RowsAsync(Summary, stop);
            },
            cancellation
        );

    private static JobSummary Summary(DbDataReader row) =>
        new(
            row.GetString(0),
            row.GetString(1),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2))
        );
}
