using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Cluster.Tests.Messaging;

namespace EncodeFarm.Cluster.Tests.Rabbit;

/// <summary>The broker ends without a word and comes back, under nodes that work.</summary>
[Collection("broker")]
public sealed class BrokerOutageTests(BrokerServer broker)
{
    static readonly CancellationToken Forever = CancellationToken.None;
    static readonly TimeSpan Soon = TimeSpan.FromMinutes(3);
    readonly string _farm = $"t{Guid.NewGuid():n}";

    async Task<RabbitMqTransport> ConnectAsync(string name)
    {
        await broker.RunningAsync();
        return await RabbitMqTransport.ConnectAsync(
            NodeAddress.New(name),
            broker.Options with
            {
                Farm = _farm,
            },
            TimeProvider.System,
            _ => { },
            Forever
        );
    }

    [Fact]
    public Task Nothing_confirmed_is_lost_when_the_broker_is_killed_and_everything_goes_on() =>
        SurviveAsync(kills: 1);

    [Fact]
    [Trait("Length", "Long")]
    public Task Nothing_confirmed_is_lost_by_five_kills_in_a_row() => SurviveAsync(kills: 5);

    async Task SurviveAsync(int kills)
    {
        await using var coordinator = await ConnectAsync("c");
        await using var worker = await ConnectAsync("w");
        var (arrived, signals, commands) = (
            new ConcurrentDictionary<int, int>(),
            new Inbox(),
            new Inbox()
        );
        var (many, last) = (new TaskCompletionSource(), new TaskCompletionSource());
        await coordinator.ConsumeResultsAsync(
            message =>
            {
                arrived.AddOrUpdate(Number(message), 1, (_, times) => times + 1);
                if (arrived.Count >= 60)
                {
                    many.TrySetResult();
                }
                if (Number(message) == 0)
                {
                    last.TrySetResult();
                }
                return Task.CompletedTask;
            },
            1,
            Forever
        );
        await coordinator.ListenToSignalsAsync(signals.Handle, Forever);
        await worker.ListenAsync(commands.Handle, Forever);
        using var enough = new CancellationTokenSource();
        var publishers = Enumerable
            .Range(1, 3)
            .Select(publisher => PublishAsync(worker, publisher * 1_000_000, enough.Token))
            .ToList();
        await many.Task.WaitAsync(Soon);
        await WrittenDownAsync();
        for (var kill = 0; kill < kills; kill++)
        {
            await broker.KillAsync();
            await UntilAsync(() => !worker.IsConnected && !coordinator.IsConnected);
            await ShouldNotWaitAsync(coordinator, worker);
            await broker.StartAsync();
            await UntilAsync(() => worker.IsConnected && coordinator.IsConnected);
        }
        await enough.CancelAsync();
        var confirmed = (await Task.WhenAll(publishers)).SelectMany(numbers => numbers).ToList();
        // It stands behind all others, and comes when they have come.
        await worker.PublishResultAsync(Message(0), Forever);
        await last.Task.WaitAsync(Soon);

        confirmed.Where(number => !arrived.ContainsKey(number)).ShouldBeEmpty();
        confirmed.Count.ShouldBeGreaterThanOrEqualTo(60);
        // As heartbeats do: a connection that returns waits for its listeners, but on a busy machine not for all of them.
        var heard = signals.NextAsync();
        for (; !heard.IsCompleted; await Task.Delay(100))
        {
            await worker.SignalAsync(Message(1), Forever);
        }
        await heard;
        (await coordinator.SendAsync(worker.Self, Message(2), Forever)).ShouldBeTrue();
        (await commands.NextAsync()).ShouldBe(Message(2));
    }

    async Task WrittenDownAsync()
    {
        using var limit = new CancellationTokenSource(Soon);
        string[] queues = [$"{_farm}.results", $"{_farm}.parked", $"{_farm}.requests"];
        while (!queues.All(broker.HasWrittenDown))
        {
            await Task.Delay(100, limit.Token);
        }
    }

    /// <summary>Without a broker: signals vanish, commands fail, questions end in time; nobody is held up.</summary>
    static async Task ShouldNotWaitAsync(IFarmTransport coordinator, IFarmTransport worker)
    {
        var watch = Stopwatch.StartNew();
        worker.IsConnected.ShouldBeFalse();
        await worker.SignalAsync(Message(1), Forever);
        (await coordinator.SendAsync(worker.Self, Message(1), Forever)).ShouldBeFalse();
        var error = await Should.ThrowAsync<ClusterException>(() =>
            worker.AskAsync(Message(1), TimeSpan.FromMilliseconds(200), Forever)
        );
        error.Error.ShouldBe(ClusterError.NoAnswer);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    /// <returns>The numbers that were confirmed.</returns>
    static async Task<List<int>> PublishAsync(
        IFarmTransport node,
        int first,
        CancellationToken enough
    )
    {
        var confirmed = new List<int>();
        for (var number = first; !enough.IsCancellationRequested; number++)
        {
            await node.PublishResultAsync(Message(number), Forever);
            confirmed.Add(number);
        }
        return confirmed;
    }

    static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (!isSo())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    static Envelope Message(int number) =>
        new("number.v1", number.ToString(CultureInfo.InvariantCulture));

    static int Number(Envelope message) => int.Parse(message.Json, CultureInfo.InvariantCulture);
}
