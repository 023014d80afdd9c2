using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

/// <summary>The judge is judged: what it is for, it must see.</summary>
public sealed class FrameOracleTests
{
    [Fact]
    public async Task A_poor_encode_of_the_same_frames_matches()
    {
        using var home = new TestDirectory();
        var (source, path) = await SourceAsync();
        await TestTools.FfmpegAsync(
            "-i",
            path,
            "-an",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "45",
            home.File("poor.mkv")
        );

        var output = await FrameOracle.DecodeAsync(home.File("poor.mkv"));

        FrameOracle.Mismatch(source, output).ShouldBeNull();
        FrameOracle.TimestampError(source, output).ShouldBeLessThan(0.001);
    }

    [Theory]
    [InlineData("dropped")]
    [InlineData("doubled")]
    [InlineData("swapped")]
    [InlineData("shifted")]
    [InlineData("last lost")]
    public async Task A_wrong_frame_is_seen(string fault)
    {
        var (source, _) = await SourceAsync();
        var pictures = source.Pictures.ToList();
        const int at = 60;
        switch (fault)
        {
            case "dropped":
                pictures.RemoveAt(at);
                pictures.Add(pictures[^1]);
                break;
            case "doubled":
                pictures.Insert(at, pictures[at]);
                pictures.RemoveAt(pictures.Count - 1);
                break;
            case "swapped":
                (pictures[at], pictures[at + 1]) = (pictures[at + 1], pictures[at]);
                break;
            case "shifted":
                pictures.Insert(0, pictures[0]);
                pictures.RemoveAt(pictures.Count - 1);
                break;
            default:
                pictures.RemoveAt(pictures.Count - 1);
                break;
        }

        FrameOracle.Mismatch(source, source with { Pictures = pictures }).ShouldNotBeNull();
    }

    /// <summary>Neighbours differ far more than an encoder's loss, in every clip that is compared by pictures.</summary>
    [Theory]
    [InlineData(nameof(TestClips.H264ClosedGop))]
    [InlineData(nameof(TestClips.HevcOpenGop))]
    [InlineData(nameof(TestClips.Mpeg2TsLateStart))]
    [InlineData(nameof(TestClips.InterlacedTs))]
    public async Task Neighbours_differ_strongly(string clip)
    {
        var video = await FrameOracle.DecodeAsync(await AllClips.PathAsync(clip));

        for (var i = 1; i < video.Count; i++)
        {
            FrameOracle
                .Difference(video.Pictures[i - 1], video.Pictures[i])
                .ShouldBeGreaterThan(10);
        }
    }

    [Fact]
    public async Task A_late_frame_shows_in_the_timestamps()
    {
        var (source, _) = await SourceAsync();
        var late = source.Seconds.Select((s, i) => i < 60 ? s : s + 0.01).ToList();

        FrameOracle.TimestampError(source, source with { Seconds = late }).ShouldBe(0.01, 1e-9);
    }

    private static async Task<(DecodedVideo Source, string Path)> SourceAsync()
    {
        var path = await TestClips.H264ClosedGop();
        return (await FrameOracle.DecodeAsync(path), path);
    }
}
