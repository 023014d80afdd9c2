using System.Collections.Concurrent;
using System.Globalization;
using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>What every transport does. Each test has a farm of its own.</summary>
public abstract class TransportSpecification : IAsyncLifetime
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    static readonly CancellationToken Forever = CancellationToken.None;
    readonly List<IFarmTransport> _joined = [];

    /// <summary>A node in this test's farm.</summary>
    protected abstract Task<IFarmTransport> ConnectAsync(string name);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var transport in _joined)
        {
            await transport.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    async Task<IFarmTransport> JoinAsync(string name)
    {
        var transport = await ConnectAsync(name);
        _joined.Add(transport);
        return transport;
    }

    static Envelope Message(int number) =>
        new("number.v1", number.ToString(CultureInfo.InvariantCulture));

    static IEnumerable<Envelope> Messages(int from, int count) =>
        Enumerable.Range(from, count).Select(Message);

    /// <summary>Lets <paramref name="listener"/> hear of the node, so that it can send to it.</summary>
    static async Task MeetAsync(IFarmTransport listener, IFarmTransport node)
    {
        var heard = new TaskCompletionSource();
        using var enough = new CancellationTokenSource();
        var hello = new Envelope("hello.v1", $"\"{Guid.NewGuid()}\"");
        await listener.ListenToSignalsAsync(
            message =>
            {
                if (message == hello)
                {
                    heard.TrySetResult();
                }
                return Task.CompletedTask;
            },
            enough.Token
        );
        await node.SignalAsync(hello, Forever);
        await heard.Task.WaitAsync(Soon);
    }

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
    public async Task Signals_reach_every_listener_in_order_the_sender_too()
    {
        var nodes = new[] { await JoinAsync("a"), await JoinAsync("b"), await JoinAsync("c") };
        var inboxes = nodes.Select(_ => new Inbox()).ToList();
        foreach (var (node, inbox) in nodes.Zip(inboxes))
        {
            await node.ListenToSignalsAsync(inbox.Handle, Forever);
        }

        foreach (var message in Messages(0, 50))
        {
            await nodes[0].SignalAsync(message, Forever);
        }

        foreach (var inbox in inboxes)
        {
            (await inbox.NextAsync(50)).ShouldBe(Messages(0, 50));
        }
    }

    [Fact]
    public async Task Announcements_reach_every_node()
    {
        var nodes = new[] { await JoinAsync("a"), await JoinAsync("b") };
        var inboxes = nodes.Select(_ => new Inbox()).ToList();
        foreach (var (node, inbox) in nodes.Zip(inboxes))
        {
            await node.ListenToMembersAsync(inbox.Handle, Forever);
        }

        await nodes[1].AnnounceAsync(Message(1), Forever);

        foreach (var inbox in inboxes)
        {
            (await inbox.NextAsync()).ShouldBe(Message(1));
        }
    }

    [Fact]
    public async Task A_signal_that_nobody_listens_to_is_gone()
    {
        var (sender, listener) = (await JoinAsync("a"), await JoinAsync("b"));
        await sender.SignalAsync(Message(1), Forever);
        var inbox = new Inbox();
        await listener.ListenToSignalsAsync(inbox.Handle, Forever);

        await listener.SignalAsync(Message(2), Forever);

        (await inbox.NextAsync()).ShouldBe(Message(2));
    }

    [Fact]
    public async Task A_listener_that_has_left_is_called_no_more()
    {
        var node = await JoinAsync("a");
        var (gone, here) = (new Inbox(), new Inbox());
        using var leave = new CancellationTokenSource();
        await node.ListenToSignalsAsync(gone.Handle, leave.Token);
        await node.ListenToSignalsAsync(here.Handle, Forever);
        await node.SignalAsync(Message(1), Forever);
        await gone.NextAsync();

        leave.Cancel();
        await node.SignalAsync(Message(2), Forever);

        (await here.NextAsync(2)).ShouldBe(Messages(1, 2));
        gone.Waiting.ShouldBe(0);
    }

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
            leave.Token
        );

        await node.PublishResultAsync(Message(1), Forever);
        await node.PublishResultAsync(Message(2), Forever);

        (await inbox.NextAsync(2)).ShouldBe(Messages(1, 2));
        calls.ShouldBe(4);
        leave.Cancel();

        var next = new Inbox();
        await node.ConsumeResultsAsync(next.Handle, Forever);
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
            Forever
        );

        await all.Task.WaitAsync(Soon);
        handled.Keys.ShouldBe(Messages(0, 60), ignoreOrder: true);
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
            Forever
        );

        await node.PublishResultAsync(Message(1), Forever);
        await node.PublishResultAsync(Message(2), Forever);

        (await inbox.NextAsync()).ShouldBe(Message(2));
        calls.ShouldBe(1);
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

        (await coordinator.SendAsync(worker.Self, Message(2), Forever)).ShouldBeFalse();
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
        (await coordinator.SendAsync(old, Message(1), Forever)).ShouldBeFalse();
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
        await coordinator.ConsumeResultsAsync(inbox.Handle, Forever);

        await worker.SignalAsync(message, Forever);
        (await inbox.NextAsync()).ShouldBe(message);
        (await coordinator.SendAsync(worker.Self, message, Forever)).ShouldBeTrue();
        (await inbox.NextAsync()).ShouldBe(message);
        await coordinator.AnnounceAsync(message, Forever);
        (await inbox.NextAsync()).ShouldBe(message);
        await worker.PublishResultAsync(message, Forever);
        (await inbox.NextAsync()).ShouldBe(message);
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
        await coordinator.ConsumeResultsAsync(inbox.Handle, Forever);

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

    [Fact]
    public async Task Each_question_gets_its_own_answer()
    {
        var (coordinator, one, other) = (
            await JoinAsync("c"),
            await JoinAsync("a"),
            await JoinAsync("b")
        );
        await coordinator.AnswerAsync(
            question => Task.FromResult(new Envelope("answer.v1", question.Json)),
            Forever
        );

        var answers = await Task.WhenAll(
            Messages(0, 40)
                .Select(
                    (question, index) =>
                        (index % 2 == 0 ? one : other).AskAsync(question, Soon, Forever)
                )
        );

        answers.Select(answer => answer.Json).ShouldBe(Messages(0, 40).Select(m => m.Json));
    }

    [Fact]
    public async Task A_node_may_ask_while_it_handles_a_message()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var inbox = new Inbox();
        await coordinator.AnswerAsync(question => Task.FromResult(question), Forever);
        await worker.ListenAsync(
            async message => await inbox.Handle(await worker.AskAsync(message, Soon, Forever)),
            Forever
        );
        await MeetAsync(coordinator, worker);

        await coordinator.SendAsync(worker.Self, Message(7), Forever);

        (await inbox.NextAsync()).ShouldBe(Message(7));
    }

    [Fact]
    public async Task An_error_reaches_the_asking_node_in_its_words()
    {
        var (coordinator, node) = (await JoinAsync("c"), await JoinAsync("a"));
        await coordinator.AnswerAsync(
            _ => throw new InvalidOperationException("No job is called “Ümläut”."),
            Forever
        );

        var error = await Should.ThrowAsync<ClusterException>(() =>
            node.AskAsync(Message(1), Soon, Forever)
        );

        error.Error.ShouldBe(ClusterError.Refused);
        error.Message.ShouldBe("No job is called “Ümläut”.");
    }

    [Fact]
    public async Task A_question_that_nobody_answers_ends_in_time()
    {
        var node = await JoinAsync("a");

        var error = await Should.ThrowAsync<ClusterException>(() =>
            node.AskAsync(Message(1), TimeSpan.FromMilliseconds(300), Forever)
        );

        error.Error.ShouldBe(ClusterError.NoAnswer);
        error.Message.ShouldContain("'number.v1' within 0.3 s");
    }

    [Fact]
    public async Task A_question_can_be_given_up()
    {
        var node = await JoinAsync("a");
        using var impatient = new CancellationTokenSource();
        var asking = node.AskAsync(Message(1), Soon, impatient.Token);

        impatient.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(() => asking);
    }

    static async Task ConnectedAsync(IFarmTransport transport)
    {
        var connected = new TaskCompletionSource();
        transport.ConnectionChanged += now =>
        {
            if (now)
            {
                connected.TrySetResult();
            }
        };
        if (!transport.IsConnected)
        {
            await connected.Task.WaitAsync(Soon);
        }
    }

    static async Task WaitForAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Soon);
    }
}
