namespace EncodeFarm.Persistence.Tests;

public sealed class PostgresJournalTests(PostgresServer server) : JournalSpecification
{
    private string? _connectionString;

    protected override async Task<Database> OpenAsync() =>
        await PostgresDatabase.OpenAsync(
            _connectionString ??= await server.NewSchemaAsync(),
            default
        );

    // The schema goes with the server.
    protected override Task DeleteAsync() => Task.CompletedTask;
}
