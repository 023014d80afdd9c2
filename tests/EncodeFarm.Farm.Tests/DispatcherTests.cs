using System.Collections.Immutable;
using EncodeFarm.Actors;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Tests;

/// <summary>The leases, on a clock that the test moves.</summary>
public sealed class DispatcherTests : IAsyncDisposable
{
    readonly ManualTimeProvider _time = new(Samples.Start);
    readonly ActorSystem _system;
    readonly IActorRef<DispatchMessage> _dispatcher;
    readonly List<(string Node, WireMessage Message)> _sent = [];
    readonly List<AttemptGone> _lost = [];
    readonly List<VideoInput> _told = [];
    bool _reachable = true;

    /// <summary>Whatever it throws befalls the dispatcher.</summary>
    Action<DispatchSnapshot> _watch = _ => { };
    DispatchSnapshot _snapshot = DispatchSnapshot.Empty;

    public DispatcherTests()
    {
        _system = new ActorSystem("test", new ActorSystemOptions { Time = _time });
        var effects = new DispatcherEffects(
            (node, message) =>
            {
                _sent.Add((node, message));
                return Task.FromResult(_reachable);
            },
            (_, input) =>
            {
                if (input is AttemptGone gone)
                {
                    _lost.Add(gone);
                }
                else
                {
                    _told.Add(input);
                }
            },
            snapshot =>
            {
                _snapshot = snapshot;
                _watch(snapshot);
            },
            () => { }
        );
        var options = new DispatcherOptions(new AttemptIds(7), null, 1);
        _dispatcher = _system.Spawn("dispatcher", () => new DispatcherActor(options, effects));
    }

    public ValueTask DisposeAsync() => _system.DisposeAsync();

    AssignSegment[] Assigned => [.. _sent.Select(sent => sent.Message).OfType<AssignSegment>()];

    async Task TellAsync(params DispatchMessage[] messages)
    {
        foreach (var message in messages)
        {
            _dispatcher.Tell(message);
        }
        await _system.IdleAsync();
    }

