using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Tests;

public sealed class PauseTests
{
    readonly VideoStory _story = new(Samples.Job(), segments: 2, audio: 1);

    [Fact]
    public void What_runs_may_finish_and_nothing_begins()
    {
        var before = _story.Wanted;
        _story.Take(new Pause(Now: false));

        _story.Wanted.StartNew.ShouldBeFalse();
        _story.Wanted.Tasks.ShouldBe(before.Tasks);
        _story.Wanted.Offers.Length.ShouldBe(2);
    }

    [Fact]
    public void At_once_means_tasks_as_well_as_segments()
    {
        _story.Take(new Pause(Now: true));

        _story.Wanted.Tasks.ShouldBeEmpty();
        _story.Wanted.Offers.ShouldBeEmpty();

        _story.Take(new Resume());
        _story.Wanted.Tasks.ShouldBe([new TaskId(TaskKind.Audio)]);
        _story.Wanted.Offers.Length.ShouldBe(2);

        _story.Take(new Pause(Now: true));
        _story.Take(new Cancel());
        _story.Wanted.Tasks.ShouldBe([new TaskId(TaskKind.Clean)]);
    }
}
