using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class IvfTests
{
    private static readonly IvfHeader Header = new("AV01", 320, 180, 24000, 1001, 3);

    [Fact]
    public void What_is_written_is_read_back()
    {
        using var reader = new IvfReader(new MemoryStream(Sample(10, 0, 70_000)), "a");

        reader.Header.ShouldBe(Header);
        var frames = new List<(ulong, int, byte)>();
        while (reader.TryRead(out var frame))
        {
            var payload = frame.Payload.Span;
            frames.Add((frame.Pts, payload.Length, payload.IsEmpty ? (byte)0 : payload[^1]));
        }
        frames.ShouldBe([(0, 10, 1), (1, 0, 0), (2, 70_000, 3)]);
        reader.Count.ShouldBe(3);
    }

    [Fact]
    public void Header_has_the_layout_of_the_format()
    {
        var bytes = Sample()[..32];

        Convert
            .ToHexString(bytes)
            .ShouldBe(
                "444B4946"
                    + "0000"
                    + "2000"
                    + "41563031"
                    + "4001"
                    + "B400"
                    + "C05D0000"
                    + "E9030000"
                    + "03000000"
                    + "00000000"
            );
    }

    [Fact]
    public void Every_cut_inside_a_frame_is_noticed()
    {
        var whole = Sample(40, 25);
        var boundaries = new[] { 32, 32 + 12 + 40, whole.Length };

        for (var length = 0; length <= whole.Length; length++)
        {
            var cut = whole[..length];
            if (boundaries.Contains(length))
            {
                Should.NotThrow(() => CountFrames(cut));
            }
            else
            {
                Should
                    .Throw<FarmException>(() => CountFrames(cut))
                    .Error.ShouldBe(FarmError.ToolFailed);
            }
        }
    }

    [Fact]
    public void Garbage_never_does_worse_than_an_error()
    {
        var random = new Random(7);
        for (var run = 0; run < 2000; run++)
        {
            var bytes = Sample(random.Next(200), random.Next(200));
            for (var flips = random.Next(1, 20); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            try
            {
                CountFrames(bytes);
            }
            catch (FarmException) { }
        }
    }

    private static int CountFrames(byte[] bytes)
    {
        using var reader = new IvfReader(new MemoryStream(bytes), "sample");
        while (reader.TryRead(out _)) { }
        return reader.Count;
    }

    private static byte[] Sample(params int[] sizes)
    {
        var stream = new MemoryStream();
        var writer = new IvfWriter(stream);
        writer.WriteHeader(Header);
        for (var i = 0; i < sizes.Length; i++)
        {
            writer.WriteFrame((ulong)i, Enumerable.Repeat((byte)(i + 1), sizes[i]).ToArray());
        }
        return stream.ToArray();
    }
}
