using System.Text.Json;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Tests;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Tests.Api;

public sealed class ApiTests : IAsyncDisposable
{
    private readonly ApiFixture _farm = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _farm.DisposeAsync();

    [Fact]
    public async Task A_submitted_job_is_there()
    {
        var source = _farm.Files.Write("a.mkv", "video");

        var answer = await _farm.One_.SubmitAsync(
            new SubmitRequest(
                source,
                "av1-crf",
                ["encoding.preset=8", "input.allow_damaged=true"],
                Priority: 3
            ),
            Stop
        );

        answer.Created.ShouldBeTrue();
        answer.Job.Source.ShouldBe(source);
        answer.Job.Profile.ShouldBe("av1-crf");
        answer.Job.State.ShouldBe("Analyzing");
        answer.Job.Priority.ShouldBe(3);
        answer.Job.Outputs.ShouldBe([Path.Combine(_farm.Files.Path, "a.av1-crf.mkv")]);
        (await _farm.One_.JobsAsync(true, Stop)).Jobs.Single().Id.ShouldBe(answer.Job.Id);
        var spec = _farm.Coordinator.Monitor.Videos[answer.Job.Id].Spec!;
        spec.Profile.Renditions[0].Video.Preset.ShouldBe("8");
        (spec.Options.AllowDamaged, spec.Options.AllowTruncated).ShouldBe((true, false));
    }

