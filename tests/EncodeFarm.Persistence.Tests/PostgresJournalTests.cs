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

    [Fact]
    public async Task Commits_are_synced_even_where_the_server_is_set_not_to()
    {
        await ExecuteAsync("ALTER DATABASE postgres SET synchronous_commit = off");
        await using var database = await OpenAsync();

        var value = await database.ReadAsync(
            async (connection, stop) =>
            {
                await using var command = connection.Command("SHOW synchronous_commit");
                return await command.ExecuteScalarAsync(stop);
            },
            default
        );

        value.ShouldBe("on");
    }
}
