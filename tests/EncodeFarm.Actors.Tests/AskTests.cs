using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class AskTests
{
    private sealed record Question(int Number, IActorRef<int> ReplyTo);

    [Fact]
    public async Task Brings_the_answer()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<Question>((_, ask) => ask.ReplyTo.Tell(ask.Number * 2));
        for (var i = 0; i < 100; i++)
            (await AskAsync(actor, i)).ShouldBe(i * 2);
        fixture.System.DeadLetters.ShouldBe(0);
        await fixture.NoTimersAsync();
    }

    [Fact]
    public async Task Times_out_on_the_systems_clock_and_a_late_answer_is_a_dead_letter()
    {
        await using var fixture = new Fixture();
        var questions = new TestProbe<Question>();
        var actor = fixture.Spawn<Question>((_, ask) => questions.Tell(ask));
        var answer = AskAsync(actor, 1);
        var late = (await questions.ReceiveAsync()).ReplyTo;
        fixture.Clock.Advance(TimeSpan.FromSeconds(2.5));

        var error = await Should.ThrowAsync<AskTimeoutException>(answer);
        error.Message.ShouldBe("/user/actor did not answer Question within 2.5 s.");
        late.Tell(2);
        fixture.System.DeadLetters.ShouldBe(1);
        fixture.Log.Single().Path.ShouldBe("/ask/user/actor");
    }

    [Fact]
    public async Task A_second_answer_is_a_dead_letter()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<Question>(
            (_, ask) =>
            {
                ask.ReplyTo.Tell(1);
                ask.ReplyTo.Tell(2);
            }
        );
        (await AskAsync(actor, 1)).ShouldBe(1);
        await fixture.System.IdleAsync();
        fixture.System.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public async Task Can_be_cancelled()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<Question>((_, _) => { });
        using var cancel = new CancellationTokenSource();
        var answer = AskAsync(actor, 1, cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
    }

    [Fact]
    public async Task The_asker_goes_on_outside_of_the_turn_of_the_one_who_answers()
    {
        await using var fixture = new Fixture();
        var inTurn = false;
        var actor = fixture.Spawn<Question>(
            (_, ask) =>
            {
                Volatile.Write(ref inTurn, true);
                ask.ReplyTo.Tell(Environment.CurrentManagedThreadId);
                // An inline continuation would spin here for ever, below this call.
                Volatile.Write(ref inTurn, false);
            }
        );
        await AskAsync(actor, 1);
        SpinWait
            .SpinUntil(() => !Volatile.Read(ref inTurn), TestProbe<int>.Patience)
            .ShouldBeTrue();
    }

    private static Task<int> AskAsync(
        IActorRef<Question> actor,
        int number,
        CancellationToken cancel = default
    ) =>
        actor.AskAsync<Question, int>(
            reply => new Question(number, reply),
            TimeSpan.FromSeconds(2.5),
            cancel
        );
}
