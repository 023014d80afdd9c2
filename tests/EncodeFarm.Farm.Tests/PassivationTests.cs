using EncodeFarm.Actors;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Tests;

/// <summary>A job that is over leaves the coordinator's memory, and is there again for whoever asks something of it.</summary>
public sealed class PassivationTests : IAsyncDisposable
{
    static readonly TimeSpan RestAfter = TimeSpan.FromMinutes(10);
    static readonly JobSpec Job = Samples.Job();

    readonly TestDirectory _directory = new();
    readonly ManualTimeProvider _time = new(Samples.Start);
    readonly InMemoryJournal _journal = new();
    readonly FarmMonitor _monitor = new();
    readonly TestProbe<string> _rested = new();
    readonly ActorSystem _system;
    readonly IActorRef<VideosMessage> _videos;

    public PassivationTests()
    {
        _system = new ActorSystem("test", new ActorSystemOptions { Time = _time });
        _videos = _system.Spawn(
            "videos",
            () =>
                new VideosActor(
                    Options,
                    id =>
                    {
                        _monitor.Remove(id);
                        _rested.Tell(id);
                    }
                )
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _system.ShutdownAsync(TimeSpan.FromSeconds(30));
        _directory.Dispose();
    }

    [Fact]
    public async Task A_job_that_is_over_rests_after_a_while_and_an_order_wakes_it()
    {
        await FailedAsync();

        _time.Advance(RestAfter);

        (await _rested.ReceiveAsync()).ShouldBe(Job.Id);
        _monitor.Videos.ShouldBeEmpty();
        (await AskAsync(new Retry())).Refusal.ShouldBeNull();
        _monitor.Videos[Job.Id].Finished.ShouldBeFalse();
    }

    [Fact]
    public async Task A_job_that_was_begun_again_meanwhile_goes_on()
    {
        await FailedAsync();
        _videos.Tell(new ToVideo(Job.Id, new Handle(new Retry())));

        _videos.Tell(new Passivate(Job.Id));

        // Answered in order: it was awake before, and is now.
        (await AskAsync(new ChangePriority(7))).State.Priority.ShouldBe(7);
        _monitor.Videos[Job.Id].Finished.ShouldBeFalse();
        _rested.Count.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_asked_while_it_goes_to_rest_is_done()
    {
        await FailedAsync();
        _videos.Tell(new Passivate(Job.Id));
        var answers = Enumerable.Range(0, 50).Select(_ => DescribeAsync()).ToList();

        (await Task.WhenAll(answers)).ShouldAllBe(answer => answer.State.State == JobState.Failed);
        (await _rested.ReceiveAsync()).ShouldBe(Job.Id);
    }

    [Fact]
    public async Task An_unfinished_job_stays()
    {
        await AskAsync(new Submit(Job, Samples.Fingerprint));

        _time.Advance(RestAfter + RestAfter);
        await AskAsync(new ChangePriority(1));

        _rested.Count.ShouldBe(0);
        _monitor.Videos.ShouldContainKey(Job.Id);
    }

    async Task FailedAsync()
    {
        VideoEvent[] history =
        [
            new VideoSubmitted(Job, Samples.Fingerprint) { At = Samples.Start },
            new VideoFailed(new Failure(FailureKind.BadInput, "It is no video."))
            {
                At = Samples.Start,
            },
        ];
        await _journal.AppendAsync(
            Job.Id,
            0,
            [.. history.Select(Wire.FarmCodecs.Events.Write)],
            default
        );
        (await DescribeAsync()).State.State.ShouldBe(JobState.Failed);
    }

    Task<VideoAnswer> DescribeAsync() =>
        _videos.AskAsync<VideosMessage, VideoAnswer>(
            reply => new ToVideo(Job.Id, new Describe(reply)),
            TimeSpan.FromMinutes(1)
        );

    Task<VideoAnswer> AskAsync(VideoInput input) =>
        _videos.AskAsync<VideosMessage, VideoAnswer>(
            reply => new ToVideo(Job.Id, new Handle(input, reply)),
            TimeSpan.FromMinutes(1)
        );

    VideoOptions Options(string id) =>
        new(
            id,
            _directory.Path,
            1,
            RetryPolicy.Default,
            Random.Shared,
            _journal,
            new DirectoryStore(_directory.File("store")),
            new FakeMedia(),
            new TestProbe<DispatchMessage>(),
            state => _monitor.Update(id, state),
            (_, _) => { }
        )
        {
            RestAfter = RestAfter,
        };
}
