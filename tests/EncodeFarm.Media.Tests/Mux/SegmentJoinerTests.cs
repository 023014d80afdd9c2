using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

public sealed class SegmentJoinerTests(SegmentsFixture fixture) : IClassFixture<SegmentsFixture>
{
    [Fact]
    public async Task Frames_are_numbered_through_and_the_header_tells_their_count()
    {
        using var output = new TestDirectory();
        var joined = await JoinAsync(fixture.Segments, output);

        using var reader = IvfReader.Open(joined.Path);
        reader.Header.Frames.ShouldBe(72u);
        reader.Header.RateNumerator.ShouldBe(24_000u);
        reader.Header.RateDenominator.ShouldBe(1001u);
        var pts = new List<ulong>();
        while (reader.TryRead(out var frame))
        {
            pts.Add(frame.Pts);
        }
        pts.ShouldBe(Enumerable.Range(0, 72).Select(n => (ulong)n));
        joined.Frames.ShouldBe(72);
        joined.PacketHashes.Count.ShouldBe(72);
        new[] { 0, 24, 48 }.Select(n => joined.PacketHashes[n]).ShouldBeUnique();
        joined.SizeBytes.ShouldBe(new FileInfo(joined.Path).Length);
    }

    [Fact]
    public async Task The_hash_of_the_video_does_not_depend_on_where_it_was_cut()
    {
        using var output = new TestDirectory();
        var three = await JoinAsync(fixture.Segments, output);
        var one = MuxBench.Record(three.Path, 72);

        using var other = new TestDirectory();
        var again = await JoinAsync([one], other);

        again.VideoSha256.ShouldBe(three.VideoSha256);
        again.PacketHashes.ShouldBe(three.PacketHashes);
    }

    [Theory]
    [InlineData("bit flip", "SHA-256")]
    [InlineData("cut short", "bytes instead of")]
    [InlineData("missing", "is missing")]
    [InlineData("frame too few", "23 frames instead of 24")]
    [InlineData("text", "can't be read")]
    [InlineData("other size", "160x90")]
    [InlineData("other settings", "sequence headers differ")]
    public async Task A_damaged_segment_is_named(string damage, string reason)
    {
        using var output = new TestDirectory();
        var segments = fixture.Segments.ToArray();
        segments[1] = Damage(segments[1], damage, output);

        var failure = await Should.ThrowAsync<SegmentDamagedException>(() =>
            JoinAsync(segments, output)
        );

        failure.Index.ShouldBe(1);
        failure.Message.ShouldContain(reason);
        File.Exists(output.File("joined.ivf")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_full_disk_is_said_to_be_full()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        using var output = new TestDirectory();
        File.CreateSymbolicLink(output.File("joined.ivf"), "/dev/full");

        var failure = await Should.ThrowAsync<FarmException>(() =>
            JoinAsync(fixture.Segments, output)
        );

        failure.Error.ShouldBe(FarmError.DiskFull);
        failure.Message.ShouldContain(output.Path);
    }

    private static Task<JoinedVideo> JoinAsync(
        IReadOnlyList<JoinInput> segments,
        TestDirectory output
    ) =>
        SegmentJoiner.JoinAsync(
            segments,
            output.File("joined.ivf"),
            VideoCodec.Av1,
            new Rational(24_000, 1001),
            TestContext.Current.CancellationToken
        );

    private JoinInput Damage(JoinInput segment, string damage, TestDirectory directory)
    {
        var path = directory.File("damaged.ivf");
        var bytes = File.ReadAllBytes(segment.Path);
        switch (damage)
        {
            case "bit flip":
                bytes[^100] ^= 1;
                File.WriteAllBytes(path, bytes);
                return segment with { Path = path };
            case "cut short":
                File.WriteAllBytes(path, bytes[..^50]);
                return segment with { Path = path };
            case "missing":
                return segment with { Path = path };
            case "frame too few":
                WithoutLastFrame(segment.Path, path);
                return MuxBench.Record(path, 24);
            case "text":
                File.WriteAllText(path, "not a video");
                return MuxBench.Record(path, 24);
            case "other size":
                return fixture.OtherSize;
            default:
                return fixture.OtherSettings;
        }
    }

    private static void WithoutLastFrame(string from, string to)
    {
        using var reader = IvfReader.Open(from);
        using var output = File.Create(to);
        var writer = new IvfWriter(output);
        writer.WriteHeader(reader.Header);
        for (var frame = 0; frame < 23 && reader.TryRead(out var read); frame++)
        {
            writer.WriteFrame(read.Pts, read.Payload.Span);
        }
    }
}

/// <summary>Three segments of 24 frames, and two that don't belong to them.</summary>
public sealed class SegmentsFixture : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();

    internal IReadOnlyList<JoinInput> Segments { get; private set; } = [];
    internal JoinInput OtherSize { get; private set; } = null!;
    internal JoinInput OtherSettings { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Segments =
        [
            await EncodeAsync("0", "testsrc2=s=160x90:r=24000/1001"),
            await EncodeAsync("1", "testsrc2=s=160x90:r=24000/1001,negate"),
            await EncodeAsync("2", "testsrc2=s=160x90:r=24000/1001,hflip"),
        ];
        OtherSize = await EncodeAsync("size", "testsrc2=s=128x72:r=24000/1001");
        OtherSettings = await EncodeAsync(
            "settings",
            "testsrc2=s=160x90:r=24000/1001",
            "film-grain=8"
        );
    }

    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JoinInput> EncodeAsync(
        string name,
        string graph,
        string parameters = "tune=0"
    )
    {
        var path = _directory.File($"{name}.ivf");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            graph,
            "-frames:v",
            "24",
            "-pix_fmt",
            "yuv420p10le",
            "-c:v",
            "libsvtav1",
            "-preset",
            "12",
            "-crf",
            "40",
            "-svtav1-params",
            parameters,
            path
        );
        return MuxBench.Record(path, 24);
    }
}
