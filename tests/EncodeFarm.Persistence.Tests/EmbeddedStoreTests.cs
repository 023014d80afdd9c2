using System.Globalization;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence.Tests;

public sealed class EmbeddedStoreTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(400)]
    public async Task Every_acknowledged_event_survives_a_kill(int acknowledgements)
    {
        var acknowledged = 0L;
        using (var child = new ChildProcess(ChildRole.Append, _directory.Path))
        {
            for (var n = 0; n < acknowledgements; n++)
                acknowledged = Number(await child.ReadLineAsync());
            await child.KillAsync();
            while (await child.ReadLineAsync() is { Length: > 0 } rest)
                acknowledged = Number(rest);
        }

        await using var store = await OpenAsync();

        var events = await EventsAsync(store.Journal, "loop");
        events.Count.ShouldBeInRange((int)acknowledged, (int)acknowledged + 1);
        events.ShouldAllBe(e => e.Event.Json.StartsWith($"\"{e.Sequence} "));
        await store.Journal.AppendAsync("loop", events.Count, [new("looped.v1", "1")], default);
    }

    [Fact]
    public async Task A_second_process_is_told_who_runs_and_may_begin_when_that_one_is_killed()
    {
        using var child = new ChildProcess(ChildRole.Hold, _directory.Path);
        (await child.ReadLineAsync()).ShouldBe("held");

        var refused = await Should.ThrowAsync<AlreadyRunningException>(OpenAsync);
        refused.Pid.ShouldBe(child.Id);
        refused.Message.ShouldContain($"already running, pid {child.Id}");

        await child.KillAsync();
        await using var store = await OpenAsync();
        store.Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task The_same_process_is_refused_as_well_until_it_closes()
    {
        var first = await OpenAsync();
        (await Should.ThrowAsync<AlreadyRunningException>(OpenAsync)).Pid.ShouldBe(
            Environment.ProcessId
        );

        await first.DisposeAsync();
        await using var second = await OpenAsync();

        second.Epoch.ShouldBe(first.Epoch + 1);
    }

    [Fact]
    public async Task A_failed_opening_releases_the_lock()
    {
        File.WriteAllText(_directory.File(EmbeddedStore.FileName), new string('?', 5000));
        await Should.ThrowAsync<DatabaseUnusableException>(OpenAsync);

        using var held = JobLock.Acquire(_directory.Path);
    }

    [Fact]
    public async Task A_list_can_be_read_while_the_farm_runs()
    {
        await using var store = await OpenAsync();
        await store.Summaries.SaveAsync("video-1", "{}", default);

        await using var database = await SqliteDatabase.OpenAsync(
            _directory.File(EmbeddedStore.FileName),
            default
        );

        var list = await new JobSummaries(database, 0, TimeProvider.System).ListAsync(default);
        list.Select(s => s.PersistenceId).ShouldBe(["video-1"]);
    }

    [Fact]
    public async Task Disposing_carries_accepted_writes_through_and_refuses_later_ones()
    {
        var store = await OpenAsync();
        var accepted = Enumerable
            .Range(0, 600)
            .Select(n => store.Journal.AppendAsync($"{n}", 0, [new("a.v1", "1")], default))
            .ToList();
        await store.DisposeAsync();

        await Task.WhenAll(accepted);
        await Should.ThrowAsync<ObjectDisposedException>(() =>
            store.Journal.AppendAsync("late", 0, [new("a.v1", "1")], default)
        );
    }

    [Fact]
    public async Task Npgsql_is_not_loaded_for_SQLite()
    {
        using var child = new ChildProcess(ChildRole.ListAssemblies, _directory.Path);
        var loaded = new List<string>();
        while (await child.ReadLineAsync() is { } assembly)
            loaded.Add(assembly);

        loaded.ShouldContain("Microsoft.Data.Sqlite");
        loaded.ShouldNotContain("Npgsql");
    }

    internal static async Task<List<StoredEvent>> EventsAsync(IJournal journal, string id)
    {
        var events = new List<StoredEvent>();
        await foreach (var stored in journal.ReadAsync(id, 0, default))
            events.Add(stored);
        return events;
    }

    private static long Number(string? line) => long.Parse(line!, CultureInfo.InvariantCulture);

    private Task<EmbeddedStore> OpenAsync() =>
        EmbeddedStore.OpenAsync(_directory.Path, TimeProvider.System, default);
}
