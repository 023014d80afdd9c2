namespace EncodeFarm.Persistence.Tests;

public sealed class SqliteJournalTests : JournalSpecification
{
    private readonly TestDirectory _directory = new();

    protected override async Task<Database> OpenAsync() =>
        await SqliteDatabase.OpenAsync(_directory.File("a b;c'?%25#.db"), default);

    protected override Task DeleteAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    public async Task The_writer_syncs_every_commit(string pragma, string expected)
    {
        var value = await Database.WriteAsync(
            async (connection, stop) =>
            {
                await using var command = connection.Command($"PRAGMA {pragma}");
                return await command.ExecuteScalarAsync(stop);
            },
            default
        );

        $"{value}".ShouldBe(expected);
    }
}
