using System.Globalization;
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
    private static readonly LeaseTimes Patient = new(
        TimeSpan.FromMilliseconds(50),
        TimeSpan.FromMinutes(9),
        TimeSpan.FromMinutes(10)
    );

    /// <summary>On a manual clock. The database's own goes on, but not as far as this; a test moves the row's limit instead.</summary>
    private static readonly LeaseTimes Manual = Patient with { Renewal = TimeSpan.FromMinutes(1) };

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
        var (itsTime, othersTime) = (new ManualTimeProvider(), new ManualTimeProvider());
        var first = await CandidateAsync("first", itsTime, times: Manual);
        (await first.NextAsync()).ShouldBe("acquired 1");
        var second = await CandidateAsync("second", othersTime, times: Manual);

        await RenewsAndKeepsAsync(first, itsTime, second, othersTime);

        first.Lease.Epoch.ShouldBe(1);
        first.Lease.Trouble.ShouldBeNull();
        first.HasNews.ShouldBeFalse();
        second.Lease.Epoch.ShouldBeNull();
        second.HasNews.ShouldBeFalse();
    }

    [Fact]
    public async Task Letting_go_hands_it_over_at_once()
    {
        // The handover would take ten minutes if it were not released.
        var first = await CandidateAsync("first", times: Patient);
        (await first.NextAsync()).ShouldBe("acquired 1");
        await first.Lease.DisposeAsync();
        first.Lease.Epoch.ShouldBeNull();

        var second = await CandidateAsync("second", times: Patient);

        (await second.NextAsync()).ShouldBe("acquired 2");
    }

    [Fact]
    public async Task A_stopped_holder_is_replaced_and_finds_itself_fenced_when_it_goes_on()
    {
        var itsTime = new ManualTimeProvider();
        var stopped = await CandidateAsync("stopped", itsTime, times: Manual);
        (await stopped.NextAsync()).ShouldBe("acquired 1");
        var journal = new SqlJournal(stopped.Database, 1, itsTime);
        await journal.AppendAsync("video-1", 0, [new("a.v1", "1")], default);

        var standby = await CandidateAsync("standby", times: Patient);
        await MoveLimitAsync(standby.Database, by: -Manual.Term);
        (await standby.NextAsync()).ShouldBe("acquired 2");

        await Should.ThrowAsync<FencedException>(() =>
            journal.AppendAsync("video-1", 1, [new("stale.v1", "1")], default)
        );
        itsTime.Advance(Manual.Trust);
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
        var (itsTime, othersTime) = (new ManualTimeProvider(), new ManualTimeProvider());
        var may = true;
        var cutOff = await CandidateAsync(
            "cut off from the broker",
            itsTime,
            () => Volatile.Read(ref may),
            Manual
        );
        (await cutOff.NextAsync()).ShouldBe("acquired 1");
        var standby = await CandidateAsync("standby", othersTime, times: Manual);

        Volatile.Write(ref may, false);
        itsTime.Advance(Manual.Trust);

        (await cutOff.NextAsync()).ShouldStartWith("lost");
        await MoveLimitAsync(standby.Database, by: -Manual.Term);
        othersTime.Advance(Manual.Renewal);
        (await standby.NextAsync()).ShouldBe("acquired 2");
        Volatile.Write(ref may, true);
        await RenewsAndKeepsAsync(standby, othersTime, cutOff, itsTime);
        standby.Lease.Epoch.ShouldBe(2);
        cutOff.HasNews.ShouldBeFalse();
    }

    [Fact]
    public async Task A_holder_whose_trust_ran_out_begins_a_new_epoch_without_waiting_for_its_old_term()
    {
        var (time, may) = (new ManualTimeProvider(), true);
        var alone = await CandidateAsync("alone", time, () => Volatile.Read(ref may), Manual);
        (await alone.NextAsync()).ShouldBe("acquired 1");
        Volatile.Write(ref may, false);
        time.Advance(Manual.Trust);
        (await alone.NextAsync()).ShouldStartWith("lost");
        Volatile.Write(ref may, true);
        time.Advance(Manual.Renewal);

        (await alone.NextAsync()).ShouldBe("acquired 2");
    }

    [Fact]
    public async Task An_epoch_that_was_taken_away_is_lost_at_the_next_renewal()
    {
        var holder = await CandidateAsync("holder", times: Patient);
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
            var holder = candidates[chosen];
            Volatile.Write(ref may[chosen], true);
            var news = new List<string> { await holder.NextAsync() };
            candidates.Count(c => c.Lease.Epoch is not null).ShouldBeLessThanOrEqualTo(1);
            Volatile.Write(ref may[chosen], false);
            // Where this process stood still meanwhile, it may have lost it and taken it again.
            await holder.AskedAgainAsync();
            while (holder.HasNews || !news[^1].StartsWith("lost"))
                news.Add(await holder.NextAsync());
            foreach (var epoch in news.Where(n => n.StartsWith("acquired ")).Select(EpochOf))
            {
                epoch.ShouldBeGreaterThan(last);
                last = epoch;
            }
        }

        static long EpochOf(string acquired) =>
            long.Parse(acquired.Replace("acquired ", ""), CultureInfo.InvariantCulture);
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
        var asked = new Asked(mayHold ?? (() => true));
        var lease = new CoordinatorLease(
            database,
            name,
            times ?? Quick,
            asked.MayHold,
            time ?? TimeProvider.System
        );
        _opened.Add(lease);
        return new Candidate(database, lease, asked);
    }

    /// <summary>Time goes by, more than a term in all: the holder renews each time, and the other one tries to take it.</summary>
    private static async Task RenewsAndKeepsAsync(
        Candidate holder,
        ManualTimeProvider itsTime,
        Candidate other,
        ManualTimeProvider othersTime
    )
    {
        for (var past = TimeSpan.Zero; past < 1.25 * Manual.Term; past += Manual.Renewal)
        {
            var limit = await MoveLimitAsync(holder.Database, by: -Manual.Renewal);
            itsTime.Advance(Manual.Renewal);
            await SoonAsync(async () => await LimitAsync(holder.Database) > limit);
            var tries = other.AskedAgainAsync();
            othersTime.Advance(Manual.Renewal);
            await tries;
        }
        // The last try is over when the next one begins.
        var next = other.AskedAgainAsync();
        othersTime.Advance(Manual.Renewal);
        await next;
    }

    /// <summary>Moves the row's time limit: where it is brought nearer, the database's clock seems to have gone on.</summary>
    /// <returns>What it is then.</returns>
    private static async Task<long?> MoveLimitAsync(Database database, TimeSpan by)
    {
        await database.WriteAsync(
            (connection, stop) =>
                connection.ExecuteAsync(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"UPDATE coordinator SET until = until + {(long)by.TotalMilliseconds}"
                    ),
                    stop
                ),
            default
        );
        return await LimitAsync(database);
    }

    private static async Task SoonAsync(Func<Task<bool>> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isTrue())
            await Task.Delay(10, limit.Token);
    }

    private static Task<long?> LimitAsync(Database database) =>
        database.ReadAsync(
            async (connection, stop) =>
            {
                await using var select = connection.Command("SELECT until FROM coordinator");
                return await select.NumberAsync(stop);
            },
            default
        );

    /// <summary>Counts how often a lease has asked whether it may be held: before each of its attempts, one after the other.</summary>
    internal sealed class Asked(Func<bool> mayHold)
    {
        private int _times;

        public int Times => Volatile.Read(ref _times);

        public bool MayHold()
        {
            Interlocked.Increment(ref _times);
            return mayHold();
        }
    }

    /// <summary>A lease with what it tells, in order.</summary>
    internal sealed class Candidate
    {
        private readonly Channel<string> _news = Channel.CreateUnbounded<string>();

        private readonly Asked _asked;

        public Candidate(Database database, CoordinatorLease lease, Asked asked)
        {
            Database = database;
            Lease = lease;
            _asked = asked;
            lease.Acquired += epoch => _news.Writer.TryWrite($"acquired {epoch}");
            lease.Lost += reason => _news.Writer.TryWrite($"lost {reason}");
            lease.Start();
        }

        public Database Database { get; }

        public CoordinatorLease Lease { get; }

        public bool HasNews => _news.Reader.Count > 0;

        public async Task<string> NextAsync() =>
            await _news.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

        /// <summary>Waits until it begins another attempt than the present one, if there is one: that is over then.</summary>
        public async Task AskedAgainAsync()
        {
            var before = _asked.Times;
            await SoonAsync(() => Task.FromResult(_asked.Times > before));
        }

        /// <summary>Waits for what keeps it from renewing: the trust may run out before a renewal has failed, and news come before it is over.</summary>
        public async Task TroubleAsync(Predicate<Exception?> isIt)
        {
            await SoonAsync(() => Task.FromResult(isIt(Lease.Trouble)));
        }
    }
}
