namespace EncodeFarm.Persistence;

/// <summary>The row that says who coordinates: epoch, holder, and until when, on the database's clock.</summary>
internal sealed class LeaseTable(Database database)
{
    private readonly Dialect _dialect = database.Dialect;

    /// <summary>Begins a new epoch whoever holds the present one; for those who exclude others by other means.</summary>
    public async Task<long> SeizeAsync(string holder, CancellationToken cancellation) =>
        await UpdateAsync(
            "epoch = epoch + 1, holder = @holder, until = 0",
            [("@holder", holder)],
            cancellation
        )
        ?? throw new DatabaseUnusableException(
            "The coordinator's row is missing from the database. Restore it from a copy."
        );

    /// <summary>
    /// Begins a new epoch if the lease has run out, or is this holder's already: the answer to an earlier take may have
    /// been lost. The epoch, or null.
    /// </summary>
    /// <remarks>
    /// A take waits for writes that hold on to the epoch before. Those of a holder that was cut off in the middle of one
    /// would wait for ever, so they are ended first.
    /// </remarks>
    public async Task<long?> TakeAsync(string holder, TimeSpan term, CancellationToken cancellation)
    {
        if (_dialect.EndStuckWrites is { } endStuckWrites)
            await database.WriteAsync(
                (connection, stop) =>
                    connection.ExecuteAsync(
                        $"{endStuckWrites} AND EXISTS (SELECT 1 FROM coordinator WHERE until <= {_dialect.Now})",
                        stop
                    ),
                cancellation
            );
        return await UpdateAsync(
            $"""
            epoch = epoch + 1, holder = @holder, until = {_dialect.Now} + @term
            WHERE until <= {_dialect.Now} OR holder = @holder
            """,
            [("@holder", holder), ("@term", (long)term.TotalMilliseconds)],
            cancellation
        );
    }

    /// <summary>Whether the epoch is still the present one; then it lasts for another term.</summary>
    public async Task<bool> RenewAsync(long epoch, TimeSpan term, CancellationToken cancellation) =>
        await UpdateAsync(
            $"until = {_dialect.Now} + @term WHERE epoch = @epoch",
            [("@epoch", epoch), ("@term", (long)term.TotalMilliseconds)],
            cancellation
        )
            is not null;

    /// <summary>Lets the next one take over at once.</summary>
    public Task ReleaseAsync(long epoch, CancellationToken cancellation) =>
        UpdateAsync("until = 0 WHERE epoch = @epoch", [("@epoch", epoch)], cancellation);

    /// <summary>The epoch that the row now has, or null where the condition did not hold and nothing changed.</summary>
    private Task<long?> UpdateAsync(
        string change,
        (string Name, object Value)[] parameters,
        CancellationToken cancellation
    ) =>
        database.WriteAsync(
            async (connection, stop) =>
            {
                await using var update = connection.Command(
                    $"UPDATE coordinator SET {change} RETURNING epoch",
                    parameters
                );
                return await update.NumberAsync(stop);
            },
            cancellation
        );
}
