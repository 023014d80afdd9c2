using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class PipeTests
{
    private readonly TestProbe<string> probe = new();

    [Fact]
    public async Task The_mailbox_goes_on_and_the_outcome_comes_as_a_message()
    {
        await using var fixture = new Fixture();
        var work = new TaskCompletionSource<int>();
        var actor = Piping(fixture, () => work.Task);
        actor.Tell("start");
        actor.Tell("other");
        await fixture.System.IdleAsync();
        probe.Drain().ShouldBe(["start", "other"]);

        work.SetResult(42);
        (await probe.ReceiveAsync()).ShouldBe("completed 42");
    }

    [Fact]
    public async Task Failures_and_cancellations_come_as_messages_too()
    {
        await using var fixture = new Fixture();
        Piping(fixture, () => Task.FromException<int>(new Planned("disk")), "a").Tell("start");
        (await probe.FishAsync(message => message != "start")).ShouldBe("failed by disk");
        Piping(fixture, () => Task.FromCanceled<int>(new CancellationToken(true)), "b")
            .Tell("start");
        (await probe.FishAsync(message => message != "start")).ShouldBe(
            "failed by A task was canceled."
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_outcome_for_an_old_behaviour_is_dropped(bool restart)
    {
        await using var fixture = new Fixture();
        var work = new TaskCompletionSource<int>();
        var actor = Piping(fixture, () => work.Task);
        actor.Tell("start");
        await fixture.System.IdleAsync();
        if (restart)
        {
            actor.Tell("fail");
            await fixture.RunDryAsync();
        }
        else
            await fixture.System.StopAsync(actor);
        work.SetResult(1);
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(restart ? ["start", "fail"] : ["start"]);
        fixture.System.DeadLetters.ShouldBe(0);
    }

    [Fact]
    public async Task A_translation_that_throws_fails_the_actor()
    {
        await using var fixture = new Fixture();
        fixture
            .Spawn<string>(
                (context, _) =>
                    context.Pipe(Task.FromResult(1), _ => throw new Planned(), _ => "unused")
            )
            .Tell("start");
        await fixture.RunDryAsync();

        fixture.Info("/user/actor").LastFailure.ShouldBe("Planned: planned");
    }

    private IActorRef<string> Piping(
        Fixture fixture,
        Func<Task<int>> work,
        string name = "actor"
    ) =>
        fixture.Spawn<string>(
            (context, message) =>
            {
                probe.Tell(message);
                if (message == "start")
                    context.Pipe(
                        work(),
                        result => $"completed {result}",
                        error => $"failed by {error.Message}"
                    );
                if (message == "fail")
                    throw new Planned();
            },
            name: name
        );
}
