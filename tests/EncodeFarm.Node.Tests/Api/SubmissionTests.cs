using System.Security.Cryptography;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Node.Tests.Api;

/// <summary>What is submitted, what is refused, and what is the same job.</summary>
public sealed class SubmissionTests : ApiCaller
{
    [Fact]
    public async Task A_submitted_job_is_there()
    {
        var source = Farm.Files.Write("a.mkv", "video");

        var answer = await Farm.One_.SubmitAsync(
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
        answer.Job.Outputs.ShouldBe([Path.Combine(Farm.Files.Path, "a.av1-crf.mkv")]);
        (await Farm.One_.JobsAsync(true, Stop)).Jobs.Single().Id.ShouldBe(answer.Job.Id);
        var spec = Farm.Coordinator.Monitor.Videos[answer.Job.Id].Spec!;
        spec.Profile.Renditions[0].Video.Preset.ShouldBe("8");
        (spec.Options.AllowDamaged, spec.Options.AllowTruncated).ShouldBe((true, false));
    }

    /// <summary>Its own flag is for all jobs; only what a client asks for has to fit the client's profile.</summary>
    [Fact]
    public async Task A_flag_of_the_coordinator_refuses_no_job_that_it_does_not_fit()
    {
        await using var farm = new ApiFixture("encoding.vmaf_target=95");
        var source = farm.Files.Write("a.mkv", "video");

        (
            await farm.One_.SubmitAsync(new SubmitRequest(source, "av1-crf"), Stop)
        ).Created.ShouldBeTrue();
        (
            await farm.One_.SubmitAsync(new SubmitRequest(source, "av1-vmaf"), Stop)
        ).Created.ShouldBeTrue();
        farm.Coordinator.Monitor.Videos.Values.Select(video =>
                video.Spec!.Profile.Renditions[0].Video.Quality.Target
            )
            .ShouldContain(95);
    }

    [Fact]
    public async Task The_same_submit_gives_the_same_job()
    {
        var source = Farm.Files.Write("a.mkv", "video");

        var first = await Farm.One_.SubmitAsync(new SubmitRequest(source), Stop);
        var second = await Farm.Two_.SubmitAsync(new SubmitRequest(source), Stop);

        second.Created.ShouldBeFalse();
        second.Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task The_same_key_gives_the_same_job_also_when_the_source_has_changed()
    {
        var source = Farm.Files.Write("a.mkv", "video");
        var request = new SubmitRequest(source, Key: "mine");

        var first = await Farm.One_.SubmitAsync(request, Stop);
        Farm.Files.Write("a.mkv", "another video");
        var second = await Farm.One_.SubmitAsync(request, Stop);

        (first.Created, second.Created).ShouldBe((true, false));
        second.Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task A_key_of_another_job_is_refused()
    {
        await Farm.One_.SubmitAsync(
            new SubmitRequest(Farm.Files.Write("a.mkv", "a"), Key: "mine"),
            Stop
        );

        var error = await FailsAsync(() =>
            Farm.One_.SubmitAsync(
                new SubmitRequest(Farm.Files.Write("b.mkv", "b"), Key: "mine"),
                Stop
            )
        );

        (error.Status, error.Problem.Kind).ShouldBe((409, "conflict"));
    }

    [Fact]
    public async Task A_cancelled_job_makes_room_for_a_new_one()
    {
        var source = Farm.Files.Write("a.mkv", "video");
        var first = await Farm.One_.SubmitAsync(new SubmitRequest(source), Stop);
        await Farm.One_.CancelAsync(first.Job.Id, Stop);

        var second = await Farm.One_.SubmitAsync(new SubmitRequest(source), Stop);

        second.Created.ShouldBeTrue();
        second.Job.Id.ShouldBe($"{first.Job.Id}-2");
    }

    [Fact]
    public async Task A_delivered_job_is_made_again_where_its_file_is_gone_or_that_was_asked_for()
    {
        var source = Farm.Files.Write("a.mkv", "video");
        var request = new SubmitRequest(source, "av1-crf");
        var first = (await Farm.One_.SubmitAsync(request, Stop)).Job;
        Deliver(first);

        (await Farm.One_.SubmitAsync(request, Stop)).ShouldSatisfyAllConditions(
            again => again.Created.ShouldBeFalse(),
            again => again.Job.State.ShouldBe("Completed")
        );
        File.WriteAllText(first.Outputs[0], "12346");
        (await FailsAsync(() => Farm.One_.SubmitAsync(request, Stop))).Problem.Error.ShouldContain(
            "exists already, and what an earlier run delivered"
        );
        // Who wrote to a file before its job was over was the job.
        File.SetLastWriteTimeUtc(first.Outputs[0], Samples.Start.UtcDateTime.AddSeconds(-1));
        (await Farm.One_.SubmitAsync(request, Stop)).Created.ShouldBeFalse();
        var forced = await Farm.One_.SubmitAsync(request with { Overwrite = true }, Stop);
        forced.Job.Id.ShouldBe($"{first.Id}-2");
        await Farm.One_.CancelAsync(forced.Job.Id, Stop);
        File.Delete(first.Outputs[0]);
        (await Farm.One_.SubmitAsync(request, Stop)).Job.Id.ShouldBe($"{first.Id}-3");

        void Deliver(JobInfo job)
        {
            var spec = Farm.Coordinator.Monitor.Videos[job.Id].Spec!;
            var segment = new SegmentId(0, 0);
            Farm.Coordinator.Decide(job.Id, Samples.Plan(spec, 1, 0));
            Farm.Coordinator.Decide(
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
            var file = Samples.Muxed(0) with
            {
                Destination = job.Outputs[0],
                SizeBytes = 5,
                Sha256 = Convert.ToHexStringLower(SHA256.HashData("12345"u8)),
            };
            Farm.Coordinator.Decide(job.Id, new MuxMade(0, file));
            Farm.Coordinator.Decide(job.Id, new DeliveryMade(0));
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
            Farm.Two_.SubmitAsync(new SubmitRequest("/nowhere/a.mkv"), Stop)
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
    [InlineData("""{"source":"SOURCE","settings":[null]}""", "usage", "A setting is null.")]
    [InlineData(
        """{"source":"SOURCE","priority":1000001}""",
        "usage",
        "The priority is 1000001, but must be a whole number of -1000000..1000000."
    )]
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
        var source = Farm.Files.Write("a.mkv", "video");

        var reply = await Farm.ApiOne.HandleAsync(
            new ApiRequest("POST", "jobs", null, body.Replace("SOURCE", source)),
            Stop
        );

        reply.Status.ShouldBe(400, reply.Json);
        var problem = ContractsJson.Read<Problem>(reply.Json);
        problem.Kind.ShouldBe(kind);
        problem.Error.ShouldContain(words);
    }
}
