using System.Globalization;
using System.Runtime.CompilerServices;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class PersistentActorTests
{
    [Fact]
    public async Task A_crash_around_any_append_loses_no_event_and_recovers_to_the_journals_truth()
    {
        const int commands = 25;
        foreach (var snapshotEvery in new[] { 1, 3, 100 })
        foreach (var written in new[] { false, true })
            for (var crashAt = 1; crashAt <= commands; crashAt++)
            {
                await using var fixture = new Fixture();
                var journal = new FlakyJournal();
                journal.CrashAt(crashAt, written);
                var account = Spawn(fixture, journal, snapshotEvery);
                for (var i = 1; i <= commands; i++)
                    account.Tell(new Add(i, i + 100));
                await fixture.RunDryAsync();

                // The command whose append failed is dropped; it took effect only if it was written.
                var expected = Enumerable
                    .Range(1, commands)
                    .Where(i => written || i != crashAt)
                    .SelectMany(i => new[] { i, i + 100 })
                    .ToArray();
                (await StateAsync(account)).ShouldBe(string.Join(' ', expected));
                fixture.Info("/user/account").Restarts.ShouldBe(1);

                await fixture.System.StopAsync(account);
                var again = Spawn(fixture, journal, snapshotEvery);
                (await StateAsync(again)).ShouldBe(string.Join(' ', expected));
            }
    }

    [Fact]
    public async Task Messages_wait_until_the_recovery_is_over()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal();
        await journal.AppendAsync("account", 0, [new EventData("added.v1", "7")], default);
        var reading = journal.HoldReads();
        var probe = new TestProbe<string>();
        var account = Spawn(fixture, journal, recovered: state => probe.Tell($"recovered {state}"));
        account.Tell(new Get(probe));
        account.Tell(new Add(8));
        account.Tell(new Get(probe));
        fixture.Info("/user/account").State.ShouldBe(ActorState.Starting);
        probe.Count.ShouldBe(0);
        reading.SetResult();
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["recovered 7", "7", "7 8"]);
    }

    [Fact]
    public async Task A_recovery_that_fails_is_tried_again_and_messages_wait()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal { FailingReads = 3 };
        var account = Spawn(fixture, journal);
        account.Tell(new Add(1));
        await fixture.RunDryAsync();

        (await StateAsync(account)).ShouldBe("1");
        fixture.Info("/user/account").Restarts.ShouldBe(3);
    }

    [Fact]
    public async Task A_snapshot_shortens_the_replay()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal();
        var account = Spawn(fixture, journal, snapshotEvery: 10);
        account.Tell(new Add(Enumerable.Range(1, 25).ToArray()));
        account.Tell(new Add(26));
        (await StateAsync(account)).ShouldEndWith(" 25 26");
        (await journal.LoadSnapshotAsync("account", default))!.Sequence.ShouldBe(25);
        await fixture.System.StopAsync(account);

        (await StateAsync(Spawn(fixture, journal, snapshotEvery: 10))).ShouldEndWith(" 25 26");
        journal.EventsRead.ShouldBe(1);
    }

    [Fact]
    public async Task An_unreadable_snapshot_means_a_full_replay()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal();
        var account = Spawn(fixture, journal, snapshotEvery: 2);
        account.Tell(new Add(1, 2, 3));
        await StateAsync(account);
        await fixture.System.StopAsync(account);
        var snapshot = await journal.LoadSnapshotAsync("account", default);
        await journal.SaveSnapshotAsync(
            "account",
            snapshot! with
            {
                State = new EventData("state.v0", "?"),
            },
            default
        );

        account = Spawn(fixture, journal, snapshotEvery: 2);
        (await StateAsync(account)).ShouldBe("1 2 3");
        journal.EventsRead.ShouldBe(3);
        fixture
            .Log.Single()
            .Text.ShouldBe("The snapshot at event 3 can't be read: all events are replayed.");
        account.Tell(new Add(4));
        (await StateAsync(account)).ShouldBe("1 2 3 4");
    }

    [Fact]
    public async Task A_snapshot_that_can_not_be_written_is_only_logged()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal { FailingSnapshots = true };
        var account = Spawn(fixture, journal, snapshotEvery: 1);
        account.Tell(new Add(1));
        account.Tell(new Add(2));

        (await StateAsync(account)).ShouldBe("1 2");
        fixture.Info("/user/account").Restarts.ShouldBe(0);
        fixture
            .Log.Select(entry => entry.Text)
            .ShouldBe([
                "No snapshot at event 1: the next recovery takes longer.",
                "No snapshot at event 2: the next recovery takes longer.",
            ]);
    }

    [Fact]
    public async Task A_second_writer_makes_it_recover_to_what_is_written()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal();
        var account = Spawn(fixture, journal);
        account.Tell(new Add(1));
        await StateAsync(account);
        await journal.AppendAsync("account", 1, [new EventData("added.v1", "50")], default);
        account.Tell(new Add(2));
        account.Tell(new Add(3));
        await fixture.RunDryAsync();

        (await StateAsync(account)).ShouldBe("1 50 3");
        fixture.Log.Single().Error.ShouldBeOfType<SequenceConflictException>();
    }

    [Fact]
    public async Task A_fenced_writer_stops_for_good()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal { Fenced = true };
        Spawn(fixture, journal).Tell(new Add(1));
        await fixture.RunDryAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.Single().Error.ShouldBeOfType<FencedException>();
    }

    [Fact]
    public async Task A_gap_in_the_journal_stops_it_for_good()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal { SkippedEvent = 2 };
        await journal.AppendAsync(
            "account",
            0,
            [.. Enumerable.Range(1, 3).Select(i => new EventData("added.v1", $"{i}"))],
            default
        );
        Spawn(fixture, journal);
        await fixture.RunDryAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.Single().Error!.Message.ShouldContain("has event 3 after event 1");
    }

    [Fact]
    public async Task An_event_that_can_not_be_read_stops_it_for_good()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal();
        EventData[] events = [new("added.v1", "1"), new("added.v1", "one")];
        await journal.AppendAsync("account", 0, events, default);
        Spawn(fixture, journal);
        await fixture.RunDryAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture
            .Log.Single()
            .Error.ShouldBeOfType<UnreadableJournalException>()
            .Message.ShouldStartWith("Event 2 of 'account' can't be read: ");
    }

    [Fact]
    public async Task A_stop_does_not_cut_off_an_append()
    {
        await using var fixture = new Fixture();
        var journal = new FlakyJournal();
        var account = Spawn(fixture, journal);
        await StateAsync(account);
        var appending = journal.HoldAppends();
        var answers = new TestProbe<string>();
        account.Tell(new Add(1) { Done = answers });
        await journal.AppendBegun.WaitAsync(TestProbe<int>.Patience);
        var stopped = fixture.System.StopAsync(account);
        stopped.IsCompleted.ShouldBeFalse();
        appending.SetResult();
        await stopped;

        (await answers.ReceiveAsync()).ShouldBe("1");
        journal.EventsOf("account").Count.ShouldBe(1);
    }

    private static IActorRef<ICommand> Spawn(
        Fixture fixture,
        FlakyJournal journal,
        int snapshotEvery = 200,
        Action<string>? recovered = null
    ) => fixture.System.Spawn("account", () => new Account(journal, snapshotEvery, recovered));

    private static async Task<string> StateAsync(IActorRef<ICommand> account)
    {
        var probe = new TestProbe<string>();
        account.Tell(new Get(probe));
        return await probe.ReceiveAsync();
    }

    private interface ICommand;

    private sealed record Add(params int[] Numbers) : ICommand
    {
        public IActorRef<string>? Done { get; init; }
    }

    private sealed record Get(IActorRef<string> ReplyTo) : ICommand;

    /// <summary>Its state is the list of all numbers, so that each loss, repetition and disorder shows.</summary>
    private sealed class Account(IJournal journal, int snapshotEvery, Action<string>? recovered)
        : PersistentActor<ICommand, string, int>(
            "account",
            journal,
            Codec.One,
            Codec.One,
            "",
            snapshotEvery
        )
    {
        protected override string Apply(string state, int number) =>
            FormattableString.Invariant($"{state} {number}").TrimStart();

        protected override ValueTask RecoveredAsync()
        {
            Sequence.ShouldBe(State.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
            recovered?.Invoke(State);
            return ValueTask.CompletedTask;
        }

        protected override async ValueTask ReceiveAsync(ICommand message)
        {
            switch (message)
            {
                case Add add:
                    await PersistAsync(add.Numbers);
                    add.Done?.Tell(State);
                    break;
                case Get get:
                    get.ReplyTo.Tell(State);
                    break;
            }
        }
    }

    private sealed class Codec : IEventCodec<int>, IStateCodec<string>
    {
        public static readonly Codec One = new();

        public EventData Write(int number) =>
            new("added.v1", number.ToString(CultureInfo.InvariantCulture));

        public int Read(EventData data) => int.Parse(data.Json, CultureInfo.InvariantCulture);

        public EventData Write(string state) => new("state.v1", state);

        string IStateCodec<string>.Read(EventData data) =>
            data.Type == "state.v1" ? data.Json : throw new InvalidDataException(data.Type);
    }

    private sealed class FlakyJournal : IJournal
    {
        private readonly InMemoryJournal inner = new();
        private readonly TaskCompletionSource appendBegun = new();
        private Task reads = Task.CompletedTask;
        private Task appends = Task.CompletedTask;
        private int crashAt;
        private bool crashAfterWriting;
        private int appended;

        public int FailingReads { get; set; }

        public bool FailingSnapshots { get; init; }

        public bool Fenced { get; init; }

        public long? SkippedEvent { get; init; }

        public int EventsRead { get; private set; }

        public Task AppendBegun => appendBegun.Task;

        public void CrashAt(int append, bool written) =>
            (crashAt, crashAfterWriting) = (append, written);

        public TaskCompletionSource HoldReads()
        {
            var gate = new TaskCompletionSource();
            reads = gate.Task;
            return gate;
        }

        public TaskCompletionSource HoldAppends()
        {
            var gate = new TaskCompletionSource();
            appends = gate.Task;
            return gate;
        }

        public IReadOnlyList<StoredEvent> EventsOf(string id) => inner.EventsOf(id);

        public async IAsyncEnumerable<StoredEvent> ReadAsync(
            string persistenceId,
            long afterSequence,
            [EnumeratorCancellation] CancellationToken cancellation
        )
        {
            await reads;
            EventsRead = 0;
            await foreach (
                var stored in inner.ReadAsync(persistenceId, afterSequence, cancellation)
            )
            {
                if (stored.Sequence == SkippedEvent)
                    continue;
                EventsRead++;
                yield return stored;
                if (FailingReads > 0)
                    break;
            }
            if (FailingReads-- > 0)
                throw new IOException("read");
        }

        public async Task AppendAsync(
            string persistenceId,
            long expectedSequence,
            IReadOnlyList<EventData> events,
            CancellationToken cancellation
        )
        {
            if (Fenced)
                throw new FencedException("epoch 2");
            var crash = ++appended == crashAt;
            if (crash && !crashAfterWriting)
                throw new IOException("before writing");
            if (!appends.IsCompleted)
                appendBegun.SetResult();
            await appends.WaitAsync(cancellation);
            await inner.AppendAsync(persistenceId, expectedSequence, events, cancellation);
            if (crash)
                throw new IOException("after writing");
        }

        public Task<StoredSnapshot?> LoadSnapshotAsync(
            string persistenceId,
            CancellationToken cancellation
        ) => inner.LoadSnapshotAsync(persistenceId, cancellation);

        public Task SaveSnapshotAsync(
            string persistenceId,
            StoredSnapshot snapshot,
            CancellationToken cancellation
        ) =>
            FailingSnapshots
                ? throw new IOException("snapshot")
                : inner.SaveSnapshotAsync(persistenceId, snapshot, cancellation);
    }
}
