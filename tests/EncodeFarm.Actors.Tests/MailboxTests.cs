using System.Diagnostics;
using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class MailboxTests
{
    [Fact]
    public async Task Many_senders_lose_nothing_and_each_keeps_its_order()
    {
        const int senders = 8;
        const int each = 20_000;
        await using var fixture = new Fixture();
        var last = new int[senders];
        var wrong = 0;
        var inside = 0;
        var actor = fixture.Spawn<(int Sender, int Number)>(
            (_, message) =>
            {
                if (Interlocked.Increment(ref inside) != 1)
                    wrong++;
                if (message.Number != ++last[message.Sender])
                    wrong++;
                Interlocked.Decrement(ref inside);
            }
        );

        await Task.WhenAll(
            Enumerable
                .Range(0, senders)
                .Select(sender =>
                    Task.Run(() =>
                    {
                        for (var number = 1; number <= each; number++)
                            actor.Tell((sender, number));
                    })
                )
        );
        await fixture.System.IdleAsync();

        wrong.ShouldBe(0);
        last.ShouldAllBe(number => number == each);
    }

    [Fact]
    public async Task A_message_that_awaits_is_finished_before_the_next_begins()
    {
        await using var fixture = new Fixture();
        var gate = new TaskCompletionSource();
        var probe = new TestProbe<string>();
        var actor = fixture.System.Spawn(
            "actor",
            () =>
                new Lambda<int>(
                    async (_, message) =>
                    {
                        probe.Tell($"begin {message}");
                        await (message == 1 ? gate.Task : Task.CompletedTask);
                        probe.Tell($"end {message}");
                    }
                )
        );
        actor.Tell(1);
        actor.Tell(2);

        (await probe.ReceiveAsync()).ShouldBe("begin 1");
        fixture.Info("/user/actor").MailboxDepth.ShouldBe(2);
        probe.Count.ShouldBe(0);
        gate.SetResult();
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["end 1", "begin 2", "end 2"]);
    }

    [Fact]
    public async Task Ten_thousand_waiting_actors_hold_no_threads()
    {
        const int count = 10_000;
        await using var fixture = new Fixture();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var allIn = new TaskCompletionSource();
        var entered = 0;
        var left = 0;
        for (var i = 0; i < count; i++)
            fixture
                .System.Spawn(
                    $"a{i}",
                    () =>
                        new Lambda<int>(
                            async (_, _) =>
                            {
                                if (Interlocked.Increment(ref entered) == count)
                                    allIn.SetResult();
                                await gate.Task;
                                Interlocked.Increment(ref left);
                            }
                        )
                )
                .Tell(1);

        await allIn.Task.WaitAsync(TestProbe<int>.Patience);
        // Other tests run beside this one; ten thousand held threads would still be far above it.
        ThreadPool.ThreadCount.ShouldBeLessThan(100);
        left.ShouldBe(0);
        gate.SetResult();
        await fixture.System.IdleAsync();

        left.ShouldBe(count);
    }

    [Fact]
    public async Task A_deep_mailbox_is_worth_one_warning_per_doubling()
    {
        await using var fixture = new Fixture(mailboxWarning: 10);
        var gate = new TaskCompletionSource();
        var actor = fixture.System.Spawn(
            "actor",
            () => new Lambda<int>(async (_, _) => await gate.Task)
        );
        string[] warnings =
        [
            "10 messages wait in the mailbox.",
            "20 messages wait in the mailbox.",
            "40 messages wait in the mailbox.",
        ];
        (await FloodAsync()).ShouldBe(warnings);

        // An empty mailbox makes the next flood worth its own; it may be found to be empty a moment after it is.
        var again = await FloodAsync();
        var limit = Stopwatch.StartNew();
        while (!again.SequenceEqual(warnings) && limit.Elapsed < TestProbe<int>.Patience)
        {
            await Task.Delay(10);
            again = await FloodAsync();
        }
        again.ShouldBe(warnings);

        async Task<List<string>> FloodAsync()
        {
            gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            for (var i = 0; i < 45; i++)
                actor.Tell(i);
            var said = fixture.Log.Select(entry => entry.Text).ToList();
            fixture.Log.Clear();
            gate.SetResult();
            await fixture.System.IdleAsync();
            return said;
        }
    }

    [Fact]
    public async Task Dead_letters_are_all_counted_and_a_few_logged()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>((_, _) => { });
        await fixture.System.StopAsync(actor);

        for (var i = 0; i < 1000; i++)
            actor.Tell("late");
        fixture.System.DeadLetters.ShouldBe(1000);
        fixture.Log.Count(entry => entry.Text == "Dead letter: String.").ShouldBe(10);

        await fixture.AdvanceAsync(1);
        actor.Tell("later");
        fixture.System.DeadLetters.ShouldBe(1001);
        fixture.Log.Last().Text.ShouldBe("Dead letter: String (990 more were not logged).");
        fixture.Log.Last().Path.ShouldBe("/user/actor");
    }

    [Fact]
    public async Task Null_is_no_message()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>((_, _) => { });
        Should.Throw<ArgumentNullException>(() => actor.Tell(null!));
    }

    [Fact]
    public async Task Idle_is_never_seen_while_a_message_is_on_its_way()
    {
        await using var fixture = new Fixture();
        const int hops = 40;
        var done = 0;
        var ring = new IActorRef<int>[5];
        for (var i = 0; i < ring.Length; i++)
        {
            var next = (i + 1) % ring.Length;
            ring[i] = fixture.System.Spawn(
                $"r{i}",
                () =>
                    new Lambda<int>(
                        async (context, left) =>
                        {
                            if (left % 3 == 0)
                                await Task.Yield();
                            if (left % 10 == 0)
                                context.Stop(
                                    context.Spawn($"c{left}", () => new Lambda<int>((_, _) => { }))
                                );
                            if (left == 0)
                                Interlocked.Increment(ref done);
                            else
                                ring[next].Tell(left - 1);
                        }
                    )
            );
        }
        for (var round = 1; round <= 2000; round++)
        {
            ring[round % ring.Length].Tell(hops);
            await fixture.System.IdleAsync();
            Volatile.Read(ref done).ShouldBe(round);
            fixture.System.Hierarchy().Count.ShouldBe(ring.Length);
        }
    }
}
