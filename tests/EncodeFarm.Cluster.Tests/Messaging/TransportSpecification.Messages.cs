using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>Messages from the coordinator to a node.</summary>
public abstract partial class TransportSpecification
{
    [Fact]
    public async Task Messages_to_a_node_arrive_in_the_order_of_sending()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var inbox = new Inbox();
        await worker.ListenAsync(inbox.Handle, Forever);
        await MeetAsync(coordinator, worker);

        foreach (var message in Messages(0, 100))
        {
            (await coordinator.SendAsync(worker.Self, message, Forever)).ShouldBeTrue();
        }

        (await inbox.NextAsync(100)).ShouldBe(Messages(0, 100));
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_node_that_is_unknown_or_gone()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        (await coordinator.SendAsync(NodeAddress.New("w"), Message(1), Forever)).ShouldBeFalse();

        await worker.ListenAsync(_ => Task.CompletedTask, Forever);
        await MeetAsync(coordinator, worker);
        (await coordinator.SendAsync(worker.Self, Message(1), Forever)).ShouldBeTrue();
        await worker.DisposeAsync();

        await GoneAsync(coordinator, worker.Self);
    }

    /// <summary>Waits until nothing is sent to it any more: the good-bye to a busy broker may take a while.</summary>
    static async Task GoneAsync(IFarmTransport coordinator, NodeAddress node)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (await coordinator.SendAsync(node, Message(0), Forever))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    [Fact]
    public async Task Two_processes_of_one_name_are_told_apart_by_their_incarnation()
    {
        var (coordinator, old, young) = (
            await JoinAsync("c"),
            await JoinAsync("w"),
            await JoinAsync("w")
        );
        var (toOld, toYoung) = (new Inbox(), new Inbox());
        await old.ListenAsync(toOld.Handle, Forever);
        await young.ListenAsync(toYoung.Handle, Forever);
        await MeetAsync(coordinator, old);
        await MeetAsync(coordinator, young);

        await coordinator.SendAsync(young.Self, Message(1), Forever);
        await coordinator.SendAsync(old.Self, Message(2), Forever);

        (await toYoung.NextAsync()).ShouldBe(Message(1));
        (await toOld.NextAsync()).ShouldBe(Message(2));
    }

    [Fact]
    public async Task A_renewed_process_is_reached_under_its_new_incarnation_only()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var inbox = new Inbox();
        await worker.ListenAsync(inbox.Handle, Forever);
        await MeetAsync(coordinator, worker);
        var old = worker.Self;

        worker.Renew();
        await ConnectedAsync(worker);
        await MeetAsync(coordinator, worker);

        worker.Self.Name.ShouldBe("w");
        await GoneAsync(coordinator, old);
        (await coordinator.SendAsync(worker.Self, Message(2), Forever)).ShouldBeTrue();
        (await inbox.NextAsync()).ShouldBe(Message(2));
    }

    [Fact]
    public async Task Messages_wait_during_a_handler_and_other_kinds_go_on()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var (busy, signals) = (new Inbox(), new Inbox());
        var release = new TaskCompletionSource();
        var inside = 0;
        await worker.ListenAsync(
            async message =>
            {
                Interlocked.Increment(ref inside).ShouldBe(1);
                await release.Task;
                Interlocked.Decrement(ref inside);
                await busy.Handle(message);
            },
            Forever
        );
        await worker.ListenToSignalsAsync(signals.Handle, Forever);
        await MeetAsync(coordinator, worker);
        foreach (var message in Messages(0, 10))
        {
            (await coordinator.SendAsync(worker.Self, message, Forever)).ShouldBeTrue();
        }

        (await signals.NextAsync()).Type.ShouldBe("hello.v1");
        busy.Waiting.ShouldBe(0);
        release.SetResult();

        (await busy.NextAsync(10)).ShouldBe(Messages(0, 10));
    }

    [Fact]
    public async Task A_handler_that_fails_misses_that_message_only()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var inbox = new Inbox();
        await worker.ListenAsync(
            message =>
                message == Message(1)
                    ? throw new InvalidOperationException("Broken.")
                    : inbox.Handle(message),
            Forever
        );
        await MeetAsync(coordinator, worker);

        await coordinator.SendAsync(worker.Self, Message(1), Forever);
        await coordinator.SendAsync(worker.Self, Message(2), Forever);

        (await inbox.NextAsync()).ShouldBe(Message(2));
    }

    [Theory]
    [InlineData("\"Überlänge — 第一章 — 🎬 — \\u0000 \\\"quoted\\\"\"")]
    [InlineData("big")]
    public async Task Any_text_travels_unchanged(string text)
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var json = text == "big" ? $"\"{new string('ü', 512 * 1024)}\"" : text;
        var message = new Envelope("text.v1", json);
        var inbox = new Inbox();
        await worker.ListenAsync(inbox.Handle, Forever);
        await coordinator.ListenToSignalsAsync(inbox.Handle, Forever);
        await worker.ListenToMembersAsync(inbox.Handle, Forever);
        await coordinator.ConsumeResultsAsync(inbox.Handle, 1, Forever);

        await worker.SignalAsync(message, Forever);
        (await inbox.NextAsync()).ShouldBe(message);
        (await coordinator.SendAsync(worker.Self, message, Forever)).ShouldBeTrue();
        (await inbox.NextAsync()).ShouldBe(message);
        await coordinator.AnnounceAsync(message, Forever);
        (await inbox.NextAsync()).ShouldBe(message);
        await worker.PublishResultAsync(message, Forever);
        (await inbox.NextAsync()).ShouldBe(message);
    }

    static async Task ConnectedAsync(IFarmTransport transport)
    {
        using var limit = new CancellationTokenSource(Soon);
        while (!transport.IsConnected)
        {
            await Task.Delay(10, limit.Token);
        }
    }
}