    /// <summary>Second by second: a tick that finds another one waiting is left out.</summary>
    async Task PassAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _system.IdleAsync();
        }
    }

    [Fact]
    public async Task An_attempt_carries_the_epoch_and_an_artifact_name_of_its_own()
    {
        await TellAsync(Beat("n"), Offers(0));
        var assignment = Assigned.ShouldHaveSingleItem();
        assignment.Epoch.ShouldBe(7);
        assignment.Attempt.ShouldBe("7-1");
        assignment.ArtifactName.ShouldBe("a/encoded/0/segment_0000.7-1.ivf");
    }

    [Fact]
    public async Task A_dispatcher_that_was_restarted_gives_no_id_again()
    {
        await TellAsync(Beat("n"), Offers(0));
        _watch = _ => throw new InvalidOperationException("a defect");
        await TellAsync(Beat("n", running: "7-1"));
        _watch = _ => { };
        await PassAsync(30);
        await TellAsync(Offers(0, 1), Beat("n", running: "7-1"));
        Assigned
            .Select(sent => (sent.Attempt, sent.Segment.Index))
            .ShouldBe([("7-1", 0), ("7-2", 1)]);
    }

    [Fact]
    public async Task The_leases_of_a_node_that_is_gone_go_elsewhere_at_once()
    {
        await TellAsync(Beat("one"), Offers(0));
        await TellAsync(Beat("one", running: "7-1"), Beat("two"));
        _lost.ShouldBeEmpty();
        await TellAsync(new NodeGone("one", "its node is unreachable", Returned: false));
        _lost.ShouldHaveSingleItem().Attempt.ShouldBe("7-1");
        Assigned[^1].Attempt.ShouldBe("7-2");
        _sent[^1].Node.ShouldBe("two");
    }

    [Fact]
    public async Task An_attempt_that_was_never_started_is_lost_after_three_seconds()
    {
        await TellAsync(Beat("n"), Offers(0));
        await PassAsync(2);
        await TellAsync(Beat("n"));
        _lost.ShouldBeEmpty();
        await PassAsync(1);
        await TellAsync(Beat("n"));
        _lost.ShouldHaveSingleItem().Reason.ShouldBe("its node did not start it");
    }

    [Fact]
    public async Task A_node_that_stood_still_is_not_judged_by_its_first_heartbeat()
    {
        await TellAsync(Beat("n"), Offers(0));
        await PassAsync(5);
        await TellAsync(Beat("n"), Beat("n", running: "7-1"));
        _lost.ShouldBeEmpty();
        _snapshot.Leases.ShouldHaveSingleItem().Started.ShouldBeTrue();
    }

    [Fact]
    public async Task An_attempt_that_three_heartbeats_do_not_list_is_lost()
    {
        await TellAsync(Beat("n"), Offers(0), Beat("n", running: "7-1"));
        await TellAsync(Beat("n"), Beat("n"));
        _lost.ShouldBeEmpty();
        await TellAsync(Beat("n", running: "7-1"), Beat("n"), Beat("n"));
        _lost.ShouldBeEmpty("the count begins anew");
        await TellAsync(Beat("n"));
        _lost.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_kept_result_is_no_loss()
    {
        await TellAsync(Beat("n"), Offers(0), Beat("n", running: "7-1"));
        for (var beat = 0; beat < 9; beat++)
        {
            await TellAsync(Beat("n", finished: "7-1"));
        }
        _lost.ShouldBeEmpty();
        Assigned.Length.ShouldBe(1);
    }

    [Fact]
    public async Task The_slot_is_free_with_the_result_and_the_segment_only_when_it_is_settled()
    {
        await TellAsync(Beat("n", slots: 1), Offers(0, 1), Beat("n", 1, "7-1"));
        await TellAsync(new AttemptArrived("7-1", AttemptVerdict.Works));
        Assigned.Select(a => a.Segment.Index).ShouldBe([0, 1]);
        await TellAsync(Beat("n", 2, "7-2", finished: "7-1"));
        Assigned.Length.ShouldBe(2);
        await TellAsync(Offers(1), new AttemptSettled("7-1", "n"));
        Assigned.Length.ShouldBe(2);
        _snapshot.Leases.Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_running_attempt_of_an_earlier_coordinator_is_adopted_when_wanted_and_stopped_otherwise()
    {
        await TellAsync(Offers(0), Beat("n", slots: 4, "6-3"));
        Assigned.ShouldBeEmpty();
        _snapshot.Leases.ShouldHaveSingleItem().Attempt.ShouldBe("6-3");

        await TellAsync(Beat("m", slots: 0, "6-9"));
        _sent.ShouldHaveSingleItem().ShouldBe(("m", new StopAttempt(7, "6-9")));
    }

    [Fact]
    public async Task An_undeliverable_assignment_counts_as_no_loss()
    {
        _reachable = false;
        await TellAsync(Beat("n"), Offers(0));
        _lost.ShouldBeEmpty();
        _snapshot.Leases.ShouldBeEmpty();
        _reachable = true;
        await TellAsync(Beat("n"));
        _snapshot.Leases.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_withdrawn_video_has_its_attempts_stopped()
    {
        await TellAsync(Beat("n"), Offers(0), new WithdrawVideo("a", Stop: true));
        _sent[^1].ShouldBe(("n", new StopAttempt(7, "7-1")));
        _snapshot.Leases.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attempt_that_was_taken_back_is_not_adopted_while_it_ends()
    {
        await TellAsync(Beat("n"), Offers(0), new WithdrawVideo("a", Stop: true), Offers(0));
        await TellAsync(Beat("n", 2, "7-1", "7-2"));
        _sent[^1].ShouldBe(("n", new StopAttempt(7, "7-1")));
        _snapshot.Leases.Single().Attempt.ShouldBe("7-2");

        // Also where its segment waits for a slot elsewhere.
        await TellAsync(new WithdrawVideo("a", Stop: true), Beat("n", 0), Offers(0));
        await TellAsync(Beat("n", 0, "7-2"));
        _sent[^1].ShouldBe(("n", new StopAttempt(7, "7-2")));
        _snapshot.Leases.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tasks_wait_for_a_slot_and_get_it_by_priority_and_the_order_of_their_jobs()
    {
        var granted = new List<string>();
        TakeSlot Take(string video, string task) =>
            new($"{video}/{task}", video, new Taker(() => granted.Add($"{video}/{task}")));
        OfferVideo Job(string video, int priority, long order) =>
            new(Offers().Offers with { Video = video, Priority = priority, Order = order });

        await TellAsync(Job("a", 0, 1), Job("b", 0, 2), Job("urgent", 1, 3));
        await TellAsync(Take("a", "plan"), Take("b", "plan"), Take("urgent", "plan"));
        granted.ShouldBe(["a/plan"]);
        _snapshot.WaitingForTask.ShouldBe(["b", "urgent"], ignoreOrder: true);

        await TellAsync(Take("a", "pieces"), Take("a", "audio"), Take("over", "cleaner"));
        foreach (var ended in new[] { "a/plan", "over/cleaner", "urgent/plan", "a/pieces" })
        {
            granted[^1].ShouldBe(ended);
            await TellAsync(new ReturnSlot(ended));
        }
        await TellAsync(new ReturnSlot("a/audio"));

        granted.ShouldBe([
            "a/plan",
            "over/cleaner",
            "urgent/plan",
            "a/pieces",
            "a/audio",
            "b/plan",
        ]);
        _snapshot.WaitingForTask.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_task_that_waits_for_its_slot_outlives_a_defect()
    {
        var granted = new TestProbe<SlotGranted>();
        await TellAsync(new TakeSlot("a/plan", "a", new TestProbe<SlotGranted>()));
        await TellAsync(new TakeSlot("b/plan", "b", granted));

        _watch = _ => throw new InvalidOperationException("a defect");
        await TellAsync(Beat("n"));
        _watch = _ => { };
        await PassAsync(30);
        granted.Count.ShouldBe(0, "there is one slot, and it is taken");
        await TellAsync(new ReturnSlot("a/plan"));

        granted.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_paused_video_nothing_begins_and_what_runs_goes_on()
    {
        var granted = new TestProbe<SlotGranted>();
        var paused = new OfferVideo(Offers(0, 1).Offers with { Paused = true });

        await TellAsync(paused, new TakeSlot("a/audio", "a", granted));
        // Of the coordinator before.
        await TellAsync(Beat("n", slots: 4, "6-3"));

        granted.Count.ShouldBe(0);
        _sent.ShouldBeEmpty();
        _snapshot.Leases.ShouldHaveSingleItem().Attempt.ShouldBe("6-3");
        _snapshot.Waiting.ShouldBeEmpty();

        await TellAsync(Offers(0, 1));
        granted.Count.ShouldBe(1);
        Assigned.ShouldHaveSingleItem().Segment.Index.ShouldBe(1);
    }

    sealed class Taker(Action granted) : IActorRef<SlotGranted>
    {
        public string Path => "/taker";
        public string Name => "taker";

        public void Tell(SlotGranted message) => granted();
    }

    [Fact]
    public async Task A_node_that_leaves_hands_its_work_back_and_gets_none_meanwhile()
    {
        await TellAsync(Beat("n", slots: 1), Offers(0, 1), Beat("n", 1, "7-1"));
        await TellAsync(
            new NodeClosed("n", "leaving"),
            new AttemptArrived("7-1", AttemptVerdict.Works)
        );
        Assigned.Length.ShouldBe(1);
        await TellAsync(new NodeGone("n", "its node has left", Returned: true));
        _lost.ShouldHaveSingleItem().Returned.ShouldBeTrue();
    }

    [Fact]
    public async Task After_a_takeover_nothing_is_assigned_before_all_that_ran_is_known()
    {
        var dispatcher = Successor(["one", "two"]);
        dispatcher.Tell(Offers(0, 1));
        dispatcher.Tell(Beat("one", slots: 2, "6-3"));
        dispatcher.Tell(new VideosReady());
        await _system.IdleAsync();
        Assigned.ShouldBeEmpty();
        dispatcher.Tell(Beat("two", slots: 1));
        await _system.IdleAsync();
        // Segment 0 runs on as attempt 6-3; only the other one is new.
        Assigned.ShouldHaveSingleItem().Segment.Index.ShouldBe(1);
        _sent.ShouldNotContain(sent => sent.Message is StopAttempt);
    }

    [Fact]
    public async Task After_a_takeover_a_finished_segment_waits_for_its_result_and_is_not_encoded_again()
    {
        var dispatcher = Successor(["n"]);
        dispatcher.Tell(Offers(0));
        dispatcher.Tell(Beat("n", finished: "6-3"));
        dispatcher.Tell(new VideosReady());
        await _system.IdleAsync();
        _sent.ShouldBeEmpty();
        _snapshot.Leases.ShouldHaveSingleItem().Finished.ShouldBeTrue();

        // The worker has lost it.
        for (var beat = 0; beat < 3; beat++)
        {
            dispatcher.Tell(Beat("n"));
        }
        await _system.IdleAsync();
        _told.OfType<AttemptGone>().ShouldHaveSingleItem().Attempt.ShouldBe("6-3");
        Assigned.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_result_that_is_settled_is_waited_for_no_more_while_its_worker_lists_it()
    {
        var dispatcher = Successor(["n"]);
        dispatcher.Tell(Offers(0));
        dispatcher.Tell(Beat("n", finished: "6-3"));
        // It arrived before all videos were open, and the segment has to be encoded again.
        dispatcher.Tell(new AttemptArrived("6-3", AttemptVerdict.Failed));
        dispatcher.Tell(new AttemptSettled("6-3", "n"));
        dispatcher.Tell(new VideosReady());
        await _system.IdleAsync();
        Assigned.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_worker_that_does_not_tell_of_what_its_results_are_is_understood()
    {
        var dispatcher = Successor(["n"]);
        dispatcher.Tell(Offers(0));
        var beat = Beat("n", finished: "6-3");
        dispatcher.Tell(beat with { Beat = beat.Beat with { Kept = null } });
        dispatcher.Tell(new VideosReady());
        await _system.IdleAsync();
        Assigned.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_member_that_stays_silent_after_a_takeover_is_not_waited_for_long()
    {
        var dispatcher = Successor(["one", "two"]);
        dispatcher.Tell(Offers(0));
        dispatcher.Tell(new VideosReady());
        dispatcher.Tell(Beat("one"));
        await _system.IdleAsync();
        await PassAsync(2);
        Assigned.ShouldBeEmpty();
        await PassAsync(1);
        Assigned.ShouldHaveSingleItem();
    }

    /// <summary>Restarted, and no standby has heard who was a member: the workers join again one by one.</summary>
    [Fact]
    public async Task A_coordinator_that_knows_no_members_gives_them_time_to_tell_what_they_run()
    {
        var dispatcher = Successor([]);
        dispatcher.Tell(Offers(0));
        dispatcher.Tell(new VideosReady());
        dispatcher.Tell(Beat("idle"));
        await _system.IdleAsync();
        await PassAsync(2);
        Assigned.ShouldBeEmpty();
        dispatcher.Tell(Beat("busy", running: "6-3"));
        await _system.IdleAsync();
        await PassAsync(1);
        dispatcher.Tell(Beat("busy", running: "6-3"));
        await _system.IdleAsync();

        _sent.ShouldBeEmpty("it runs already");
        _snapshot.Leases.ShouldHaveSingleItem().Attempt.ShouldBe("6-3");
    }

    [Fact]
    public async Task Where_nothing_can_be_running_nothing_is_waited_for()
    {
        var dispatcher = Successor([]);
        dispatcher.Tell(new VideosReady(NothingRuns: true));
        dispatcher.Tell(Offers(0));
        dispatcher.Tell(Beat("n"));
        await _system.IdleAsync();
        Assigned.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Nothing_is_stopped_before_the_videos_have_said_what_they_want()
    {
        var dispatcher = Successor(["one"]);
        dispatcher.Tell(Beat("one", slots: 2, "6-3"));
        await PassAsync(5);
        _sent.ShouldBeEmpty();
        dispatcher.Tell(new VideosReady());
        await _system.IdleAsync();
        _sent.ShouldHaveSingleItem().ShouldBe(("one", new StopAttempt(7, "6-3")));
    }

    [Fact]
    public async Task What_runs_of_a_video_that_can_not_be_opened_yet_goes_on()
    {
        var open = false;
        var dispatcher = Successor(["one"], isClosed: _ => !open);
        dispatcher.Tell(Beat("one", slots: 2, "6-3"));
        dispatcher.Tell(new VideosReady());
        await _system.IdleAsync();
        _sent.ShouldBeEmpty();

        open = true;
        dispatcher.Tell(Offers(0));
        dispatcher.Tell(Beat("one", slots: 2, "6-3"));
        await _system.IdleAsync();
        _sent.ShouldBeEmpty("it is encoded already");
        _snapshot.Leases.ShouldHaveSingleItem().Attempt.ShouldBe("6-3");
    }

    [Fact]
    public async Task A_heartbeat_that_is_older_than_the_result_brings_nothing_back()
    {
        await TellAsync(Beat("one", slots: 1), Offers(0));
        await TellAsync(
            new AttemptArrived("7-1", AttemptVerdict.Nothing),
            new AttemptSettled("7-1", "one"),
            Beat("one", slots: 1, running: "7-1"),
            Beat("one", slots: 1, running: "7-1")
        );

        _snapshot.Leases.ShouldHaveSingleItem().Attempt.ShouldBe("7-2");
    }

    [Fact]
    public async Task A_node_that_fails_three_segments_in_a_row_rests_and_its_failures_are_forgiven()
    {
        await TellAsync(Beat("bad", slots: 1), Beat("good", slots: 0), Offers(0, 1, 2, 3));
        for (var failure = 1; failure <= 3; failure++)
        {
            Assigned.Length.ShouldBe(failure);
            await TellAsync(
                new AttemptArrived($"7-{failure}", AttemptVerdict.Failed),
                new AttemptSettled($"7-{failure}", "bad"),
                Offers([.. Enumerable.Range(failure, 4 - failure)])
            );
        }
        Assigned.Length.ShouldBe(3);
        _snapshot
            .Nodes.Single(node => node.Name == "bad")
            .Closed.ShouldNotBeNull()
            .ShouldStartWith("breaker open until");
        _told
            .OfType<FailureForgiven>()
            .Select(told => told.Attempt)
            .ShouldBe(["7-1", "7-2", "7-3"]);

        await PassAsync(300);
        await TellAsync(Beat("bad", slots: 2), Beat("good", slots: 0));
        Assigned.Length.ShouldBe(4, "one attempt as a trial");
    }

    [Fact]
    public async Task What_ran_beside_the_failures_that_closed_a_node_is_forgiven_too()
    {
        await TellAsync(Beat("bad", slots: 4), Beat("good", slots: 0), Offers(0, 1, 2, 3));
        for (var failure = 1; failure <= 4; failure++)
        {
            await TellAsync(new AttemptArrived($"7-{failure}", AttemptVerdict.Failed));
        }
        _told
            .OfType<FailureForgiven>()
            .Select(told => told.Attempt)
            .ShouldBe(["7-1", "7-2", "7-3", "7-4"]);
    }

    /// <summary>The dispatcher of a coordinator that follows another one.</summary>
    IActorRef<DispatchMessage> Successor(string[] members, Func<string, bool>? isClosed = null) =>
        _system.Spawn(
            "successor",
            () =>
                new DispatcherActor(
                    new DispatcherOptions(new AttemptIds(7), null, 1)
                    {
                        Awaited = members,
                        IsClosed = isClosed ?? (_ => false),
                    },
                    new DispatcherEffects(
                        (node, message) =>
                        {
                            _sent.Add((node, message));
                            return Task.FromResult(true);
                        },
                        (_, input) => _told.Add(input),
                        snapshot => _snapshot = snapshot,
                        () => { }
                    )
                )
        );

    static NodeBeat Beat(
        string node,
        int slots = 2,
        string? running = null,
        string? finished = null
    ) =>
        new(
            new Heartbeat(
                node,
                "i",
                slots,
                Samples.Fingerprint,
                null,
                running is null
                    ? []
                    : [new AttemptReport(running, "a", new SegmentId(0, 0), "encode", 0.5, 10)],
                finished is null ? [] : [finished]
            )
            {
                Kept = finished is null ? [] : [new(finished, "a", new SegmentId(0, 0))],
            }
        );

    static OfferVideo Offers(params int[] segments) =>
        new(
            new VideoOffers(
                "a",
                0,
                0,
                Samples.Fingerprint,
                "plan-1",
                [
                    .. segments.Select(index => new SegmentOffer(
                        new SegmentId(0, index),
                        1,
                        new SegmentTask(
                            Samples.Range(new(index, index * 48, 48, 0, 0, 2)),
                            Samples.Settings(new VideoSettings()),
                            null,
                            []
                        ),
                        null,
                        false,
                        ImmutableArray<string>.Empty,
                        false
                    )),
                ]
            )
        );
}
