using System.Diagnostics;
using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

public sealed class WatchTests
{
    [Fact]
    public async Task Tells_once_when_the_actor_has_stopped_and_its_name_is_free()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var parent = fixture.System.Spawn(
            "parent",
            () =>
                new Lambda<string>(
                    (context, message) =>
                    {
                        probe.Tell(message);
                        if (message == "stop")
                            context.Stop(context.Children.Single());
                        if (message == "gone")
                            Add(context);
                    },
                    Add
                )
        );
        parent.Tell("stop");
        parent.Tell("after");
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["stop", "after", "gone"], ignoreOrder: true);
        fixture.System.Hierarchy().Count.ShouldBe(2);

        static void Add(ActorContext<string> context)
        {
            var child = context.Spawn("child", () => new Lambda<string>((_, _) => { }));
            context.Watch(child, "replaced");
            context.Watch(child, "gone");
        }
    }

    [Fact]
    public async Task Tells_at_once_about_an_actor_that_has_stopped_before()
    {
        await using var fixture = new Fixture();
        var dead = fixture.Spawn<string>((_, _) => { });
        await fixture.System.StopAsync(dead);
        var probe = new TestProbe<string>();
        Watch(fixture, probe, dead);

        (await probe.ReceiveAsync()).ShouldBe("gone");
        await probe.ExpectNothingAsync(fixture.System);
    }

    [Fact]
    public async Task Says_nothing_about_a_restart()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var actor = fixture.Spawn<string>((_, _) => throw new Planned());
        Watch(fixture, probe, actor);
        actor.Tell("fail");
        await fixture.RunDryAsync();

        fixture.Info("/user/actor").Restarts.ShouldBe(1);
        probe.Count.ShouldBe(0);
    }

    [Fact]
    public async Task After_unwatch_even_a_notice_in_the_mailbox_is_discarded()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var actor = fixture.Spawn<string>((_, _) => { });
        fixture
            .System.Spawn(
                "watcher",
                () =>
                    new Lambda<string>(
                        async (context, message) =>
                        {
                            probe.Tell(message);
                            context.Watch(actor, "gone");
                            await fixture.System.StopAsync(actor);
                            context.Unwatch(actor);
                        }
                    )
            )
            .Tell("watch");
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["watch"]);
    }

    [Fact]
    public async Task A_watch_ends_with_the_behaviour_that_wanted_it()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var watched = fixture.Spawn<string>((_, _) => { }, name: "watched");
        var watcher = fixture.Spawn<string>(
            (context, message) =>
            {
                probe.Tell(message);
                if (message != "watch")
                    throw new Planned();
                context.Watch(watched, "gone");
            },
            name: "watcher"
        );
        watcher.Tell("watch");
        watcher.Tell("fail");
        await fixture.RunDryAsync();
        await fixture.System.StopAsync(watched);
        await fixture.System.IdleAsync();

        probe.Drain().ShouldBe(["watch", "fail"]);
    }

    [Fact]
    public async Task Knows_probes_and_refuses_others()
    {
        await using var fixture = new Fixture();
        var probe = new TestProbe<string>();
        var watched = new TestProbe<string>("watched");
        Watch(fixture, probe, watched, "p");
        watched.Stop();
        (await probe.ReceiveAsync()).ShouldBe("gone");

        Watch(fixture, probe, new Stranger(), "s");
        await fixture.System.IdleAsync();
        fixture.Info("/user/s").LastFailure!.ShouldContain("/far/away can't be watched");
    }

    [Fact]
    public async Task An_actor_that_lives_long_does_not_keep_its_former_watchers()
    {
        await using var fixture = new Fixture();
        var watched = fixture.Spawn<string>((_, _) => { });
        var notice = await WatchAndStopAsync();
        var limit = Stopwatch.StartNew();
        while (notice.IsAlive && limit.Elapsed < TimeSpan.FromMinutes(1))
        {
            // The thread that ended the watcher may still have it on its stack, and on a busy machine not run for a while.
            await Task.Yield();
            GC.Collect();
        }

        notice.IsAlive.ShouldBeFalse();

        async Task<WeakReference> WatchAndStopAsync()
        {
            var message = new object();
            var watcher = fixture.System.Spawn(
                "watcher",
                () => new Lambda<object>((_, _) => { }, context => context.Watch(watched, message))
            );
            await fixture.System.IdleAsync();
            await fixture.System.StopAsync(watcher);
            return new WeakReference(message);
        }
    }

    [Fact]
    public async Task Every_watcher_is_told_exactly_once_however_the_end_and_the_watch_race()
    {
        await using var fixture = new Fixture();
        var told = 0;
        var watcher = fixture.System.Spawn(
            "watcher",
            () =>
                new Lambda<IActorRef?>(
                    (context, actor) =>
                    {
                        if (actor is Told)
                            told++;
                        else
                            context.Watch(actor!, new Told());
                    }
                )
        );
        const int rounds = 3000;
        for (var round = 0; round < rounds; round++)
        {
            var actor = fixture.Spawn<int>((context, _) => context.StopSelf(), name: $"a{round}");
            if (round % 2 == 0)
                actor.Tell(1);
            watcher.Tell(actor);
            if (round % 2 == 1)
                actor.Tell(1);
        }
        await fixture.System.IdleAsync();

        told.ShouldBe(rounds);
        fixture.System.Hierarchy().Count.ShouldBe(1);
    }

    private static void Watch(
        Fixture fixture,
        TestProbe<string> probe,
        IActorRef watched,
        string name = "watcher"
    ) =>
        fixture.System.Spawn(
            name,
            () =>
                new Lambda<string>(
                    (_, message) => probe.Tell(message),
                    context => context.Watch(watched, "gone")
                )
        );

    private sealed record Told : IActorRef
    {
        public string Path => "";

        public string Name => "";
    }

    private sealed class Stranger : IActorRef
    {
        public string Path => "/far/away";

        public string Name => "away";
    }
}
