using System.Text.Json;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Tests.Api;

/// <summary>Jobs, their events, and requests that make no sense.</summary>
public sealed class ApiTests : ApiCaller
{
    [Fact]
    public async Task A_job_is_found_by_the_beginning_of_its_id()
    {
        Farm.Job("0123456789abcdef");
        Farm.Job("0123999999abcdef");

        (await Farm.Two_.JobAsync("01234", Stop)).Job.Id.ShouldBe("0123456789abcdef");
        (await FailsAsync(() => Farm.Two_.JobAsync("0123", Stop))).Status.ShouldBe(409);
        (await FailsAsync(() => Farm.Two_.JobAsync("ffff", Stop))).Problem.ShouldBe(
            new Problem("There is no job 'ffff'.", "See 'encode list'.", "not-found")
        );
        (await FailsAsync(() => Farm.Two_.JobAsync("012", Stop))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_job_shows_what_runs_and_why_the_rest_waits()
    {
        Farm.Job("job");
        Farm.Running("job", (1, "two"));

        var detail = await Farm.Two_.JobAsync("job", Stop);
        detail.Job.State.ShouldBe("Encoding");
        (detail.Job.Segments, detail.Job.Running).ShouldBe((3, 1));
        detail.Job.Fraction.ShouldBe(0.1667);
        detail.Attempts.Single().Node.ShouldBe("two");

        var segments = (await Farm.Two_.SegmentsAsync("job", Stop)).Segments;
        segments
            .Select(s => (s.State, s.Node, s.Waiting))
            .ShouldBe([
                ("waiting", null, "no free slot"),
                ("running", "two", null),
                ("waiting", null, "no free slot"),
            ]);
    }

    [Fact]
    public async Task A_segment_that_is_too_large_for_all_workers_says_so()
    {
        Farm.Job("job");
        Farm.Running("job", (1, "two"));
        var seen = Farm.Coordinator.Monitor.Dispatch;
        Farm.Coordinator.Monitor.Update(
            seen with
            {
                Nodes =
                [
                    .. seen.Nodes.Select(node =>
                        node with
                        {
                            Resources = new NodeResources(2, null, null, null)
                            {
                                AttemptLimit = 256L << 20,
                            },
                        }
                    ),
                ],
            }
        );

        var segment = (await Farm.Two_.SegmentsAsync("job", Stop)).Segments[0];

        segment.Waiting.ShouldBe(
            "blocked: needs 0.4 GiB of memory; the largest worker, one, has 0.2 GiB for it"
        );
    }

    [Fact]
    public async Task A_failed_segment_says_when_and_why_it_is_tried_again()
    {
        Farm.Job("job");
        Farm.Coordinator.Decide(
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

        var segment = (await Farm.One_.SegmentsAsync("job", Stop)).Segments[0];

        segment.Failures.ShouldBe(1);
        segment.Waiting.ShouldBe("tried again in 2s: ffmpeg ended with 1.");
    }

    [Fact]
    public async Task A_job_says_that_its_next_task_waits_for_others()
    {
        Farm.Job("job");
        Farm.Coordinator.Monitor.Update(DispatchSnapshot.Empty with { WaitingForTask = ["job"] });

        (await Farm.Two_.JobAsync("job", Stop)).Job.Waiting.ShouldBe(
            "waits for the coordinator's task slot"
        );
    }

    [Fact]
    public async Task Commands_change_the_job_and_contradictions_are_409()
    {
        Farm.Job("job");

        (await Farm.Two_.PauseAsync("job", true, Stop)).Paused.ShouldBeTrue();
        (await FailsAsync(() => Farm.Two_.PauseAsync("job", true, Stop))).Problem.ShouldBe(
            new Problem("The job is paused already.", null, "conflict")
        );
        (await Farm.Two_.JobAsync("job", Stop)).Job.Waiting.ShouldBe("paused");
        (await Farm.Two_.ResumeAsync("job", Stop)).Paused.ShouldBeFalse();
        (await Farm.Two_.PriorityAsync("job", -5, Stop)).Priority.ShouldBe(-5);
        (await FailsAsync(() => Farm.Two_.RetryAsync("job", Stop))).Status.ShouldBe(409);
        (await Farm.Two_.CancelAsync("job", Stop)).State.ShouldBe("Cancelled");
        (await FailsAsync(() => Farm.Two_.CancelAsync("nojob", Stop))).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"priority":null}""")]
    [InlineData("""{"priority":-1000001}""")]
    public async Task A_priority_that_is_none_changes_nothing(string body)
    {
        Farm.Job("job");
        await Farm.Two_.PriorityAsync("job", 5, Stop);

        var reply = await Farm.ApiOne.HandleAsync(
            new ApiRequest("POST", "jobs/job/priority", null, body),
            Stop
        );

        reply.Status.ShouldBe(400, reply.Json);
        (await Farm.One_.JobAsync("job", Stop)).Job.Priority.ShouldBe(5);
    }

    [Fact]
    public async Task Events_are_sentences()
    {
        Farm.Job("job");
        await Farm.One_.PauseAsync("job", false, Stop);
        await Farm.One_.PauseAsync("job", true, Stop);
        await Farm.One_.ResumeAsync("job", Stop);
        await Farm.One_.PriorityAsync("job", -5, Stop);
        await Farm.One_.CancelAsync("job", Stop);

        (await Farm.One_.EventsAsync("job", 2, Stop))
            .Events.Select(e => e.Text)
            .ShouldBe([
                "Paused: nothing new begins.",
                "Paused: nothing new begins, and what runs is withdrawn.",
                "Goes on after the pause.",
                "The priority is -5 from now on.",
                "Cancelled.",
            ]);
    }

    [Fact]
    public async Task Events_are_read_from_any_place_on()
    {
        Farm.Job("job");

        var page = await Farm.Two_.EventsAsync("job", 0, Stop);
        page.Events.Select(e => e.Type).ShouldBe(["video-submitted.v1", "video-planned.v1"]);
        (page.Next, page.Over).ShouldBe((2, false));
        (await Farm.Two_.EventsAsync("job", 2, Stop)).Events.ShouldBeEmpty();

        await Farm.One_.CancelAsync("job", Stop);
        Farm.Coordinator.Decide("job", new WorkSwept());
        var rest = await Farm.Two_.EventsAsync("job", 2, Stop);
        rest.Events.Select(e => e.Sequence).ShouldBe([3, 4]);
        rest.Over.ShouldBeTrue();
    }

    [Fact]
    public async Task The_report_is_that_of_encode()
    {
        Farm.Job("job");

        using var report = JsonDocument.Parse(await Farm.Two_.ReportAsync("job", Stop));

        var job = report.RootElement.GetProperty("jobs")[0];
        job.GetProperty("id").GetString().ShouldBe("job");
        job.GetProperty("state").GetString().ShouldBe("Encoding");
        job.GetProperty("renditions")[0].GetProperty("segments").GetArrayLength().ShouldBe(3);
        job.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_page_of_events_waits_for_the_next_one_and_for_a_second_at_most()
    {
        Farm.Job("job");
        var waiting = Farm.One_.EventsAsync("job", 2, Stop, waits: true);
        waiting.IsCompleted.ShouldBeFalse();

        Farm.Coordinator.Decide("job", new Pause(false));

        var page = await waiting;
        page.Events.Single().Type.ShouldBe("video-paused.v1");
        waiting = Farm.One_.EventsAsync("job", page.Next, Stop, waits: true);
        waiting.IsCompleted.ShouldBeFalse();
        Farm.Time.Advance(TimeSpan.FromSeconds(1));
        page = await waiting;
        (page.Events.Count, page.Over, page.Waited).ShouldBe((0, false, true));
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
        Farm.Job("job");

        var reply = await Farm.ApiTwo.HandleAsync(new ApiRequest(method, path), Stop);

        reply.Status.ShouldBe(status, reply.Json);
        ContractsJson.Read<Problem>(reply.Json).Error.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("99999999999999999999")]
    public async Task A_place_in_a_journal_is_a_number(string after)
    {
        Farm.Job("job");
        var query = new Dictionary<string, string> { ["after"] = after };

        var reply = await Farm.ApiOne.HandleAsync(
            new ApiRequest("GET", "jobs/job/events", query),
            Stop
        );

        reply.Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_error_in_the_program_shows_nothing_of_its_inside()
    {
        Farm.Coordinator.Failure = new InvalidOperationException("secret detail");

        var reply = await Farm.ApiTwo.HandleAsync(new ApiRequest("GET", "jobs"), Stop);

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
}
