using EncodeFarm.TestMedia;

namespace EncodeFarm.Farm.Tests;

/// <summary>
/// Every kind of source, from file to file, in several segments: each output frame shows its own source frame, at its
/// own time.
/// </summary>
public sealed class FrameExactTests
{
    /// <summary>Matroska's timestamps are whole milliseconds, at both ends.</summary>
    const double TimestampLimit = 0.0011;

    public static TheoryData<string> Clips => [.. AllClips.Names];

    [Theory]
    [MemberData(nameof(Clips))]
    public async Task Each_frame_of_the_source_is_in_the_output_once(string clip)
    {
        using var directory = new TestDirectory();
        var source = await AllClips.PathAsync(clip);
        var output = directory.File("out.mkv");

        var state = await TestFarm.EncodeAsync(directory, source, output, 2, segmentSeconds: 1.5);

        // Deinterlacing and turning upright change the picture: the yardstick gets the same.
        var filters = state.Renditions[0].Settings.Filters;
        var decoded = await FrameOracle.DecodeAsync(source, filters == "" ? null : filters);
        var encoded = await FrameOracle.DecodeAsync(output);
        FrameOracle.Mismatch(decoded, encoded).ShouldBeNull();
        FrameOracle.TimestampError(decoded, encoded).ShouldBeLessThan(TimestampLimit);
        state.Analysis!.Frames.ShouldBe(decoded.Count);
    }
}
