using EncodeFarm.Actors.Persistence;
using EncodeFarm.Actors.Testing;
using Npgsql;

namespace EncodeFarm.Persistence.Tests;

/// <summary>The server goes away and comes back; these tests have one of their own, so that no other test is disturbed.</summary>
public sealed class PostgresOutageTests(PostgresOutageTests.OwnServer own)
    : IClassFixture<PostgresOutageTests.OwnServer>,
        IAsyncLifetime
{
    private readonly PostgresServer _server = own.Server;
    private string _connectionString = null!;
    private Database _database = null!;
    private SqlJournal _journal = null!;

    public async ValueTask InitializeAsync()
    {
        _connectionString = await _server.NewSchemaAsync();
        _database = await PostgresDatabase.OpenAsync(_connectionString, default);
        var epoch = await new LeaseTable(_database).SeizeAsync("test", default);
        _journal = new SqlJournal(_database, epoch, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_acknowledged_is_lost_when_the_server_ends_under_many_writers(
        bool killed
    )
    {
        var acknowledged = new int[10];
        var underWay = new TaskCompletionSource();
        var writers = Enumerable.Range(0, 10).Select(AppendUntilUnavailableAsync).ToList();
        await underWay.Task;

        await (killed ? _server.KillAsync() : _server.StopAsync());
        await Task.WhenAll(writers);
        await Should.ThrowAsync<JournalUnavailableException>(() =>
            _journal.LoadSnapshotAsync("0", default)
        );
        await _server.StartAsync();

        for (var writer = 0; writer < 10; writer++)
        {
            var events = await EmbeddedStoreTests.EventsAsync(_journal, $"{writer}");
            events.Count.ShouldBeInRange(acknowledged[writer], acknowledged[writer] + 1);
            await _journal.AppendAsync($"{writer}", events.Count, [new("after.v1", "1")], default);
        }

        async Task AppendUntilUnavailableAsync(int writer)
        {
            try
            {
                while (true)
                {
                    await _journal.AppendAsync(
                        $"{writer}",
                        acknowledged[writer],
                        [new("before.v1", "1")],
                        default
                    );
                    if (++acknowledged[writer] == 20)
                        underWay.TrySetResult();
                }
            }
            catch (JournalUnavailableException) { }
        }
    }

    [Fact]
    public async Task Connections_that_idled_through_a_restart_cost_at_most_one_failure()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 10)
                .Select(n => _journal.AppendAsync($"{n}", 0, [new("a.v1", "1")], default))
        );
        await _server.StopAsync();
        await _server.StartAsync();

        var failures = 0;
        for (var n = 0; n < 10; n++)
        {
            try
            {
                await _journal.LoadSnapshotAsync($"{n}", default);
            }
            catch (JournalUnavailableException)
            {
                failures++;
            }
        }

        failures.ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task The_lease_is_lost_in_an_outage_and_taken_as_a_new_epoch_after_it()
    {
        var (time, times) = (new ManualTimeProvider(), LeaseTimes.Default);
        var asked = new LeaseSpecification.Asked(() => true);
        await using var lease = new CoordinatorLease(
            _database,
            "holder",
            times,
            asked.MayHold,
            time
        );
        var candidate = new LeaseSpecification.Candidate(_database, lease, asked);
        (await candidate.NextAsync()).ShouldBe("acquired 2");

        await _server.KillAsync();
        time.Advance(times.Renewal);
        await candidate.TroubleAsync(trouble => trouble is JournalUnavailableException);
        candidate.HasNews.ShouldBeFalse();
        time.Advance(times.Trust - times.Renewal);
        (await candidate.NextAsync()).ShouldStartWith("lost The lease could not be renewed");
        await _server.StartAsync();
        while (!candidate.HasNews)
        {
            var next = candidate.AskedAgainAsync();
            time.Advance(times.Renewal);
            await next;
        }

        // A server that has just come back may answer a take too late, and the next one begins another epoch.
        var news = await candidate.NextAsync();
        news.ShouldStartWith("acquired ");
        long.Parse(news.Replace("acquired ", "")).ShouldBeGreaterThan(2);
        await candidate.TroubleAsync(trouble => trouble is null);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_unavailable_and_one_that_refuses_is_unusable()
    {
        var unknown = new NpgsqlConnectionStringBuilder(_connectionString) { Database = "no such" };
        (
            await Should.ThrowAsync<DatabaseUnusableException>(() =>
                PostgresDatabase.OpenAsync(unknown.ConnectionString, default)
            )
        ).Message.ShouldContain("/no such' can't be used: database \"no such\" does not exist");

        await _server.StopAsync();
        await Should.ThrowAsync<JournalUnavailableException>(() =>
            PostgresDatabase.OpenAsync(_connectionString, default)
        );
        await _server.StartAsync();
    }

    public sealed class OwnServer : IAsyncDisposable
    {
        public PostgresServer Server { get; } = new();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
