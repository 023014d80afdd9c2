using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence;

/// <summary>The journal in SQL, for the holder of one epoch. Reading needs no epoch: give 0 where nothing is written.</summary>
/// <param name="epoch">From the coordinator's row; writes under any other than the present one are fenced.</param>
public sealed class SqlJournal(Database database, long epoch, TimeProvider time) : IJournal
{
    /// <summary>A page ends at whichever comes first, so that neither many events nor large ones fill the memory.</summary>
    private const int PageEvents = 1000;
    private const int PageCharacters = 4_000_000;

    private readonly Fence _fence = new(database.Dialect, epoch);

    public async IAsyncEnumerable<StoredEvent> ReadAsync(
        string persistenceId,
        long afterSequence,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var last = afterSequence;
        while (true)
        {
            var page = await database.ReadAsync(
                (connection, stop) => PageAsync(connection, persistenceId, last, stop),
                cancellation
            );
            if (page.Count == 0)
                yield break;
            foreach (var stored in page)
            {
                if (stored.Sequence != ++last)
                    throw new UnreadableJournalException(
                        $"Event {last} of '{persistenceId}' is missing from the journal. Restore the database from a copy."
                    );
                yield return stored;
            }
        }
    }

    public async Task AppendAsync(
        string persistenceId,
        long expectedSequence,
        IReadOnlyList<EventData> events,
        CancellationToken cancellation
    )
    {
        if (events.Count == 0)
            return;
        var inserted = await database.WriteAsync(
            async (connection, stop) =>
            {
                await using var insert = Insert(
                    connection,
                    persistenceId,
                    expectedSequence,
                    events
                );
                var rows = await InsertedAsync(insert, stop);
                if (rows == 0)
                    await _fence.CheckAsync(connection, stop);
                return rows;
            },
            cancellation
        );
        if (inserted == 0)
            throw new SequenceConflictException(persistenceId, expectedSequence);
    }

    public Task<StoredSnapshot?> LoadSnapshotAsync(
        string persistenceId,
        CancellationToken cancellation
    ) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                await using var select = connection.Command(
                    "SELECT sequence, type, body FROM snapshots WHERE id = @id",
                    ("@id", persistenceId)
                );
                var rows = await select.RowsAsync(
                    row => new StoredSnapshot(
                        row.GetInt64(0),
                        new EventData(row.GetString(1), row.GetString(2))
                    ),
                    stop
                );
                return rows.SingleOrDefault();
            },
            cancellation
        );

    public Task SaveSnapshotAsync(
        string persistenceId,
        StoredSnapshot snapshot,
        CancellationToken cancellation
    ) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await using var upsert = connection.Command(
                    $"""
                    {_fence.With}
                    INSERT INTO snapshots (id, sequence, written, type, body)
                    SELECT @id, @sequence, @written, @type, @body FROM lease WHERE true
                    ON CONFLICT (id) DO UPDATE SET sequence = excluded.sequence, written = excluded.written,
                        type = excluded.type, body = excluded.body
                    """,
                    ("@epoch", epoch),
                    ("@id", persistenceId),
                    ("@sequence", snapshot.Sequence),
                    ("@written", Now()),
                    ("@type", snapshot.State.Type),
                    ("@body", snapshot.State.Json)
                );
                if (await upsert.ExecuteNonQueryAsync(stop) == 0)
                    await _fence.CheckAsync(connection, stop);
                return true;
            },
            cancellation
        );

    private static async Task<List<StoredEvent>> PageAsync(
        DbConnection connection,
        string persistenceId,
        long afterSequence,
        CancellationToken cancellation
    )
    {
        await using var select = connection.Command(
            """
            SELECT sequence, written, type, body FROM events
            WHERE id = @id AND sequence > @after ORDER BY sequence LIMIT @limit
            """,
            ("@id", persistenceId),
            ("@after", afterSequence),
            ("@limit", PageEvents)
        );
        await using var reader = await select.ExecuteReaderAsync(cancellation);
        var page = new List<StoredEvent>();
        var characters = 0;
        while (characters < PageCharacters && await reader.ReadAsync(cancellation))
        {
            var data = new EventData(reader.GetString(2), reader.GetString(3));
            var at = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1));
            page.Add(new StoredEvent(reader.GetInt64(0), at, data));
            characters += data.Json.Length;
        }
        return page;
    }

    /// <summary>One statement that inserts all events if the epoch and the expected sequence are right, otherwise none.</summary>
    private DbCommand Insert(
        DbConnection connection,
        string persistenceId,
        long expectedSequence,
        IReadOnlyList<EventData> events
    )
    {
        var command = connection.Command(
            "",
            ("@epoch", epoch),
            ("@id", persistenceId),
            ("@expected", expectedSequence),
            ("@written", Now())
        );
        var values = new StringBuilder();
        for (var i = 0; i < events.Count; i++)
        {
            values.Append($"{(i == 0 ? "" : ", ")}({i + 1}, @t{i}, @b{i})");
            command.Bind($"@t{i}", events[i].Type);
            command.Bind($"@b{i}", events[i].Json);
        }
        command.CommandText = $"""
            {_fence.With}
            INSERT INTO events (id, sequence, written, type, body)
            SELECT @id, @expected + column1, @written, column2, column3 FROM (VALUES {values}) AS added
            WHERE EXISTS (SELECT 1 FROM lease)
                AND (SELECT coalesce(max(sequence), 0) FROM events WHERE id = @id) = @expected
            """;
        return command;
    }

    private static async Task<int> InsertedAsync(DbCommand insert, CancellationToken cancellation)
    {
        const string UniqueViolation = "23505";
        try
        {
            return await insert.ExecuteNonQueryAsync(cancellation);
        }
        // Two appends of the same event at the same moment: PostgreSQL lets both look, and one insert.
        catch (DbException duplicate) when (duplicate.SqlState == UniqueViolation)
        {
            return 0;
        }
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