    [Fact]
    public async Task The_same_submit_gives_the_same_job()
    {
        var source = _farm.Files.Write("a.mkv", "video");

        var first = await _farm.One_.SubmitAsync(new SubmitRequest(source), Stop);
        var second = await _farm.Two_.SubmitAsync(new SubmitRequest(source), Stop);

        second.Created.ShouldBeFalse();
        second.Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_job_also_when_the_source_has_changed()
    {
        var source = _farm.Files.Write("a.mkv", "video");
        var request = new SubmitRequest(source, Key: "mine");

        var first = await _farm.One_.SubmitAsync(request, Stop);
        _farm.Files.Write("a.mkv", "another video");
        var second = await _farm.One_.SubmitAsync(request, Stop);

        (first.Created, second.Created).ShouldBe((true, false));
        second.Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task A_key_of_another_job_is_refused()
    {
        await _farm.One_.SubmitAsync(
            new SubmitRequest(_farm.Files.Write("a.mkv", "a"), Key: "mine"),
            Stop
        );

        var error = await FailsAsync(() =>
            _farm.One_.SubmitAsync(
                new SubmitRequest(_farm.Files.Write("b.mkv", "b"), Key: "mine"),
                Stop
            )
        );

        (error.Status, error.Problem.Kind).ShouldBe((409, "conflict"));
    }

    [Fact]
    public async Task A_cancelled_job_makes_room_for_a_new_one()
    {
        var source = _farm.Files.Write("a.mkv", "video");
        var first = await _farm.One_.SubmitAsync(new SubmitRequest(source), Stop);
        await _farm.One_.CancelAsync(first.Job.Id, Stop);

        var second = await _farm.One_.SubmitAsync(new SubmitRequest(source), Stop);

        second.Created.ShouldBeTrue();
        second.Job.Id.ShouldBe($"{first.Job.Id}-2");
    }

    [Fact]
    public async Task A_delivered_job_is_made_again_where_its_file_is_gone_or_that_was_asked_for()
    {
        var source = _farm.Files.Write("a.mkv", "video");
        var request = new SubmitRequest(source, "av1-crf");
        var first = (await _farm.One_.SubmitAsync(request, Stop)).Job;
        Deliver(first);

        (await _farm.One_.SubmitAsync(request, Stop)).ShouldSatisfyAllConditions(
            again => again.Created.ShouldBeFalse(),
            again => again.Job.State.ShouldBe("Completed")
        );
        var forced = await _farm.One_.SubmitAsync(request with { Overwrite = true }, Stop);
        forced.Job.Id.ShouldBe($"{first.Id}-2");
        await _farm.One_.CancelAsync(forced.Job.Id, Stop);
        File.Delete(first.Outputs[0]);
        (await _farm.One_.SubmitAsync(request, Stop)).Job.Id.ShouldBe($"{first.Id}-3");

        void Deliver(JobInfo job)
        {
            var spec = _farm.Coordinator.Monitor.Videos[job.Id].Spec!;
            var segment = new SegmentId(0, 0);
            _farm.Coordinator.Decide(job.Id, Samples.Plan(spec, 1, 0));
            _farm.Coordinator.Decide(
                job.Id,
                new AttemptResult(
                    "7-1",
                    job.Id,
                    "plan-1",
                    segment,
                    1,
                    "two",
                    Samples.Encoded(segment, "7-1")
                )
            );
            File.WriteAllText(job.Outputs[0], "12345");
            var file = Samples.Muxed(0) with { Destination = job.Outputs[0], SizeBytes = 5 };
            _farm.Coordinator.Decide(job.Id, new MuxMade(0, file));
            _farm.Coordinator.Decide(job.Id, new DeliveryMade(0));
        }
    }

    [Fact]
    public async Task Sources_outside_the_roots_are_refused_and_the_roots_are_named()
    {
        await using var farm = new ApiFixture("roots.sources=/srv/films");

        var error = await FailsAsync(() =>
            farm.One_.SubmitAsync(new SubmitRequest(farm.Files.Write("a.mkv", "video")), Stop)
        );

        (error.Status, error.Problem.Kind).ShouldBe((400, "bad-input"));
        error.Message.ShouldEndWith(
            "lies outside the directories that roots.sources allows. They are /srv/films."
        );
    }

    [Fact]
    public async Task A_source_that_the_coordinator_can_not_see_is_refused()
    {
        var error = await FailsAsync(() =>
            _farm.Two_.SubmitAsync(new SubmitRequest("/nowhere/a.mkv"), Stop)
        );

        (error.Status, error.Problem.Kind).ShouldBe((400, "bad-input"));
        error.Problem.Error.ShouldBe("The coordinator 'one' does not see '/nowhere/a.mkv'.");
    }

    [Theory]
    [InlineData("""{"source":"a.mkv"}""", "usage", "'a.mkv' is not an absolute path.")]
    [InlineData("""{"source":""}""", "usage", "No source is given.")]
    [InlineData("{}", "usage", "No source is given.")]
    [InlineData("[", "usage", "The body is not the JSON that is expected")]
    [InlineData("", "usage", "The body is not the JSON that is expected")]
    [InlineData("null", "usage", "The body is not the JSON that is expected")]
    [InlineData(
        """{"source":"SOURCE","profile":"av1-crv"}""",
        "usage",
        "There is no profile av1-crv. Did you mean av1-crf?"
    )]
    [InlineData(
        """{"source":"SOURCE","profile":"/etc/passwd"}""",
        "usage",
        "'/etc/passwd' is not the name of a profile."
    )]
    [InlineData(
        """{"source":"SOURCE","settings":["slots=3"]}""",
        "usage",
        "slots is a setting of a machine, not of a job."
    )]
    [InlineData(
        """{"source":"SOURCE","settings":["encoding.preset=99"]}""",
        "usage",
        "encoding.preset is 99, but must be"
    )]
    [InlineData("""{"source":"SOURCE","settings":["x"]}""", "usage", "-s expects key=value")]
    [InlineData(
        """{"source":"SOURCE","output":"/nowhere/x.mkv"}""",
        "bad-output",
        "there is no directory '/nowhere'"
    )]
    public async Task What_can_not_be_submitted_is_400_with_the_reason(
        string body,
        string kind,
        string words
    )
    {
        var source = _farm.Files.Write("a.mkv", "video");

        var reply = await _farm.ApiOne.HandleAsync(
            new ApiRequest("POST", "jobs", null, body.Replace("SOURCE", source)),
            Stop
        );

        reply.Status.ShouldBe(400, reply.Json);
        var problem = ContractsJson.Read<Problem>(reply.Json);
        problem.Kind.ShouldBe(kind);
        problem.Error.ShouldContain(words);
    }

    [Fact]
    public async Task A_job_is_found_by_the_beginning_of_its_id()
    {
        _farm.Job("0123456789abcdef");
        _farm.Job("0123999999abcdef");

        (await _farm.Two_.JobAsync("01234", Stop)).Job.Id.ShouldBe("0123456789abcdef");
        (await FailsAsync(() => _farm.Two_.JobAsync("0123", Stop))).Status.ShouldBe(409);
        (await FailsAsync(() => _farm.Two_.JobAsync("ffff", Stop))).Problem.ShouldBe(
            new Problem("There is no job 'ffff'.", "See 'encode list'.", "not-found")
        );
        (await FailsAsync(() => _farm.Two_.JobAsync("012", Stop))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_job_shows_what_runs_and_why_the_rest_waits()
    {
        _farm.Job("job");
        _farm.Running("job", (1, "two"));

        var detail = await _farm.Two_.JobAsync("job", Stop);
        detail.Job.State.ShouldBe("Encoding");
        (detail.Job.Segments, detail.Job.Running).ShouldBe((3, 1));
        detail.Job.Fraction.ShouldBe(0.1667);
        detail.Attempts.Single().Node.ShouldBe("two");

        var segments = (await _farm.Two_.SegmentsAsync("job", Stop)).Segments;
        segments
            .Select(s => (s.State, s.Node, s.Waiting))
            .ShouldBe([
                ("waiting", null, "no free slot"),
                ("running", "two", null),
                ("waiting", null, "no free slot"),
            ]);
    }

    [Fact]
    public async Task A_failed_segment_says_when_and_why_it_is_tried_again()
    {
        _farm.Job("job");
        _farm.Coordinator.Decide(
            "job",
            new AttemptResult(
                "7-1",
                "job",
                "plan-1",
                new SegmentId(0, 0),
                1,
                "two",
                new AttemptOutcome.Failed(FailureKind.Tool, "ffmpeg ended with 1.")
            )
        );

        var segment = (await _farm.One_.SegmentsAsync("job", Stop)).Segments[0];

        segment.Failures.ShouldBe(1);
        segment.Waiting.ShouldBe("tried again in 2s: ffmpeg ended with 1.");
    }

    [Fact]
    public async Task Commands_change_the_job_and_contradictions_are_409()
    {
        _farm.Job("job");

        (await _farm.Two_.PauseAsync("job", true, Stop)).Paused.ShouldBeTrue();
        (await FailsAsync(() => _farm.Two_.PauseAsync("job", true, Stop))).Problem.ShouldBe(
            new Problem("The job is paused already.", null, "conflict")
        );
        (await _farm.Two_.JobAsync("job", Stop)).Job.Waiting.ShouldBe("paused");
        (await _farm.Two_.ResumeAsync("job", Stop)).Paused.ShouldBeFalse();
        (await _farm.Two_.PriorityAsync("job", -5, Stop)).Priority.ShouldBe(-5);
        (await FailsAsync(() => _farm.Two_.RetryAsync("job", Stop))).Status.ShouldBe(409);
        (await _farm.Two_.CancelAsync("job", Stop)).State.ShouldBe("Cancelled");
        (await FailsAsync(() => _farm.Two_.CancelAsync("nojob", Stop))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Events_are_read_from_any_place_on()
    {
        _farm.Job("job");

        var page = await _farm.Two_.EventsAsync("job", 0, Stop);
        page.Events.Select(e => e.Type).ShouldBe(["video-submitted.v1", "video-planned.v1"]);
        (page.Next, page.Over).ShouldBe((2, false));
        (await _farm.Two_.EventsAsync("job", 2, Stop)).Events.ShouldBeEmpty();

        await _farm.One_.CancelAsync("job", Stop);
        _farm.Coordinator.Decide("job", new WorkSwept());
        var rest = await _farm.Two_.EventsAsync("job", 2, Stop);
        rest.Events.Select(e => e.Sequence).ShouldBe([3, 4]);
        rest.Over.ShouldBeTrue();
    }

    [Fact]
    public async Task The_report_is_that_of_encode()
    {
        _farm.Job("job");

        using var report = JsonDocument.Parse(await _farm.Two_.ReportAsync("job", Stop));

        var job = report.RootElement.GetProperty("jobs")[0];
        job.GetProperty("id").GetString().ShouldBe("job");
        job.GetProperty("state").GetString().ShouldBe("Encoding");
        job.GetProperty("renditions")[0].GetProperty("segments").GetArrayLength().ShouldBe(3);
        job.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Members_are_drained_left_and_downed()
    {
        await _farm.Two_.MemberAsync("drain", new("two"), Stop);
        Two().Draining.ShouldBeTrue();
        await _farm.Two_.MemberAsync("undrain", new("farm://encodefarm@127.0.0.1:9111"), Stop);
        Two().Draining.ShouldBeFalse();
        await _farm.Two_.MemberAsync("leave", new("127.0.0.1:9111"), Stop);
        Two().Status.ShouldBe("leaving");
        (
            await FailsAsync(() => _farm.Two_.MemberAsync("drain", new("two"), Stop))
        ).Problem.ShouldBe(
            new Problem("The member 'two' can't drain. It is leaving.", null, "conflict")
        );
        await _farm.Two_.MemberAsync("down", new("two.two1"), Stop);
        Two().Status.ShouldBe("down");

        MemberInfo Two() =>
            _farm.One_.MembersAsync(Stop).Result.Members.Single(m => m.Name == "two");
    }

    [Fact]
    public async Task An_unreachable_member_can_not_leave_but_can_be_downed()
    {
        _farm.Coordinator.Members = _farm
            .Coordinator.Members.Reach(ApiFixture.Two.Address, true)
            .Table;

        var error = await FailsAsync(() => _farm.One_.MemberAsync("leave", new("two"), Stop));
        error.Status.ShouldBe(409);
        error.Message.ShouldEndWith("Use 'cluster down -a two' to give it up.");
        (await FailsAsync(() => _farm.One_.SlotsAsync("two", 3, Stop))).Status.ShouldBe(503);
        (await _farm.One_.DownUnreachableAsync(Stop)).Message.ShouldBe("Down: two.");
        (await _farm.One_.DownUnreachableAsync(Stop)).Message.ShouldBe("No member is unreachable.");
    }

    [Fact]
    public async Task The_coordinator_is_downed_by_force_only()
    {
        var error = await FailsAsync(() => _farm.Two_.MemberAsync("down", new("one"), Stop));
        error.Message.ShouldContain("--force");

        await _farm.Two_.MemberAsync("down", new("one", Force: true), Stop);
        _farm.Coordinator.Members.Members[0].IsAlive.ShouldBeFalse();
    }

    [Fact]
    public async Task Slots_of_a_worker_are_changed_by_its_coordinator()
    {
        await _farm.Two_.SlotsAsync("two", 5, Stop);

        _farm.Coordinator.Sent.ShouldBe([("two", new SetSlots(7, 5))]);
        (await FailsAsync(() => _farm.Two_.SlotsAsync("two", 0, Stop))).Status.ShouldBe(400);
        (await FailsAsync(() => _farm.Two_.SlotsAsync("three", 1, Stop))).Problem.ShouldBe(
            new Problem("No member is called 'three'.", "There are one, two.", "not-found")
        );
    }

    [Fact]
    public async Task Labels_of_a_worker_are_changed_by_its_coordinator()
    {
        _farm.Running(_farm.Job(), (0, "two"));
        var asked = new LabelsRequest(new Dictionary<string, string> { ["gpu"] = "yes" }, ["rack"]);

        var labels = (await _farm.Two_.LabelsAsync("two", asked, Stop)).Labels;

        labels.ShouldBe(new Dictionary<string, string> { ["gpu"] = "yes" });
        _farm
            .Coordinator.Sent.Single()
            .ShouldSatisfyAllConditions(
                sent => sent.Node.ShouldBe("two"),
                sent =>
                    sent.Message.ShouldBeOfType<SetLabels>()
                        .Change.ShouldSatisfyAllConditions(
                            change => change.Set.ToString().ShouldBe("gpu=yes"),
                            change => change.Remove.ShouldBe(["rack"])
                        )
            );
        var wrong = new LabelsRequest(new Dictionary<string, string> { ["gpu"] = "a b" });
        (await FailsAsync(() => _farm.Two_.LabelsAsync("two", wrong, Stop))).Status.ShouldBe(400);
        var many = Enumerable.Range(0, 65).ToDictionary(n => $"k{n}", _ => "v");
        (await FailsAsync(() => _farm.Two_.LabelsAsync("two", new(many), Stop))).Status.ShouldBe(
            400
        );
    }

    [Fact]
    public async Task A_page_of_events_waits_for_the_next_one_and_for_a_second_at_most()
    {
        _farm.Job("job");
        var waiting = _farm.One_.EventsAsync("job", 2, Stop, waits: true);
        waiting.IsCompleted.ShouldBeFalse();

        _farm.Coordinator.Decide("job", new Pause(false));

        var page = await waiting;
        page.Events.Single().Type.ShouldBe("video-paused.v1");
        waiting = _farm.One_.EventsAsync("job", page.Next, Stop, waits: true);
        waiting.IsCompleted.ShouldBeFalse();
        _farm.Time.Advance(TimeSpan.FromSeconds(1));
        page = await waiting;
        (page.Events.Count, page.Over, page.Waited).ShouldBe((0, false, true));
    }

    [Fact]
    public async Task Nodes_show_what_they_work_on()
    {
        _farm.Job("job");
        _farm.Running("job", (0, "two"), (1, "two"), (2, "one"));

        var two = await _farm.Two_.NodeAsync("two", Stop);

        (two.Slots, two.Running, two.Closed).ShouldBe((2, 2, null));
        two.Attempts.Select(a => (a.Job, a.Rendition, a.Segment))
            .ShouldBe([("job", "r0", 0), ("job", "r0", 1)]);
        (await _farm.Two_.NodesAsync(Stop)).Nodes.Count.ShouldBe(2);
        (await _farm.Two_.LeaderAsync(Stop)).ShouldBe(
            new LeaderInfo("farm://encodefarm@127.0.0.1:9110", "one", 7)
        );
    }

    [Theory]
    [InlineData("GET", "nothing", 404)]
    [InlineData("GET", "", 404)]
    [InlineData("DELETE", "jobs", 404)]
    [InlineData("POST", "jobs/job/explode", 404)]
    [InlineData("POST", "members/explode", 404)]
    [InlineData("POST", "members/drain", 400)]
    [InlineData("POST", "jobs/job/priority", 400)]
    [InlineData("GET", "jobs/%00%ff", 404)]
    public async Task What_is_not_there_is_said(string method, string path, int status)
    {
        _farm.Job("job");

        var reply = await _farm.ApiTwo.HandleAsync(new ApiRequest(method, path), Stop);

        reply.Status.ShouldBe(status, reply.Json);
        ContractsJson.Read<Problem>(reply.Json).Error.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public async Task A_place_in_a_journal_is_a_number(string after)
    {
        _farm.Job("job");
        var query = new Dictionary<string, string> { ["after"] = after };

        var reply = await _farm.ApiOne.HandleAsync(
            new ApiRequest("GET", "jobs/job/events", query),
            Stop
        );

        reply.Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_error_in_the_program_shows_nothing_of_its_inside()
    {
        _farm.Coordinator.Failure = new InvalidOperationException("secret detail");

        var reply = await _farm.ApiTwo.HandleAsync(new ApiRequest("GET", "jobs"), Stop);

        reply.Status.ShouldBe(500);
        reply.Json.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Without_a_coordinator_a_worker_says_who_is_silent()
    {
        await using var farm = new ApiFixture(AnswerLimits.Standard);
        farm.Silence();
        farm.NodeTwo.Members = farm.Coordinator.Members.Reach(ApiFixture.One.Address, true).Table;

        var error = await FailsAsync(() => farm.Two_.JobsAsync(false, Stop));

        error.Status.ShouldBe(503);
        error.Problem.ShouldBe(
            new Problem(
                "The coordinator does not answer.",
                "Coordinators as last heard of: one (unreachable).",
                "unavailable"
            )
        );
        (await farm.Two_.MembersAsync(Stop)).Members.Count.ShouldBe(2);
    }

    private static async Task<FarmApiException> FailsAsync(Func<Task> action) =>
        await Should.ThrowAsync<FarmApiException>(action);
}
