using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ProgressParserTests
{
    private readonly ProgressParser parser = new();

    [Fact]
    public void Reads_what_ffmpeg_writes_while_its_encoder_looks_ahead()
    {
        var first = Read(
            "frame=1",
            "fps=0.00",
            "stream_0_0_q=0.0",
            "bitrate=N/A",
            "total_size=N/A",
            "out_time_us=0",
            "out_time_ms=0",
            "out_time=00:00:00.000000",
            "dup_frames=0",
            "drop_frames=0",
            "speed=N/A",
            "progress=continue"
        );
        var last = Read(
            "frame=100",
            "fps=31.20",
            "total_size=44122",
            "out_time_us=4000000",
            "out_time_ms=4000000",
            "speed=30.8x",
            "progress=end"
        );

        first.ShouldBe([new FfmpegProgress(1, 0, TimeSpan.Zero, null, false)]);
        last.ShouldBe([new FfmpegProgress(100, 31.2, TimeSpan.FromSeconds(4), 30.8, true)]);
    }

    [Fact]
    public void Reads_an_audio_encode_that_counts_no_frames()
    {
        Read("out_time_us=13500", "speed= 135x", "progress=continue")
            .ShouldBe([new FfmpegProgress(0, 0, TimeSpan.FromMilliseconds(13.5), 135, false)]);
    }

    [Fact]
    public void Leaves_out_what_is_not_known_or_not_understood()
    {
        Read("", "=3", "no separator", "out_time_us=N/A", "frame=many", "progress=continue")
            .ShouldBe([new FfmpegProgress(0, 0, null, null, false)]);
    }

    [Theory]
    [InlineData("frame=2", true)]
    [InlineData("out_time_us=5", true)]
    [InlineData("total_size=9", true)]
    [InlineData("fps=99", false)]
    [InlineData("speed=3x", false)]
    public void Only_frames_time_and_bytes_are_an_advance(string change, bool advance)
    {
        string[] block = ["frame=1", "out_time_us=4", "total_size=8", "fps=1"];
        Read([.. block, "progress=continue"]);
        parser.Advanced.ShouldBeTrue();

        Read([.. block, change, "progress=continue"]);

        parser.Advanced.ShouldBe(advance);
    }

    private List<FfmpegProgress> Read(params string[] lines) =>
        [.. lines.Select(parser.Read).OfType<FfmpegProgress>()];
}
