using EncodeFarm.Actors.Persistence;
using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class SupervisionTests
{
    private static readonly Supervision Steady = new()
    {
        MinBackoff = Fixture.Second,
        MaxBackoff = TimeSpan.FromSeconds(8),
        RandomFactor = 0,
    };

    [Fact]
    public async Task A_restart_loses_only_the_failing_message_and_all_state()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var actor = fixture.System.Spawn("actor", () => new Summer(probe), Steady);
        foreach (var number in new[] { 1, 2, -1, 3, 4 })
            actor.Tell(number);
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["started", "1", "3", "stopped by planned"]);
        var waiting = fixture.Info("/user/actor");
        waiting.State.ShouldBe(ActorState.BackingOff);
        waiting.MailboxDepth.ShouldBe(2);
        waiting.LastFailure.ShouldBe("Planned: planned");

        await fixture.AdvanceAsync(0.999);
        actor.Tell(5);
        await probe.ExpectNothingAsync(fixture.System);
        await fixture.AdvanceAsync(0.001);

        probe.Drain().ShouldBe(["started", "3", "7", "12"]);
        fixture
            .Info("/user/actor")
            .ShouldBe(
                new ActorInfo("/user/actor", "Summer", 0, 1, ActorState.Running, "Planned: planned")
            );
        fixture.System.DeadLetters.ShouldBe(0);
        fixture.Log.Single().Text.ShouldBe("Failed on Int32, restarts in 1 s.");
    }

    [Fact]
    public async Task Backs_off_longer_each_time_until_it_has_run_well_for_a_while()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>(
            (_, _) => throw new Planned(),
            Steady with
            {
                ResetAfter = TimeSpan.FromSeconds(30),
            }
        );
        var waits = new List<double>();
        async Task FailAsync()
        {
            actor.Tell("fail");
            await fixture.System.IdleAsync();
            var wait = fixture.Clock.NextDue!.Value - fixture.Clock.GetUtcNow();
            waits.Add(wait.TotalSeconds);
            await fixture.AdvanceAsync(wait.TotalSeconds);
        }

        for (var i = 0; i < 6; i++)
            await FailAsync();
        await fixture.AdvanceAsync(29);
        await FailAsync();
        await fixture.AdvanceAsync(30);
        await FailAsync();
        await FailAsync();

        waits.ShouldBe([1, 2, 4, 8, 8, 8, 8, 1, 2]);
    }

    [Fact]
    public async Task Gives_up_after_the_last_restart_and_says_so()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var actor = fixture.Spawn<string>(
            (_, _) => throw new Planned(),
            Steady with
            {
                MaxRestarts = 2,
            }
        );
        var watcher = Watcher(fixture, probe, actor);
        for (var i = 0; i < 5; i++)
            actor.Tell("fail");
        await fixture.RunDryAsync();

        probe.Drain().ShouldBe(["gone"]);
        fixture.System.DeadLetters.ShouldBe(2);
        fixture.System.Hierarchy().Select(info => info.Path).ShouldBe([watcher.Path]);
        var last = fixture.Log.Single(entry => entry.Level == ActorLogLevel.Error);
        last.Text.ShouldBe("Failed on String, stops after 2 restarts.");
        last.Error.ShouldBeOfType<Planned>();
    }

    [Fact]
    public async Task A_failing_start_and_a_failing_factory_count_as_failures()
    {
        await using var fixture = new Fixture();
        var built = 0;
        var probe = new TestProbe<string>();
        var actor = fixture.System.Spawn<string>(
            "actor",
            () =>
                ++built == 1
                    ? throw new Planned("factory")
                    : new Lambda<string>(
                        (_, message) => probe.Tell(message),
                        _ =>
                        {
                            if (built == 2)
                                throw new Planned("start");
                        },
                        (_, cause) => probe.Tell($"stopped by {cause?.Message}")
                    ),
            Steady
        );
        actor.Tell("patient");
        await fixture.System.IdleAsync();
        fixture.Info("/user/actor").LastFailure.ShouldBe("Planned: factory");
        await fixture.AdvanceAsync(1);
        fixture.Info("/user/actor").LastFailure.ShouldBe("Planned: start");
        probe.Drain().ShouldBe(["stopped by start"]);
        await fixture.AdvanceAsync(2);

        probe.Drain().ShouldBe(["patient"]);
    }

    [Fact]
    public async Task A_factory_that_returns_the_old_behaviour_is_a_failure()
    {
        await using var fixture = new Fixture();
        var only = new Lambda<string>((_, _) => throw new Planned());
        var actor = fixture.System.Spawn("actor", () => only, Steady with { MaxRestarts = 1 });
        actor.Tell("fail");
        await fixture.RunDryAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.Last().Error!.Message.ShouldContain("must build a new one");
    }

    [Fact]
    public async Task A_fenced_actor_stops_by_default()
    {
        await using var fixture = new Fixture();
        fixture.Spawn<string>((_, _) => throw new FencedException("epoch 2")).Tell("write");
        await fixture.RunDryAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.Single().Text.ShouldBe("Failed on String, stops.");
    }

    [Fact]
    public async Task An_escalated_failure_restarts_the_parent_with_new_children()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        Actor<string> Child() =>
            new Lambda<string>(
                (_, message) => throw new Planned(message),
                stopped: (context, cause) => probe.Tell($"{context.Path} by {cause?.Message}")
            );
        var parent = fixture.System.Spawn(
            "parent",
            () =>
                new Lambda<string>(
                    (context, message) => ((IActorRef<string>)context.Children[0]).Tell(message),
                    context =>
                    {
                        probe.Tell("parent starts");
                        context.Spawn("bad", Child, Supervision.Escalating);
                        context.Spawn("good", Child);
                    },
                    (context, cause) => probe.Tell($"{context.Path} by {cause?.Message}")
                ),
            Steady
        );
        parent.Tell("boom");
        await fixture.System.IdleAsync();

        probe
            .Drain()
            .ShouldBe([
                "parent starts",
                "/user/parent/bad by boom",
                "/user/parent/good by ",
                "/user/parent by boom",
            ]);
        await fixture.RunDryAsync();
        probe.Drain().ShouldBe(["parent starts"]);
        fixture
            .System.Hierarchy()
            .Select(info => (info.Path, info.Restarts))
            .ShouldBe([("/user/parent", 1), ("/user/parent/bad", 0), ("/user/parent/good", 0)]);
    }

    [Fact]
    public async Task An_escalated_failure_ends_what_the_parent_awaits()
    {
        await using var fixture = new Fixture();
        var parent = fixture.System.Spawn(
            "parent",
            () =>
                new Lambda<string>(
                    async (context, _) =>
                    {
                        context
                            .Spawn(
                                "child",
                                () => new Lambda<string>((_, _) => throw new Planned("child")),
                                Supervision.Escalating
                            )
                            .Tell("fail");
                        await Task.Delay(Timeout.Infinite, context.Stopping);
                    }
                ),
            Steady
        );
        parent.Tell("wait for ever");
        await fixture.RunDryAsync();

        fixture.Info("/user/parent").LastFailure.ShouldBe("Planned: child");
        fixture
            .Log.Select(entry => entry.Text)
            .ShouldBe([
                "Failed on String, stops and escalates.",
                "A child's failure interrupted it on String.",
                "Failed on String, restarts in 1 s.",
            ]);
    }

    [Fact]
    public async Task At_the_top_an_escalated_failure_stops_the_actor()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>((_, _) => throw new Planned(), Supervision.Escalating);
        actor.Tell("fail");
        await fixture.System.IdleAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.Single().Level.ShouldBe(ActorLogLevel.Error);
    }

    [Fact]
    public async Task A_stop_ends_the_back_off_at_once()
    {
        await using var fixture = new Fixture();
        var actor = fixture.Spawn<string>((_, _) => throw new Planned(), Steady);
        actor.Tell("fail");
        await fixture.System.IdleAsync();
        actor.Tell("never read");

        await fixture.System.StopAsync(actor).WaitAsync(TestProbe<int>.Patience);
        fixture.System.DeadLetters.ShouldBe(1);
        await fixture.NoTimersAsync();
    }

    [Fact]
    public async Task A_supervision_that_fails_itself_stops_the_actor()
    {
        await using var fixture = new Fixture();
        fixture
            .Spawn<string>(
                (_, _) => throw new Planned(),
                new Supervision { Decide = _ => throw new Planned("decision") }
            )
            .Tell("fail");
        await fixture.System.IdleAsync();

        fixture.System.Hierarchy().ShouldBeEmpty();
        fixture.Log.First().Error!.Message.ShouldBe("decision");
    }

    private static IActorRef<string> Watcher(
        Fixture fixture,
        TestProbe<string> probe,
        IActorRef watched
    ) =>
        fixture.System.Spawn(
            "watcher",
            () =>
                new Lambda<string>(
                    (_, message) => probe.Tell(message),
                    context => context.Watch(watched, "gone")
                )
        );

    private sealed class Summer(IActorRef<string> probe) : Actor<int>
    {
        private int sum;

        protected override ValueTask StartedAsync()
        {
            probe.Tell("started");
            return ValueTask.CompletedTask;
        }

        protected override async ValueTask ReceiveAsync(int message)
        {
            await Task.Yield();
            if (message < 0)
                throw new Planned();
            probe.Tell(FormattableString.Invariant($"{sum += message}"));
        }

        protected override ValueTask StoppedAsync(Exception? cause)
        {
            probe.Tell($"stopped by {cause?.Message}");
            return ValueTask.CompletedTask;
        }
    }
}
