using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class TimerTests
{
    private readonly TestProbe<string> probe = new();

    [Fact]
    public async Task Fires_once_when_due()
    {
        await using var fixture = new Fixture();
        Start(fixture, context => context.StartTimer("t", Fixture.Second, "ring"));
        await fixture.System.IdleAsync();

        await fixture.AdvanceAsync(0.999);
        probe.Count.ShouldBe(0);
        await fixture.AdvanceAsync(0.001);
        probe.Drain().ShouldBe(["ring"]);
        await fixture.AdvanceAsync(100);
        probe.Count.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_delay_it_needs_no_clock()
    {
        await using var fixture = new Fixture();
        Start(fixture, context => context.StartTimer("t", -Fixture.Second, "ring"));
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["ring"]);
    }

    [Fact]
    public async Task A_second_timer_of_the_same_key_replaces_the_first()
    {
        await using var fixture = new Fixture();
        Start(
            fixture,
            context =>
            {
                context.StartTimer("t", Fixture.Second, "old");
                context.StartTimer("t", 2 * Fixture.Second, "new");
                context.StartTimer("other", Fixture.Second, "other");
            }
        );
        await fixture.RunDryAsync();

        probe.Drain().ShouldBe(["other", "new"]);
    }

    [Fact]
    public async Task A_period_goes_on_and_never_has_two_messages_in_the_mailbox()
    {
        await using var fixture = new Fixture();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var actor = fixture.System.Spawn(
            "actor",
            () =>
                new Lambda<string>(
                    async (_, message) =>
                    {
                        probe.Tell(message);
                        if (message == "wait")
                            await gate.Task;
                    },
                    context =>
                    {
                        context.StartPeriodicTimer("t", Fixture.Second, "tick");
                        return ValueTask.CompletedTask;
                    }
                )
        );
        await fixture.System.IdleAsync();
        await fixture.AdvanceAsync(1);
        await fixture.AdvanceAsync(1);
        probe.Drain().ShouldBe(["tick", "tick"]);

        actor.Tell("wait");
        (await probe.ReceiveAsync()).ShouldBe("wait");
        fixture.Clock.Advance(10 * Fixture.Second);
        gate.SetResult();
        await fixture.System.IdleAsync();
        probe.Drain().ShouldBe(["tick"]);
        await fixture.AdvanceAsync(1);
        probe.Drain().ShouldBe(["tick"]);

        await fixture.System.StopAsync(actor);
        await fixture.NoTimersAsync();
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("replace")]
    public async Task A_cancelled_timer_is_silent_even_if_its_message_is_in_the_mailbox(string how)
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>(
            (context, message) =>
            {
                probe.Tell(message);
                if (message == "start")
                {
                    context.StartTimer("t", Fixture.Second, "old");
                    fixture.Clock.Advance(Fixture.Second);
                    fixture.Info("/user/actor").MailboxDepth.ShouldBe(2);
                    if (how == "cancel")
                        context.CancelTimer("t");
                    else
                        context.StartTimer("t", Fixture.Second, "new");
                }
            }
        );
        actor.Tell("start");
        await fixture.RunDryAsync();

        probe.Drain().ShouldBe(how == "cancel" ? ["start"] : ["start", "new"]);
        fixture.Log.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_timer_of_the_old_behaviour_never_fires_into_the_new_one()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>(
            (context, message) =>
            {
                probe.Tell(message);
                context.StartTimer("late", TimeSpan.FromMinutes(1), "late");
                context.StartPeriodicTimer("often", Fixture.Second, "often");
                context.StartTimer("waiting", Fixture.Second, "waiting");
                fixture.Clock.Advance(Fixture.Second);
                throw new Planned();
            }
        );
        actor.Tell("fail");
        await fixture.RunDryAsync();

        probe.Drain().ShouldBe(["fail"]);
        fixture.Info("/user/actor").Restarts.ShouldBe(1);
        fixture.System.DeadLetters.ShouldBe(0);
    }

    private void Start(Fixture fixture, Action<ActorContext<string>> started) =>
        fixture.System.Spawn(
            "actor",
            () => new Lambda<string>((_, message) => probe.Tell(message), started)
        );
}
