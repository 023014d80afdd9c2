using EncodeFarm.Actors.Testing;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Tests;

/// <summary>What a job has left can't be removed.</summary>
public sealed class CleaningTests
{
    static readonly TaskId Cleaner = new(TaskKind.Clean);

    [Fact]
    public void It_is_tried_again_ever_more_seldom()
    {
        var story = new VideoStory(Samples.Job());
        story.Take(new Cancel());
        foreach (var minutes in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            story.Wanted.Tasks.ShouldBe([Cleaner]);

            var failure = new Failure(FailureKind.Transfer, "The store is away.");
            story.Take(new TaskBroke(Cleaner, failure, [])).ShouldHaveSingleItem();

            story.Wanted.Tasks.ShouldBeEmpty();
            story.Now += TimeSpan.FromMinutes(minutes);
            story.Wanted.WakeAt.ShouldBe(null);
        }
        story.Take(new WorkSwept());
        story.Wanted.Tasks.ShouldBeEmpty();
    }

    [Fact]
    public void Whoever_opens_the_job_again_need_not_wait()
    {
        var story = new VideoStory(Samples.Job());
        story.Take(new Cancel());
        var failure = new Failure(FailureKind.Transfer, "The store is away.");
        story.Take(new TaskBroke(Cleaner, failure, []));
        story.Wanted.Tasks.ShouldBeEmpty();

        story.Take(new Open());

        story.Wanted.Tasks.ShouldBe([Cleaner]);
    }

    [Fact]
    public void A_failed_job_keeps_its_work_until_it_is_cancelled()
    {
        var story = new VideoStory(Samples.Job());
        story.End("1-1", new AttemptOutcome.Failed(FailureKind.BadInput, "It is no video."));
        story.State.State.ShouldBe(JobState.Failed);
        story.Wanted.Tasks.ShouldBeEmpty();

        story.Take(new Cancel());

        story.State.State.ShouldBe(JobState.Cancelled);
        story.Wanted.Tasks.ShouldBe([Cleaner]);
        story.Take(new Retry()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_farm_on_one_machine_does_not_wait_for_it()
    {
        using var directory = new TestDirectory();
        var spec = Samples.Job() with { Destinations = [directory.File("out.mkv")] };
        var journal = new InMemoryJournal();
        VideoEvent[] before =
        [
            new VideoSubmitted(spec, Samples.Fingerprint) { At = Samples.Start },
            new VideoCancelled { At = Samples.Start },
        ];
        await journal.AppendAsync(spec.Id, 0, [.. before.Select(FarmCodecs.Events.Write)], default);
        // A directory where a file ought to be.
        Directory.CreateDirectory(directory.File("job/frames.bin/x"));
        var told = new List<VideoEvent>();
        var options = new EmbeddedFarmOptions(
            directory.Path,
            1,
            Samples.Fingerprint,
            0,
            RetryPolicy.Default,
            TimeProvider.System,
            new Random(1),
            _ => { },
            (_, happened) => told.Add(happened)
        );
        await using var farm = new EmbeddedFarm(
            options,
            new FakeMedia(),
            [new EmbeddedJob(spec, journal, 1)]
        );
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        var state = (await farm.RunAsync(limit.Token)).ShouldHaveSingleItem();

        (state.State, state.Cleaned).ShouldBe((JobState.Cancelled, false));
        told.ShouldHaveSingleItem().ShouldBeOfType<TaskFailed>().Task.ShouldBe(Cleaner);
    }
}
