namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>What is said to all.</summary>
public abstract partial class TransportSpecification
{
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
        var (inbox, sent) = (new Inbox(), new Inbox());
        await sender.ListenToMembersAsync(sent.Handle, Forever);
        await sender.SignalAsync(Message(1), Forever);
        // It goes the same way behind the signal, which has left when this comes back.
        await sender.AnnounceAsync(Message(1), Forever);
        await sent.NextAsync();
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

    /// <summary>A coordinator that was frozen leaves while all that it has missed is waiting for it.</summary>
    [Fact]
    public async Task Whoever_leaves_while_messages_wait_can_listen_again_at_once()
    {
        var node = await JoinAsync("a");
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var leave = new CancellationTokenSource();
        await node.ListenToSignalsAsync(
            _ =>
            {
                begun.TrySetResult();
                return goOn.Task;
            },
            leave.Token
        );
        var all = new Inbox();
        await node.ListenToSignalsAsync(all.Handle, Forever);
        foreach (var message in Messages(0, 20))
        {
            await node.SignalAsync(message, Forever);
        }
        await begun.Task.WaitAsync(Soon);
        await all.NextAsync(20);

        leave.Cancel();
        goOn.SetResult();
        var inbox = new Inbox();
        // A channel that can't be closed is given up after four times the limit for a connection (30 s), and until then the
        // connection opens no other.
        await node.ListenToSignalsAsync(inbox.Handle, Forever).WaitAsync(Soon);
        await node.SignalAsync(Message(21), Forever);

        (await inbox.NextAsync()).ShouldBe(Message(21));
    }
}
