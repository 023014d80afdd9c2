using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence.Tests;

public sealed class SqliteDamageTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string File => _directory.File("farm.db");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('?', 100_000));

        var refused = await Should.ThrowAsync<DatabaseUnusableException>(UseAsync);

        refused.Message.ShouldContain($"'{File}' is damaged or no journal at all");
        refused.Message.ShouldContain("Restore it from a copy");
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(4096)]
    [InlineData(300_000)]
    public async Task A_truncated_file_is_named(int length)
    {
        await FillAsync();
        await using (var stream = System.IO.File.OpenWrite(File))
            stream.SetLength(length);

        var refused = await Should.ThrowAsync<DatabaseUnusableException>(UseAsync);

        refused.Message.ShouldContain($"'{File}' is damaged");
    }

    [Fact]
    public async Task A_file_overwritten_in_the_middle_is_named()
    {
        await FillAsync();
        await using (var stream = System.IO.File.OpenWrite(File))
        {
            stream.Position = 4096;
            stream.Write(Enumerable.Repeat((byte)0xA5, 500_000).ToArray());
        }

        (await Should.ThrowAsync<DatabaseUnusableException>(UseAsync)).Message.ShouldContain(
            $"'{File}' is damaged"
        );
    }

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var path = _directory.File("missing/farm.db");

        var refused = await Should.ThrowAsync<DatabaseUnusableException>(() =>
            SqliteDatabase.OpenAsync(path, default)
        );

        refused.Message.ShouldContain($"'{path}' can't be opened for writing");
    }

    [Fact]
    public async Task A_full_disk_fails_the_append_and_it_works_again_when_there_is_room()
    {
        await using var database = await SqliteDatabase.OpenAsync(File, default);
        var epoch = await new LeaseTable(database).SeizeAsync("test", default);
        var journal = new SqlJournal(database, epoch, TimeProvider.System);
        EventData[] large = [new("large.v1", new string('x', 1_000_000))];

        await LimitPagesAsync(database, 50);
        await Should.ThrowAsync<JournalUnavailableException>(() =>
            journal.AppendAsync("a", 0, large, default)
        );
        await LimitPagesAsync(database, 100_000);
        await journal.AppendAsync("a", 0, large, default);

        (await EmbeddedStoreTests.EventsAsync(journal, "a")).Count.ShouldBe(1);
    }

    private static Task LimitPagesAsync(Database database, int pages) =>
        database.WriteAsync(
            (connection, stop) => connection.ExecuteAsync($"PRAGMA max_page_count = {pages}", stop),
            default
        );

    private async Task FillAsync()
    {
        await using var database = await SqliteDatabase.OpenAsync(File, default);
        var epoch = await new LeaseTable(database).SeizeAsync("test", default);
        var events = Enumerable
            .Repeat(new EventData("filled.v1", new string('x', 2000)), 500)
            .ToList();
        await new SqlJournal(database, epoch, TimeProvider.System).AppendAsync(
            "a",
            0,
            events,
            default
        );
    }

    /// <summary>Opens, reads everything and writes.</summary>
    private async Task UseAsync()
    {
        await using var database = await SqliteDatabase.OpenAsync(File, default);
        var journal = new SqlJournal(database, 1, TimeProvider.System);
        var events = await EmbeddedStoreTests.EventsAsync(journal, "a");
        await journal.AppendAsync("a", events.Count, [new("more.v1", "1")], default);
    }
}
