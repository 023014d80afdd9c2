using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class ShutdownTests
{
    private readonly TestProbe<string> probe = new();

    [Fact]
    public async Task Children_stop_before_their_parents()
    {
        await using var fixture = new Fixture();
        fixture.System.Spawn("a", () => Node(3));
        fixture.System.Spawn("b", () => Node(3));
        await fixture.System.IdleAsync();
        fixture.System.Hierarchy().Count.ShouldBe(30);

        (await fixture.System.ShutdownAsync(Fixture.Second)).ShouldBeTrue();

        var order = probe.Drain();
        order.Count.ShouldBe(30);
        for (var i = 0; i < order.Count; i++)
            order.Skip(i + 1).ShouldNotContain(later => later.StartsWith(order[i] + "/"));
        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.ShouldBeEmpty();

        Actor<string> Node(int depth) =>
            new Lambda<string>(
                (_, _) => { },
                context =>
                {
                    for (var i = 0; i < (depth == 0 ? 0 : 2); i++)
                        context.Spawn($"c{i}", () => Node(depth - 1));
                },
                (context, _) => probe.Tell(context.Path)
            );
    }

    [Fact]
    public async Task The_current_message_ends_and_the_rest_becomes_dead_letters()
    {
        await using var fixture = new Fixture();
        var actor = fixture.System.Spawn(
            "actor",
            () =>
                new Lambda<string>(
                    async (context, message) =>
                    {
                        probe.Tell($"begin {message}");
                        var ended = new TaskCompletionSource();
                        await using var _ = context.Stopping.Register(ended.SetResult);
                        await ended.Task;
                        probe.Tell($"end {message}");
                    },
                    null,
                    (_, cause) =>
                    {
                        probe.Tell($"stopped {cause}");
                        return ValueTask.CompletedTask;
                    }
                )
        );
        for (var i = 0; i < 5; i++)
            actor.Tell($"{i}");
        await probe.ReceiveAsync();

        (await fixture.System.ShutdownAsync(Fixture.Second)).ShouldBeTrue();

        probe.Drain().ShouldBe(["end 0", "stopped "]);
        fixture.System.DeadLetters.ShouldBe(4);
        Should.Throw<InvalidOperationException>(() => fixture.Spawn<int>((_, _) => { }));
    }

    [Fact]
    public async Task Work_that_the_stop_cancels_is_no_failure()
    {
        await using var fixture = new Fixture();
        var actor = fixture.System.Spawn(
            "actor",
            () =>
                new Lambda<string>(
                    async (context, message) =>
                    {
                        probe.Tell(message);
                        await Task.Delay(Timeout.Infinite, context.Stopping);
                    }
                )
        );
        actor.Tell("wait");
        await probe.ReceiveAsync();
        await fixture.System.StopAsync(actor);

        fixture.Log.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_actor_that_does_not_end_is_named_after_the_limit()
    {
        await using var fixture = new Fixture();
        var gate = new TaskCompletionSource();
        var stuck = fixture.System.Spawn(
            "stuck",
            () =>
                new Lambda<string>(
                    async (_, message) =>
                    {
                        probe.Tell(message);
                        await gate.Task;
                    }
                )
        );
        stuck.Tell("hang");
        await probe.ReceiveAsync();
        fixture.Spawn<string>((_, _) => { }, name: "good");
        await fixture.System.StopAsync(fixture.Spawn<string>((_, _) => { }));

        var shutdown = fixture.System.ShutdownAsync(Fixture.Second);
        fixture.Clock.Advance(Fixture.Second);

        (await shutdown).ShouldBeFalse();
        fixture.Log.ShouldContain(entry =>
            entry.Path == "/user/stuck" && entry.Level == ActorLogLevel.Error
        );
        gate.SetResult();
    }

    [Fact]
    public async Task Failures_of_the_stopping_itself_are_logged_and_change_nothing()
    {
        await using var fixture = new Fixture();
        var actor = fixture.System.Spawn(
            "actor",
            () =>
                new Lambda<string>(
                    (_, _) => { },
                    context => context.Stopping.Register(() => throw new Planned("callback")),
                    (_, _) => throw new Planned("stopped")
                )
        );
        await fixture.System.IdleAsync();
        await fixture.System.StopAsync(actor).WaitAsync(TestProbe<int>.Patience);

        fixture.Log.ShouldContain(entry => entry.Text == "StoppedAsync failed.");
        fixture.System.Hierarchy().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_callback_on_stopping_runs_outside_of_the_turn_that_stops()
    {
        await using var fixture = new Fixture();
        using var told = new ManualResetEventSlim();
        var apart = new TestProbe<bool>();
        var actor = fixture.Spawn<string>(
            (context, _) =>
            {
                context.Stopping.Register(() => apart.Tell(told.Wait(TestProbe<int>.Patience)));
                context.StopSelf();
                told.Set();
            }
        );
        actor.Tell("stop");

        (await apart.ReceiveAsync(2 * TestProbe<int>.Patience)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_child_that_fails_a_parent_that_is_stopping_is_no_failure_of_the_grandparent()
    {
        await using var fixture = new Fixture();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Actor<string> Parent() =>
            new Lambda<string>(
                async (context, message) =>
                {
                    context
                        .Spawn<string>("child", () => throw new Planned(), Supervision.Escalating)
                        .Tell(message);
                    await gate.Task;
                }
            );
        var grandparent = fixture.System.Spawn(
            "grandparent",
            () =>
                new Lambda<string>(
                    (context, message) =>
                    {
                        if (context.Children is [IActorRef parent])
                            context.Stop(parent);
                        else
                            context.Spawn("parent", Parent, Supervision.Escalating).Tell(message);
                    }
                )
        );
        grandparent.Tell("spawn");
        SpinWait
            .SpinUntil(
                () => fixture.Log.Any(entry => entry.Path.EndsWith("child")),
                TestProbe<int>.Patience
            )
            .ShouldBeTrue();
        grandparent.Tell("stop");
        SpinWait
            .SpinUntil(
                () => fixture.Info("/user/grandparent").MailboxDepth == 0,
                TestProbe<int>.Patience
            )
            .ShouldBeTrue();
        gate.SetResult();
        await fixture.RunDryAsync();

        fixture.Info("/user/grandparent").Restarts.ShouldBe(0);
        fixture.System.Hierarchy().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_log_that_throws_breaks_nothing()
    {
        await using var system = new ActorSystem(
            "test",
            new ActorSystemOptions { Log = _ => throw new Planned("log") }
        );
        var actor = system.Spawn("actor", () => new Lambda<string>((_, _) => { }));
        await system.StopAsync(actor);
        actor.Tell("late");
        system.DeadLetters.ShouldBe(1);
    }

    [Fact]
    public async Task Names_are_checked_and_strangers_are_not_stopped()
    {
        await using var fixture = new Fixture();
        var taken = fixture.Spawn<string>((_, _) => { });
        Should
            .Throw<InvalidOperationException>(() => fixture.Spawn<string>((_, _) => { }))
            .Message.ShouldContain("/user/actor exists already");
        Should.Throw<ArgumentException>(() => fixture.Spawn<string>((_, _) => { }, name: ""));
        Should.Throw<ArgumentException>(() => fixture.Spawn<string>((_, _) => { }, name: "a/b"));
        Should.Throw<ArgumentException>(() => fixture.System.StopAsync(probe));

        fixture.Spawn<string>((context, _) => context.Stop(taken), name: "other").Tell("stop");
        await fixture.System.IdleAsync();
        fixture.Info("/user/other").LastFailure!.ShouldContain("is not a child of /user/other");
        fixture.Info("/user/actor").State.ShouldBe(ActorState.Running);
    }
}
