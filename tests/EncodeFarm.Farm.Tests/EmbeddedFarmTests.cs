using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

public sealed class EmbeddedFarmTests
{
    [Fact]
    public async Task A_clip_becomes_a_validated_file_with_every_frame_of_its_source()
    {
        using var directory = new TestDirectory();
        var source = await TestClips.H264OpenGop();
        var output = directory.File("out.mkv");

        var state = await TestFarm.EncodeAsync(directory, source, output, slots: 2);

        FrameOracle
            .Mismatch(await FrameOracle.DecodeAsync(source), await FrameOracle.DecodeAsync(output))
            .ShouldBeNull();
        Directory
            .EnumerateFileSystemEntries(directory.File("job"))
            .ShouldBeEmpty("the work directory is swept");
        state.Renditions[0].Segments.ShouldAllBe(segment => segment.Attempts == 1);
    }

    [Fact]
    public async Task The_video_does_not_depend_on_slots_or_on_where_its_frames_come_from()
    {
        var source = await TestClips.H264OpenGop();
        var hashes = new List<string>();
        foreach (var (slots, pieces) in new[] { (1, false), (3, false), (2, true) })
        {
            using var directory = new TestDirectory();
            var state = await TestFarm.EncodeAsync(
                directory,
                source,
                directory.File("out.mkv"),
                slots,
                pieces
            );
            hashes.Add(state.Renditions[0].Delivering!.VideoSha256);
        }
        hashes.Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task One_copy_of_a_source_serves_all_segments_of_which_no_piece_can_be_cut()
    {
        using var directory = new TestDirectory();
        var source = await TestClips.AviPackedB();
        var output = directory.File("out.mkv");

        var state = await TestFarm.EncodeAsync(directory, source, output, slots: 2, pieces: true);

        state.Pieces.Length.ShouldBeGreaterThan(1);
        var artifact = state
            .Pieces.Select(piece => piece!.Artifact)
            .Distinct()
            .ShouldHaveSingleItem();
        artifact.Length.ShouldBe(new FileInfo(source).Length);
        FrameOracle
            .Mismatch(await FrameOracle.DecodeAsync(source), await FrameOracle.DecodeAsync(output))
            .ShouldBeNull();
    }

    /// <summary>A machine that was asleep or starved: between two heartbeats far more time passes than a silent node is given.</summary>
    [Fact]
    public async Task It_never_takes_itself_for_lost()
    {
        using var directory = new TestDirectory();

        var state = await TestFarm.EncodeAsync(
            directory,
            await TestClips.H264OpenGop(),
            directory.File("out.mkv"),
            slots: 1,
            segmentSeconds: 5,
            preset: "3",
            time: new RushingTime()
        );

        state.EncodingSeconds.ShouldBeGreaterThan(30, "attempts outlast several heartbeats");
        state.Renditions[0].Segments.ShouldHaveSingleItem().Attempts.ShouldBe(1);
    }

    /// <summary>The clock runs thirty times as fast as the timers.</summary>
    sealed class RushingTime : TimeProvider
    {
        readonly DateTimeOffset _start = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => _start + 30 * (System.GetUtcNow() - _start);
    }
}
