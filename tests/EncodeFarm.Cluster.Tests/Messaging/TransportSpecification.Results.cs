using System.Collections.Concurrent;
using System.Globalization;
using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>Results, which are delivered until they are taken.</summary>
public abstract partial class TransportSpecification
{
    [Fact]
    public async Task A_result_is_delivered_again_until_its_handler_returns_and_then_forgotten()
    {
        var node = await JoinAsync("a");
        var (calls, inbox) = (0, new Inbox());
        using var leave = new CancellationTokenSource();
        await node.ConsumeResultsAsync(
            message =>
                Interlocked.Increment(ref calls) <= 2
                    ? throw new InvalidOperationException("The journal is away.")
                    : inbox.Handle(message),
            1,
            leave.Token
        );

        await node.PublishResultAsync(Message(1), Forever);
        await node.PublishResultAsync(Message(2), Forever);

        (await inbox.NextAsync(2)).ShouldBe(Messages(1, 2));
        calls.ShouldBe(4);
        leave.Cancel();

        var next = new Inbox();
        await node.ConsumeResultsAsync(next.Handle, 1, Forever);
        await node.PublishResultAsync(Message(3), Forever);
        (await next.NextAsync()).ShouldBe(Message(3));
    }

    [Fact]
    public async Task Results_wait_for_a_consumer_and_none_is_lost_when_it_leaves()
    {
        var (worker, first, second) = (
            await JoinAsync("w"),
            await JoinAsync("c1"),
            await JoinAsync("c2")
        );
        foreach (var message in Messages(0, 60))
        {
            await worker.PublishResultAsync(message, Forever);
        }
        var handled = new ConcurrentDictionary<Envelope, int>();
        using var leave = new CancellationTokenSource();
        await first.ConsumeResultsAsync(
            message =>
            {
                if (handled.Count == 20)
                {
                    leave.Cancel();
                }
                // What it is still given after that fails, as in a process that is going down.
                leave.Token.ThrowIfCancellationRequested();
                handled.AddOrUpdate(message, 1, (_, times) => times + 1);
                return Task.CompletedTask;
            },
            1,
            leave.Token
        );
        await WaitForAsync(leave.Token);

        var all = new TaskCompletionSource();
        await second.ConsumeResultsAsync(
            message =>
            {
                handled.AddOrUpdate(message, 1, (_, times) => times + 1);
                if (handled.Count == 60)
                {
                    all.TrySetResult();
                }
                return Task.CompletedTask;
            },
            1,
            Forever
        );

        await all.Task.WaitAsync(Soon);
        handled.Keys.ShouldBe(Messages(0, 60), ignoreOrder: true);
    }

    [Fact]
    public async Task A_result_goes_to_the_consumer_of_the_highest_rank()
    {
        var (worker, lost, coordinator) = (
            await JoinAsync("w"),
            await JoinAsync("c1"),
            await JoinAsync("c2")
        );
        var (old, inbox) = (new Inbox(), new Inbox());
        using var leave = new CancellationTokenSource();
        await lost.ConsumeResultsAsync(old.Handle, 1, Forever);
        await coordinator.ConsumeResultsAsync(inbox.Handle, 2, leave.Token);

        foreach (var message in Messages(0, 20))
        {
            await worker.PublishResultAsync(message, Forever);
        }

        (await inbox.NextAsync(20)).ShouldBe(Messages(0, 20));
        old.Waiting.ShouldBe(0);
        leave.Cancel();
        await worker.PublishResultAsync(Message(20), Forever);
        (await old.NextAsync()).ShouldBe(Message(20));
    }

    [Fact]
    public async Task An_unreadable_result_does_not_stand_in_the_way()
    {
        var node = await JoinAsync("a");
        var (calls, inbox) = (0, new Inbox());
        await node.ConsumeResultsAsync(
            message =>
            {
                if (message == Message(1))
                {
                    calls++;
                    throw new UnreadableMessageException("Not known here.");
                }
                return inbox.Handle(message);
            },
            1,
            Forever
        );

        await node.PublishResultAsync(Message(1), Forever);
        await node.PublishResultAsync(Message(2), Forever);

        (await inbox.NextAsync()).ShouldBe(Message(2));
        calls.ShouldBe(1);
    }

    [Fact]
    public async Task Results_of_many_senders_arrive_in_the_order_of_each()
    {
        var coordinator = await JoinAsync("c");
        var workers = new List<IFarmTransport>();
        for (var index = 0; index < 6; index++)
        {
            workers.Add(await JoinAsync($"w{index}"));
        }
        var inbox = new Inbox();
        await coordinator.ConsumeResultsAsync(inbox.Handle, 1, Forever);

        await Task.WhenAll(
            workers.Select(
                async (worker, index) =>
                {
                    foreach (var message in Messages(index * 1000, 30))
                    {
                        await worker.PublishResultAsync(message, Forever);
                    }
                }
            )
        );

        var numbers = (await inbox.NextAsync(180))
            .Select(message => int.Parse(message.Json, CultureInfo.InvariantCulture))
            .ToLookup(number => number / 1000);
        for (var index = 0; index < 6; index++)
        {
            numbers[index].ShouldBe(Enumerable.Range(index * 1000, 30));
        }
    }

    static async Task WaitForAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Soon);
    }
}
