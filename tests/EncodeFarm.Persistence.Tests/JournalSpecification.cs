using System.Text.Json;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence.Tests;

/// <summary>What a journal promises, whatever database is underneath.</summary>
public abstract class JournalSpecification : IAsyncLifetime
{
    private const string Id = "video-1";

    protected Database Database { get; private set; } = null!;
    private SqlJournal Journal { get; set; } = null!;
    private long Epoch { get; set; }

    /// <summary>Opens this test's own database, each time the same one.</summary>
    protected abstract Task<Database> OpenAsync();

    protected abstract Task DeleteAsync();

    public async ValueTask InitializeAsync()
    {
        Database = await OpenAsync();
        Epoch = await SeizeAsync();
        Journal = new SqlJournal(Database, Epoch, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await DeleteAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_unknown_id_has_no_events_and_no_snapshot()
    {
        (await EventsAsync(Id)).ShouldBeEmpty();
        (await Journal.LoadSnapshotAsync(Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Events_are_read_in_order_and_numbered_from_one()
    {
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-1);
        await Journal.AppendAsync(Id, 0, [Event("a"), Event("b")], default);
        await Journal.AppendAsync(Id, 2, [Event("c")], default);

        var events = await EventsAsync(Id);

        events.Select(e => e.Sequence).ShouldBe([1L, 2L, 3L]);
        events.Select(e => e.Event).ShouldBe([Event("a"), Event("b"), Event("c")]);
        events.ShouldAllBe(e => e.At >= before && e.At <= DateTimeOffset.UtcNow);
        (await EventsAsync(Id, after: 2)).Select(e => e.Event).ShouldBe([Event("c")]);
        (await EventsAsync(Id, after: 3)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Appending_nothing_changes_nothing()
    {
        await Journal.AppendAsync(Id, 7, [], default);
        (await EventsAsync(Id)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Another_expected_end_is_a_conflict_and_writes_nothing(long expected)
    {
        await Journal.AppendAsync(Id, 0, [Event("a"), Event("b")], default);

        await Should.ThrowAsync<SequenceConflictException>(() =>
            Journal.AppendAsync(Id, expected, [Event("c"), Event("d")], default)
        );

        (await EventsAsync(Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Of_many_that_append_the_same_event_one_succeeds()
    {
        var attempts = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(n => TryAppendAsync(Id, 0, $"{n}"))
        );

        attempts.Count(succeeded => succeeded).ShouldBe(1);
        (await EventsAsync(Id)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Many_actors_append_at_once_and_each_finds_its_own_events()
    {
        const int Actors = 40;
        const int Events = 25;

        await Task.WhenAll(Enumerable.Range(0, Actors).Select(AppendAllAsync));

        for (var actor = 0; actor < Actors; actor++)
        {
            var events = await EventsAsync($"video-{actor}");
            events
                .Select(e => e.Event)
                .ShouldBe(Enumerable.Range(0, Events).Select(n => Event($"{actor}/{n}")));
        }

        async Task AppendAllAsync(int actor)
        {
            for (var n = 0; n < Events; n++)
                await Journal.AppendAsync($"video-{actor}", n, [Event($"{actor}/{n}")], default);
        }
    }

    [Fact]
    public async Task A_takeover_fences_the_old_writer()
    {
        await Journal.AppendAsync(Id, 0, [Event("old")], default);
        var successor = new SqlJournal(Database, await SeizeAsync(), TimeProvider.System);

        await Should.ThrowAsync<FencedException>(() =>
            Journal.AppendAsync(Id, 1, [Event("stale")], default)
        );
        await Should.ThrowAsync<FencedException>(() =>
            Journal.AppendAsync(Id, 9, [Event("stale")], default)
        );
        await Should.ThrowAsync<FencedException>(() =>
            Journal.SaveSnapshotAsync(Id, new StoredSnapshot(1, Event("stale")), default)
        );
        await Should.ThrowAsync<FencedException>(() =>
            new JobSummaries(Database, Epoch, TimeProvider.System).SaveAsync(Id, "{}", default)
        );
        await successor.AppendAsync(Id, 1, [Event("new")], default);

        (await EventsAsync(Id)).Select(e => e.Event).ShouldBe([Event("old"), Event("new")]);
        (await Journal.LoadSnapshotAsync(Id, default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_takeover_in_the_midst_of_appends_splits_them_cleanly()
    {
        var acknowledged = new int[8];
        var underWay = new TaskCompletionSource();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var writers = Enumerable.Range(0, 8).Select(AppendUntilFencedAsync).ToList();
        await underWay.Task.WaitAsync(limit.Token);
        var successorEpoch = await SeizeAsync();
        var counts = new List<int>();
        for (var n = 0; n < 8; n++)
            counts.Add((await EventsAsync($"w{n}")).Count);
        await Task.WhenAll(writers);

        successorEpoch.ShouldBe(Epoch + 1);
        for (var n = 0; n < 8; n++)
        {
            (await EventsAsync($"w{n}")).Count.ShouldBe(counts[n], "written after the takeover");
            acknowledged[n].ShouldBe(counts[n]);
        }

        async Task AppendUntilFencedAsync(int writer)
        {
            try
            {
                while (!limit.IsCancellationRequested)
                {
                    await Journal.AppendAsync(
                        $"w{writer}",
                        acknowledged[writer],
                        [Event("x")],
                        default
                    );
                    if (++acknowledged[writer] == 5)
                        underWay.TrySetResult();
                }
            }
            catch (FencedException) { }
        }
    }

    [Fact]
    public async Task A_snapshot_is_replaced_and_the_events_stay()
    {
        await Journal.AppendAsync(Id, 0, [Event("a"), Event("b")], default);
        await Journal.SaveSnapshotAsync(Id, new StoredSnapshot(1, Event("one")), default);
        await Journal.SaveSnapshotAsync(Id, new StoredSnapshot(2, Event("two")), default);

        (await Journal.LoadSnapshotAsync(Id, default)).ShouldBe(
            new StoredSnapshot(2, Event("two"))
        );
        (await EventsAsync(Id)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Any_text_comes_back_as_it_was()
    {
        var id = "видео 'x'; DROP TABLE events; -- \"%_\\ 影片 🎬";
        var text = JsonSerializer.Serialize("\0 \u0001 \r\n \u2028 é 影片 🎬 \\ ' \" {}");
        EventData[] events =
        [
            new("späte-änderung.v1", text),
            new("plain.v1", "{ \"keep\" :  [1,2] }\n"),
        ];

        await Journal.AppendAsync(id, 0, events, default);

        (await EventsAsync(id)).Select(e => e.Event).ShouldBe(events);
    }

    [Fact]
    public async Task Large_events_come_back_whole()
    {
        var large = Enumerable
            .Range(0, 5)
            .Select(n => Event(new string((char)('a' + n), 3_000_000)))
            .ToList();

        await Journal.AppendAsync(Id, 0, large, default);

        (await EventsAsync(Id)).Select(e => e.Event).SequenceEqual(large).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_events_are_appended_at_once_and_read_in_pages()
    {
        var many = Enumerable.Range(1, 2500).Select(n => Event($"{n}")).ToList();

        await Journal.AppendAsync(Id, 0, many, default);

        (await EventsAsync(Id)).Select(e => e.Event).ShouldBe(many);
    }

    [Fact]
    public async Task Summaries_are_replaced_found_and_listed()
    {
        var summaries = new JobSummaries(Database, Epoch, TimeProvider.System);
        await summaries.SaveAsync("b", """{"state":"encoding"}""", default);
        await summaries.SaveAsync("a", """{"state":"queued"}""", default);
        await summaries.SaveAsync("b", """{"state":"done"}""", default);

        (await summaries.FindAsync("b", default))!.Json.ShouldBe("""{"state":"done"}""");
        (await summaries.FindAsync("c", default)).ShouldBeNull();
        (await summaries.ListAsync(default)).Select(s => s.PersistenceId).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task A_cancelled_append_writes_nothing_and_a_cancelled_read_ends()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Should.ThrowAsync<OperationCanceledException>(() =>
            Journal.AppendAsync(Id, 0, [Event("a")], cancelled)
        );
        await Should.ThrowAsync<OperationCanceledException>(() =>
            Journal.LoadSnapshotAsync(Id, cancelled)
        );

        (await EventsAsync(Id)).ShouldBeEmpty();
        await Journal.AppendAsync(Id, 0, [Event("a")], default);
    }

    [Fact]
    public async Task An_append_cancelled_at_any_moment_is_told_truly()
    {
        var written = 0;
        for (var n = 0; n < 60; n++)
        {
            using var cancel = new CancellationTokenSource();
            var append = Journal.AppendAsync(Id, written, [Event($"{n}")], cancel.Token);
            if (n % 3 != 0)
                _ = Task.Run(cancel.Cancel);
            try
            {
                await append;
                written++;
            }
            catch (OperationCanceledException) { }
            (await EventsAsync(Id)).Count.ShouldBe(written);
        }
    }

    [Fact]
    public async Task Everything_is_there_after_opening_again()
    {
        await Journal.AppendAsync(Id, 0, [Event("a")], default);
        await using var again = await OpenAsync();
        var journal = new SqlJournal(again, Epoch, TimeProvider.System);

        await journal.AppendAsync(Id, 1, [Event("b")], default);

        (await EventsAsync(Id)).Select(e => e.Event).ShouldBe([Event("a"), Event("b")]);
    }

    [Fact]
    public async Task A_newer_format_is_refused_by_name()
    {
        await ExecuteAsync("UPDATE farm_schema SET version = 99");

        var refused = await Should.ThrowAsync<DatabaseUnusableException>(OpenAsync);

        refused.Message.ShouldContain("newer program");
        refused.Message.ShouldContain("99");
    }

    [Fact]
    public async Task A_hole_in_the_journal_is_reported_rather_than_replayed()
    {
        await Journal.AppendAsync(Id, 0, [Event("a"), Event("b"), Event("c")], default);
        await ExecuteAsync("DELETE FROM events WHERE sequence = 2");

        var reported = await Should.ThrowAsync<UnreadableJournalException>(() => EventsAsync(Id));

        reported.Message.ShouldContain("Event 2 of 'video-1' is missing");
    }

    protected static EventData Event(string text) =>
        new("tested.v1", JsonSerializer.Serialize(text));

    protected async Task ExecuteAsync(string sql) =>
        await Database.WriteAsync(
            (connection, stop) => connection.ExecuteAsync(sql, stop),
            default
        );

    private Task<long> SeizeAsync() => new LeaseTable(Database).SeizeAsync("test", default);

    private async Task<List<StoredEvent>> EventsAsync(string id, long after = 0)
    {
        var events = new List<StoredEvent>();
        await foreach (var stored in Journal.ReadAsync(id, after, default))
            events.Add(stored);
        return events;
    }

    private async Task<bool> TryAppendAsync(string id, long expected, string text)
    {
        try
        {
            await Journal.AppendAsync(id, expected, [Event(text)], default);
            return true;
        }
        catch (SequenceConflictException)
        {
            return false;
        }
    }
}
