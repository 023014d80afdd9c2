using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>Questions and their answers.</summary>
public abstract partial class TransportSpecification
{
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
            1,
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
    public async Task An_answer_that_takes_long_holds_up_no_other()
    {
        var (coordinator, node) = (await JoinAsync("c"), await JoinAsync("a"));
        var slow = new TaskCompletionSource<Envelope>();
        await coordinator.AnswerAsync(
            question => question == Message(1) ? slow.Task : Task.FromResult(question),
            1,
            Forever
        );
        var first = node.AskAsync(Message(1), Soon, Forever);

        (await node.AskAsync(Message(2), Soon, Forever)).ShouldBe(Message(2));

        first.IsCompleted.ShouldBeFalse();
        slow.SetResult(Message(3));
        (await first).ShouldBe(Message(3));
    }

    /// <summary>A coordinator that is lost and does not know it.</summary>
    [Fact]
    public async Task A_question_goes_to_the_highest_rank_while_others_answer_no_more()
    {
        var (lost, coordinator, node) = (
            await JoinAsync("c1"),
            await JoinAsync("c2"),
            await JoinAsync("a")
        );
        var never = new TaskCompletionSource<Envelope>();
        var asked = new Inbox();
        await lost.AnswerAsync(
            async question =>
            {
                await asked.Handle(question);
                return await never.Task;
            },
            1,
            Forever
        );
        _ = node.AskAsync(Message(0), Soon, Forever);
        await asked.NextAsync();

        using var leave = new CancellationTokenSource();
        await coordinator.AnswerAsync(Task.FromResult, 2, leave.Token);
        foreach (var question in Messages(1, 10))
        {
            (await node.AskAsync(question, Soon, Forever)).ShouldBe(question);
        }
        asked.Waiting.ShouldBe(0);

        leave.Cancel();
        _ = node.AskAsync(Message(11), Soon, Forever);
        (await asked.NextAsync()).ShouldBe(Message(11));
    }

    [Fact]
    public async Task A_node_may_ask_while_it_handles_a_message()
    {
        var (coordinator, worker) = (await JoinAsync("c"), await JoinAsync("w"));
        var inbox = new Inbox();
        await coordinator.AnswerAsync(question => Task.FromResult(question), 1, Forever);
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
            1,
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
}
