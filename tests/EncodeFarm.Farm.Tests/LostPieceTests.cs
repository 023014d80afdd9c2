using EncodeFarm.Actors;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Farm.Tests;

/// <summary>The store has lost a piece that it was given, or has it no longer as it was.</summary>
public sealed class LostPieceTests : IDisposable
{
    const string Reason = "The artifact is missing.";
    readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_attempt_says_which_piece_is_lost()
    {
        var outcome = await AttemptAsync(
            (_, _) => throw new ArtifactLostException(Reason),
            new FakeMedia()
        );

        outcome.ShouldBe(
            new AttemptOutcome.Failed(FailureKind.Transfer, Reason) { LostPiece = Piece.Name }
        );
    }

    /// <summary>An operator makes room.</summary>
    [Fact]
    public async Task A_copy_that_is_removed_while_it_is_encoded_is_no_fault_of_the_source()
    {
        var copy = _directory.Write("copy.mkv", "x");
        var media = new FakeMedia
        {
            Encode = (task, _) =>
            {
                File.Delete(task.Source.Path);
                throw new AttemptBrokeException(
                    new FarmException(FarmError.BadInput, "It is missing.", "Start again."),
                    new AttemptCpu(1, null, null)
                );
            },
        };

        var outcome = await AttemptAsync((_, _) => Task.FromResult(new LocalArtifact(copy)), media);

        var failed = outcome.ShouldBeOfType<AttemptOutcome.Failed>();
        failed.Kind.ShouldBe(FailureKind.Transfer);
        failed.Reason.ShouldBe($"{copy} was removed or altered while it was encoded.");
        (failed.LostPiece, failed.Cpu).ShouldBe((null, new AttemptCpu(1, null, null)));
    }

    static readonly StoredArtifact Piece = new("job/segments/piece_0000.3.mkv", 1, "ee");

    async Task<AttemptOutcome> AttemptAsync(FetchPiece fetch, IMediaWork media)
    {
        var worker = new TestProbe<WorkerMessage>();
        var task = new SegmentTask(
            Samples.Range(new(0, 0, 48, 0, 0, 2)),
            Samples.Settings(new VideoSettings()),
            null,
            []
        );
        var id = new SegmentId(0, 0);
        await using var system = new ActorSystem("test", new ActorSystemOptions());
        system.Spawn(
            "attempt",
            () =>
                new SegmentAttemptActor(
                    new AssignSegment(1, "1-1", "job", "plan-1", id, 1, task, "out.ivf", Piece),
                    _directory.File("scratch"),
                    fetch,
                    new KeptResults(_directory.File("kept")),
                    media,
                    new SlotShare(),
                    new ProgressCell(new AttemptReport("1-1", "job", id, "starting", 0, null)),
                    worker
                )
        );

        return (await worker.ReceiveAsync()).ShouldBeOfType<AttemptEnded>().Outcome;
    }

    [Fact]
    public void It_is_cut_again_and_its_segment_follows()
    {
        var story = new VideoStory(Samples.Job(pieces: true), segments: 2);
        Cut(story, 0, run: 1);
        Cut(story, 1, run: 1);
        story.Wanted.Tasks.ShouldBeEmpty();

        story.End("1-1", Lost(0, run: 1)).ShouldHaveSingleItem().ShouldBeOfType<PieceLost>();

        story.Wanted.Tasks.ShouldBe([new TaskId(TaskKind.Pieces)]);
        story.Wanted.Offers.ShouldHaveSingleItem().Segment.Index.ShouldBe(1);
        var segment = story.State.Segment(new SegmentId(0, 0));
        (segment.Tries.Failures, segment.Losses).ShouldBe((0, 0), "it is no failure of its own");

        Cut(story, 0, run: 2);
        story.Wanted.Offers.Length.ShouldBe(1, "a store that loses all is given time");
        story.Now += TimeSpan.FromSeconds(2);
        story.Wanted.Offers[0].Piece!.Name.ShouldBe(Name(0, run: 2));
    }

    /// <summary>It may be that node alone whose share is not mounted.</summary>
    [Fact]
    public void Another_node_is_preferred_for_it()
    {
        var story = new VideoStory(Samples.Job(pieces: true));
        Cut(story, 0, run: 1);

        story.End("1-1", Lost(0, run: 1), node: "blind");

        story.State.Segment(new SegmentId(0, 0)).Avoid.ShouldBe(["blind"]);
    }

    [Fact]
    public void A_whole_file_is_lost_for_all_that_share_it()
    {
        var story = new VideoStory(Samples.Job(pieces: true), segments: 3);
        var whole = new StoredArtifact(ArtifactNames.Whole("job", "1"), 1, "ee");
        story.Take(new PieceMade(0, whole, story.State.Ranges[0], 0.1));
        Cut(story, 1, run: 1);
        story.Take(new PieceMade(2, whole, story.State.Ranges[2], 0.1));

        story.End(
            "1-1",
            new AttemptOutcome.Failed(FailureKind.Transfer, Reason) { LostPiece = whole.Name }
        );

        story.State.Pieces.Select(piece => piece is null).ShouldBe([true, false, true]);
    }

    [Fact]
    public void A_late_word_of_one_that_is_cut_again_changes_nothing()
    {
        var story = new VideoStory(Samples.Job(renditions: 2, pieces: true));
        Cut(story, 0, run: 1);
        story.End("1-1", Lost(0, run: 1));

        story.End("1-2", Lost(0, run: 1)).ShouldBeEmpty("it is being cut");
        Cut(story, 0, run: 2);
        story.End("1-3", Lost(0, run: 1)).ShouldBeEmpty();
    }

    [Fact]
    public void A_store_that_loses_each_of_them_ends_the_rendition_and_a_retry_begins_anew()
    {
        var story = new VideoStory(Samples.Job(pieces: true));
        for (var run = 1; run <= 4; run++)
        {
            story.State.Finished.ShouldBeFalse();
            Cut(story, 0, run);
            story.End($"1-{run}", Lost(0, run));
        }

        story
            .State.Renditions[0]
            .Failure.ShouldNotBeNull()
            .Message.ShouldStartWith("The store has lost the piece of segment 0 4 times");

        story.Take(new Retry());
        story.Wanted.Tasks.ShouldBe([new TaskId(TaskKind.Pieces)]);
        Cut(story, 0, run: 5);
        story.End("1-5", Lost(0, run: 5));
        story.State.Finished.ShouldBeFalse();
    }

    static void Cut(VideoStory story, int segment, int run) =>
        story.Take(
            new PieceMade(
                segment,
                new StoredArtifact(Name(segment, run), 1, "ee"),
                story.State.Ranges[segment],
                0.1
            )
        );

    static string Name(int segment, int run) => ArtifactNames.Piece("job", segment, $"{run}");

    static AttemptOutcome.Failed Lost(int segment, int run) =>
        new(FailureKind.Transfer, Reason) { LostPiece = Name(segment, run) };
}
