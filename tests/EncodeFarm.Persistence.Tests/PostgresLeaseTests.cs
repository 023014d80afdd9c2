using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Persistence.Tests;

public sealed class PostgresLeaseTests(PostgresServer server) : LeaseSpecification
{
    private static readonly TimeSpan Term = TimeSpan.FromSeconds(60);

    private string? _connectionString;

    protected override async Task<Database> OpenAsync() =>
        await PostgresDatabase.OpenAsync(
            _connectionString ??= await server.NewSchemaAsync(),
            default
        );

    // The schema goes with the server.
    protected override Task DeleteAsync() => Task.CompletedTask;

    [Fact]
    public async Task An_append_under_way_lets_a_renewal_pass_and_a_takeover_wait()
    {
        await using var database = await OpenAsync();
        var lease = new LeaseTable(database);
        (await lease.TakeAsync("holder", Term, default)).ShouldBe(1);
        await using var append = await AppendUnderWay.BeginAsync(_connectionString!, epoch: 1);

        (await lease.RenewAsync(1, Term, default)).ShouldBeTrue();
        var takeover = lease.SeizeAsync("successor", default);
        await append.BlocksAnotherAsync();
        takeover.IsCompleted.ShouldBeFalse();
        await append.CommitAsync();

        (await takeover).ShouldBe(2);
        var events = await EmbeddedStoreTests.EventsAsync(
            new SqlJournal(database, 2, TimeProvider.System),
            "video-1"
        );
        events.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_session_that_hangs_in_the_middle_of_an_append_does_not_keep_the_lease_for_ever()
    {
        await using var database = await OpenAsync();
        var lease = new LeaseTable(database);
        (await lease.TakeAsync("cut off", TimeSpan.Zero, default)).ShouldBe(1);
        await using var append = await AppendUnderWay.BeginAsync(_connectionString!, epoch: 1);
        await append.GrowOlderThanAsync(TimeSpan.FromSeconds(1));

        (await lease.TakeAsync("successor", Term, default)).ShouldBe(2);

        await Should.ThrowAsync<Exception>(append.CommitAsync);
        var events = await EmbeddedStoreTests.EventsAsync(
            new SqlJournal(database, 2, TimeProvider.System),
            "video-1"
        );
        events.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_append_that_met_a_takeover_in_progress_is_fenced()
    {
        await using var database = await OpenAsync();
        (await new LeaseTable(database).TakeAsync("holder", Term, default)).ShouldBe(1);
        await using var takeover = await AppendUnderWay.BeginAsync(
            _connectionString!,
            "UPDATE coordinator SET epoch = epoch + 1"
        );

        var append = new SqlJournal(database, 1, TimeProvider.System).AppendAsync(
            "video-1",
            0,
            [new("a.v1", "1")],
            default
        );
        await takeover.BlocksAnotherAsync();
        await takeover.CommitAsync();

        await Should.ThrowAsync<FencedException>(append);
    }

    [Fact]
    public async Task A_renewal_that_hangs_does_not_prolong_the_trust()
    {
        var holder = await CandidateAsync("holder");
        (await holder.NextAsync()).ShouldStartWith("acquired");
        await using (
            var blocker = await AppendUnderWay.BeginAsync(
                _connectionString!,
                "UPDATE coordinator SET until = until"
            )
        )
        {
            (await holder.NextAsync()).ShouldStartWith("lost The lease could not be renewed");
            await holder.TroubleAsync(trouble => trouble is TimeoutException);
            await blocker.CommitAsync();
        }

        (await holder.NextAsync()).ShouldStartWith("acquired");
    }
}
