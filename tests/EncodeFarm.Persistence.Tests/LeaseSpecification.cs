using System.Threading.Channels;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Persistence.Tests;

/// <summary>
/// What the coordinator's lease promises, whatever database is underneath. A manual clock that is not moved stands for a
/// process that was stopped: nothing of it runs, and its time goes by without it.
/// </summary>
public abstract class LeaseSpecification : IAsyncLifetime
{
    private static readonly LeaseTimes Quick = new(
        TimeSpan.FromMilliseconds(50),
        TimeSpan.FromMilliseconds(1000),
        TimeSpan.FromMilliseconds(1200)
    );

    /// <summary>
    /// For tests in which nobody may lose it, and for those that count epochs: on a busy machine a renewal can take longer
    /// than a short trust lasts, and a take that is answered too late uses up an epoch.
    /// </summary>
    private static readonly LeaseTimes Calm = new(
        TimeSpan.FromMilliseconds(50),
        TimeSpan.FromSeconds(4),
        TimeSpan.FromSeconds(5)
    );

    private readonly List<IAsyncDisposable> _opened = [];

    /// <summary>Opens this test's own database, each time the same one.</summary>
    protected abstract Task<Database> OpenAsync();

    protected abstract Task DeleteAsync();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in Enumerable.Reverse(_opened))
            await opened.DisposeAsync();
        await DeleteAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task The_first_candidate_takes_it_and_keeps_it_by_renewing()
    {
        // A disk may stand still for longer than the trust lasts, but not three times.
        var kept = false;
        for (var trial = 0; trial < 3 && !kept; trial++)
        {
            var first = await CandidateAsync("first", times: Calm);
            (await first.NextAsync()).ShouldStartWith("acquired");
            var second = await CandidateAsync("second", times: Calm);

            await UntilIsMovedAsync(first.Database, by: 1.25 * Calm.Term);

            kept =
                first is { HasNews: false, Lease: { Epoch: not null, Trouble: null } }
                && second is { HasNews: false, Lease.Epoch: null };
            await first.Lease.DisposeAsync();
            await second.Lease.DisposeAsync();
        }
        kept.ShouldBeTrue();
    }

    [Fact]
    public async Task Letting_go_hands_it_over_at_once()
    {
        // The handover would take a minute if it were not released.
        var times = new LeaseTimes(
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(50),
            TimeSpan.FromSeconds(60)
        );
        var first = await CandidateAsync("first", times: times);
        (await first.NextAsync()).ShouldBe("acquired 1");
        await first.Lease.DisposeAsync();
        first.Lease.Epoch.ShouldBeNull();

        var started = TimeProvider.System.GetTimestamp();
        var second = await CandidateAsync("second", times: times);

        (await second.NextAsync()).ShouldBe("acquired 2");
        TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_stopped_holder_is_replaced_and_finds_itself_fenced_when_it_goes_on()
    {
        var itsTime = new ManualTimeProvider();
        var stopped = await CandidateAsync("stopped", time: itsTime);
        (await stopped.NextAsync()).ShouldBe("acquired 1");
        var journal = new SqlJournal(stopped.Database, 1, itsTime);
        await journal.AppendAsync("video-1", 0, [new("a.v1", "1")], default);

        var standby = await CandidateAsync("standby", times: Calm);
        (await standby.NextAsync()).ShouldBe("acquired 2");

        await Should.ThrowAsync<FencedException>(() =>
            journal.AppendAsync("video-1", 1, [new("stale.v1", "1")], default)
        );
        itsTime.Advance(Quick.Trust);
        stopped.Lease.Epoch.ShouldBeNull();
        (await stopped.NextAsync()).ShouldStartWith("lost");
    }

    [Fact]
    public async Task The_trust_runs_out_to_the_tick_after_sending_the_last_renewal()
    {
        var time = new ManualTimeProvider();
        var may = true;
        var candidate = await CandidateAsync("holder", time: time, mayHold: () => may);
        (await candidate.NextAsync()).ShouldBe("acquired 1");
        may = false;

        time.Advance(Quick.Trust - TimeSpan.FromTicks(1));
        candidate.Lease.Epoch.ShouldBe(1);
        candidate.HasNews.ShouldBeFalse();

        time.Advance(TimeSpan.FromTicks(1));
        candidate.Lease.Epoch.ShouldBeNull();
        (await candidate.NextAsync()).ShouldBe("lost The lease could not be renewed for 1 s.");
    }

    [Fact]
    public async Task Who_may_not_hold_loses_it_to_one_who_may_and_does_not_take_it_back()
    {
        var may = true;
        var cutOff = await CandidateAsync(
            "cut off from the broker",
            mayHold: () => may,
            times: Calm
        );
        (await cutOff.NextAsync()).ShouldBe("acquired 1");
        var standby = await CandidateAsync("standby", times: Calm);

        may = false;

        (await cutOff.NextAsync()).ShouldStartWith("lost");
        (await standby.NextAsync()).ShouldBe("acquired 2");
        may = true;
        await UntilIsMovedAsync(standby.Database, by: 1.25 * Calm.Term);
        standby.Lease.Epoch.ShouldBe(2);
        cutOff.HasNews.ShouldBeFalse();
    }

    [Fact]
    public async Task A_holder_whose_trust_ran_out_begins_a_new_epoch_without_waiting_for_its_old_term()
    {
        var may = true;
        var alone = await CandidateAsync("alone", mayHold: () => may, times: Calm);
        (await alone.NextAsync()).ShouldBe("acquired 1");
        may = false;
        (await alone.NextAsync()).ShouldStartWith("lost");
        may = true;

        (await alone.NextAsync()).ShouldBe("acquired 2");
    }

    [Fact]
    public async Task An_epoch_that_was_taken_away_is_lost_at_the_next_renewal()
    {
        var holder = await CandidateAsync("holder", times: Calm);
        (await holder.NextAsync()).ShouldBe("acquired 1");

        await new LeaseTable(holder.Database).SeizeAsync("administrator", default);

        (await holder.NextAsync()).ShouldBe("lost Another coordinator has taken over.");
        (await holder.NextAsync()).ShouldBe("acquired 3");
    }

    [Fact]
    public async Task There_are_never_two_at_once_and_every_epoch_is_higher()
    {
        const int Candidates = 4;
        var random = new Random(20);
        var may = new bool[Candidates];
        var candidates = new List<Candidate>();
        for (var n = 0; n < Candidates; n++)
        {
            var index = n;
            candidates.Add(
                await CandidateAsync($"{n}", mayHold: () => Volatile.Read(ref may[index]))
            );
        }

        for (var (round, last) = (0, 0L); round < 4; round++)
        {
            var chosen = random.Next(Candidates);
            may[chosen] = true;
            var news = await candidates[chosen].NextAsync();
            candidates.Count(c => c.Lease.Epoch is not null).ShouldBeLessThanOrEqualTo(1);
            var epoch = long.Parse(news.Replace("acquired ", ""));
            epoch.ShouldBeGreaterThan(last);
            last = epoch;
            may[chosen] = false;
            (await candidates[chosen].NextAsync()).ShouldStartWith("lost");
        }
    }

    [Theory]
    [InlineData(0, 4, 5)]
    [InlineData(4, 4, 5)]
    [InlineData(1, 5, 5)]
    public async Task Times_that_are_out_of_order_are_refused(int renewal, int trust, int term)
    {
        var times = new LeaseTimes(
            TimeSpan.FromSeconds(renewal),
            TimeSpan.FromSeconds(trust),
            TimeSpan.FromSeconds(term)
        );

        await Should.ThrowAsync<ArgumentException>(() => CandidateAsync("x", times: times));
    }

    internal async Task<Candidate> CandidateAsync(
        string name,
        TimeProvider? time = null,
        Func<bool>? mayHold = null,
        LeaseTimes? times = null
    )
    {
        var database = await OpenAsync();
        _opened.Add(database);
        var lease = new CoordinatorLease(
            database,
            name,
            times ?? Quick,
            mayHold ?? (() => true),
            time ?? TimeProvider.System
        );
        _opened.Add(lease);
        return new Candidate(database, lease);
    }

    /// <summary>Returns when the row's time limit, seen from now, has been moved so far.</summary>
    private static async Task UntilIsMovedAsync(Database database, TimeSpan by)
    {
        var from = await UntilAsync(database);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(Quick.Renewal);
        while (await UntilAsync(database) < from + by.TotalMilliseconds)
            await look.WaitForNextTickAsync(limit.Token);
    }

    private static Task<long?> UntilAsync(Database database) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                await using var select = connection.Command("SELECT until FROM coordinator");
                return await select.NumberAsync(stop);
            },
            default
        );

    /// <summary>A lease with what it tells, in order.</summary>
    internal sealed class Candidate
    {
        private readonly Channel<string> _news = Channel.CreateUnbounded<string>();

        public Candidate(Database database, CoordinatorLease lease)
        {
            Database = database;
            Lease = lease;
            lease.Acquired += epoch => _news.Writer.TryWrite($"acquired {epoch}");
            lease.Lost += reason => _news.Writer.TryWrite($"lost {reason}");
            lease.Start();
        }

        public Database Database { get; }

        public CoordinatorLease Lease { get; }

        public bool HasNews => _news.Reader.Count > 0;

        public async Task<string> NextAsync() =>
            await _news.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        /// <summary>Waits for what keeps it from renewing: the trust may run out before a renewal has failed, and news come before it is over.</summary>
        public async Task TroubleAsync(Predicate<Exception?> isIt)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            using var look = new PeriodicTimer(Quick.Renewal);
            while (!isIt(Lease.Trouble))
                await look.WaitForNextTickAsync(limit.Token);
        }
    }
}
