using EncodeFarm.Actors;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Tests;

/// <summary>A segment that took its nodes or their memory with it.</summary>
public sealed class AloneTests : IDisposable
{
    readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_three_losses_another_node_has_to_show_whether_the_segment_is_to_blame()
    {
        var story = new VideoStory(Samples.Job());
        Lose(story, "1-1", "one");
        Lose(story, "1-2", "one");
        story.Wanted.Offers[0].Avoid.ShouldBeEmpty();

        Lose(story, "1-3", "one");

        story.Wanted.Offers[0].Avoid.ShouldBe(["one"]);
        story.Wanted.Offers[0].Alone.ShouldBeTrue();
        Lose(story, "1-4", "two");
        Lose(story, "1-5", "one");
        story.State.Finished.ShouldBeFalse();
        Lose(story, "1-6", "two");
        story.State.Renditions[0].Failure.ShouldNotBeNull();
    }

    static void Lose(VideoStory story, string attempt, string node) =>
        story.Take(new AttemptGone(new SegmentId(0, 0), attempt, node, "its node is down"));

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 1)]
    public async Task It_takes_no_other_slots_cores(bool alone, int threads)
    {
        var taken = new TaskCompletionSource<int>();
        var media = new FakeMedia
        {
            Encode = (_, given) =>
            {
                taken.TrySetResult(given);
                throw new InvalidOperationException("That was to be seen.");
            },
        };
        await using var system = new ActorSystem("test", new ActorSystemOptions());
        var worker = system.Spawn(
            "worker",
            () =>
                new WorkerActor(
                    new WorkerOptions(
                        1,
                        Samples.Fingerprint,
                        _directory.File("w"),
                        null,
                        () => null
                    ),
                    new InProcessNetwork(TimeProvider.System, _ => { }).Join(NodeAddress.New("w")),
                    new DirectoryStore(_directory.File("store")),
                    (_, _) => throw new InvalidOperationException("Nothing is fetched."),
                    media
                )
        );
        worker.Tell(new ChangeSlots(4));
        await system.IdleAsync();

        var task = new SegmentTask(
            Samples.Range(new(0, 0, 48, 0, 0, 2)),
            Samples.Settings(new VideoSettings()),
            null,
            []
        );
        var id = new SegmentId(0, 0);
        var assignment = new AssignSegment(1, "1-1", "job", "plan-1", id, 1, task, "out.ivf", null)
        {
            Alone = alone,
        };
        worker.Tell(new Commanded(assignment));

        (await taken.Task.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(threads);
    }
}
