using EncodeFarm.Actors.Persistence;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Node.Tests.Hosting;

/// <summary>The journal holds a job with an event that a newer version has written.</summary>
public sealed class UnreadableJobTests : IDisposable
{
    private static readonly NodeAddress Worker = new("w", "w1");

    private readonly TestDirectory _directory = new();
    private readonly InProcessNetwork _network = new(TimeProvider.System, _ => { });
    private readonly List<string> _log = [];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_job_that_can_not_be_read_says_why_and_the_others_go_on()
    {
        await using var seat = await SqliteSeat.OpenAsync(
            _directory.File("journal"),
            TimeProvider.System,
            Stop
        );
        var mandate = Mandate(seat);
        await WriteAsync(mandate, "bad", 1, new EventData("from-the-future.v1", "{}"));
        await WriteAsync(mandate, "good", 2);

        await using var term = await BeginAsync(mandate);

        term.Monitor.Videos.Keys.ShouldBe(["good"]);
        var jobs = await term.JobsAsync(Stop);
        jobs[0].Error.ShouldNotBeNull().ShouldContain("can't be opened: Event 3 of 'bad'");
        jobs[1].Error.ShouldBeNull();
        _log.ShouldContain(line => line.StartsWith("The job bad can't be opened"));
        var asked = await Should.ThrowAsync<UnreadableJournalException>(() =>
            term.FindAsync("bad", Stop)
        );
        ContractsJson
            .Read<Problem>(Replies.Of(asked).Json)
            .Error.ShouldStartWith("The job can't be opened: Event 3 of 'bad' can't be read: ");
    }

    /// <summary>Its worker keeps it until a coordinator can read what is wanted.</summary>
    [Fact]
    public async Task A_result_of_it_is_not_acknowledged_and_holds_up_no_other()
    {
        await using var seat = await SqliteSeat.OpenAsync(
            _directory.File("journal"),
            TimeProvider.System,
            Stop
        );
        var mandate = Mandate(seat);
        await WriteAsync(mandate, "bad", 1, new EventData("from-the-future.v1", "{}"));
        await WriteAsync(mandate, "good", 2);
        await using var term = await BeginAsync(mandate);
        await using var worker = _network.Join(Worker);
        var recorded = new TestProbe<string>();
        await JoinAsync(worker, recorded);

        await PublishAsync(worker, "bad", "1-1");
        await PublishAsync(worker, "good", "1-2");

        (await recorded.ReceiveAsync()).ShouldBe("1-2");
        recorded.Count.ShouldBe(0);
    }

    /// <summary>Alone it is as little a reason not to decide.</summary>
    [Fact]
    public async Task New_jobs_can_be_taken_though_no_other_can_be_read()
    {
        await using var seat = await SqliteSeat.OpenAsync(
            _directory.File("journal"),
            TimeProvider.System,
            Stop
        );
        var mandate = Mandate(seat);
        await WriteAsync(mandate, "bad", 1, new EventData("from-the-future.v1", "{}"));

        await using var term = await BeginAsync(mandate);

        (await term.JobsAsync(Stop)).ShouldHaveSingleItem().Error.ShouldNotBeNull();
    }

    private static Mandate Mandate(ISeat seat)
    {
        Mandate? given = null;
        seat.Apply(mandate => given = mandate, _ => { });
        return given!;
    }

    /// <summary>A job that is paused, so that nothing of it is begun, and further events.</summary>
    private static async Task WriteAsync(
        Mandate mandate,
        string id,
        int order,
        params EventData[] further
    )
    {
        VideoInput[] inputs =
        [
            new Submit(Samples.Job() with { Id = id }, Samples.Fingerprint),
            new Pause(true),
        ];
        var (state, events) = (VideoState.Empty, new List<VideoEvent>());
        foreach (var input in inputs)
        {
            var context = new DecideContext(Samples.Start, RetryPolicy.Default, new Random(1));
            var decided = VideoDecider.Decide(state, input, context).Events;
            events.AddRange(decided);
            state = decided.Aggregate(state, VideoFold.Apply);
        }
        events.Count.ShouldBe(2);
        await mandate.Journal.AppendAsync(
            id,
            0,
            [.. events.Select(FarmCodecs.Events.Write), .. further],
            Stop
        );
        await mandate.Index.SaveAsync(JobEntry.Of(id, order, state), Stop);
    }

    private Task<CoordinatorTerm> BeginAsync(Mandate mandate) =>
        CoordinatorTerm.BeginAsync(
            new TermOptions(
                mandate.Epoch,
                _directory.File("jobs"),
                Samples.Fingerprint,
                1,
                RetryPolicy.Default,
                new JoinCheck("", JoinCheck.CurrentProtocol),
                // The worker of the tests sends no heartbeats.
                new FailureLimits
                {
                    Unreachable = TimeSpan.FromMinutes(10),
                    Down = TimeSpan.FromMinutes(20),
                },
                MemberTable.Empty,
                mandate.MayDecide,
                TimeProvider.System,
                entry =>
                {
                    lock (_log)
                    {
                        _log.Add(entry.Text);
                    }
                },
                (_, _) => { }
            ),
            _network.Join(new NodeAddress("c", "c1")),
            mandate.Journal,
            mandate.Index,
            new DirectoryStore(_directory.File("store")),
            // Nothing is begun: nothing is asked of it.
            media: null!,
            Stop
        );

    private static async Task JoinAsync(InProcessTransport worker, TestProbe<string> recorded)
    {
        var joined = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await worker.ListenAsync(
            message =>
            {
                if (
                    ClusterCodec.Open(message) is null
                    && FarmCodecs.Wire.Open(message) is ResultRecorded result
                )
                {
                    recorded.Tell(result.Attempt);
                }
                return Task.CompletedTask;
            },
            Stop
        );
        await worker.ListenToMembersAsync(
            message =>
            {
                if (ClusterCodec.Open(message) is MemberTable table && table.Alive("w") is not null)
                {
                    joined.TrySetResult();
                }
                return Task.CompletedTask;
            },
            Stop
        );
        var card = new NodeCard(Worker, "home", ["worker"], "0.1.0", null);
        var request = new JoinRequest(card, JoinCheck.CurrentProtocol, JoinCheck.Prove("", Worker));
        await worker.SignalAsync(ClusterCodec.Seal(request), Stop);
        await joined.Task.WaitAsync(TestProbe<string>.Patience, Stop);
    }

    private static Task PublishAsync(InProcessTransport worker, string job, string attempt)
    {
        var segment = new SegmentId(0, 0);
        var result = new AttemptResult(
            attempt,
            job,
            "plan",
            segment,
            1,
            "w",
            Samples.Encoded(segment, attempt)
        );
        return worker.PublishResultAsync(FarmCodecs.Wire.Seal(new ResultMessage(result)), Stop);
    }
}
