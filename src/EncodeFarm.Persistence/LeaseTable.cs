namespace EncodeFarm.Persistence;

/// <summary>The row that says who coordinates: epoch, holder, and until when, on the database's clock.</summary>
internal sealed class LeaseTable(Database database)
{
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
