using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class Av1HeadersTests(EncodeFixture farm) : IClassFixture<EncodeFixture>
{
    [Fact]
    public async Task Headers_of_a_real_stream_tell_size_depth_and_colour()
    {
        var units = await EncodeAsync("yuv420p10le");

        Av1Headers.TryRead(units[0], out var header, out var keyframe).ShouldBeTrue();

        header.ShouldBe(new Av1SequenceHeader(0, 10, 320, 180, 9, 16, 9));
        keyframe.ShouldBeTrue();
        Av1Headers.TryRead(units[1], out _, out var second).ShouldBeFalse();
        second.ShouldBeFalse();
    }

    [Fact]
    public async Task Damage_never_does_worse_than_false()
    {
        var unit = (await EncodeAsync("yuv420p10le"))[0].AsSpan(0, 60).ToArray();
        var random = new Random(3);
        for (var length = 0; length < unit.Length; length++)
        {
            Av1Headers.TryRead(unit.AsSpan(0, length), out _, out _);
        }
        for (var run = 0; run < 5000; run++)
        {
            var damaged = (byte[])unit.Clone();
            for (var flips = random.Next(1, 10); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }
            Av1Headers.TryRead(damaged, out _, out _);
        }
    }

    [Fact]
    public async Task A_stream_of_another_size_or_depth_is_refused()
    {
        var path = await EncodeFileAsync("yuv420p10le");

        Inspect(path, 320, 180).Frames.ShouldBe(12);
        Should.Throw<FarmException>(() => Inspect(path, 322, 180)).Message.ShouldContain("320x180");
        Should
            .Throw<FarmException>(() => Inspect(path, 320, 180, "yuv420p"))
            .Message.ShouldContain("10 bits");
        var cut = Path.Combine(farm.NewDirectory(), "cut.ivf");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(path))[..^1]);
        Should
            .Throw<FarmException>(() => Inspect(cut, 320, 180))
            .Message.ShouldContain("cut short");
        await File.WriteAllBytesAsync(cut, []);
        Should.Throw<FarmException>(() => Inspect(cut, 320, 180)).Message.ShouldContain("is empty");
    }

    private static SegmentStream Inspect(
        string path,
        int width,
        int height,
        string format = "yuv420p10le"
    ) =>
        SegmentStream.Inspect(
            path,
            EncodeFixture.Settings(width, height, new VideoSettings { PixelFormat = format })
        );

    private async Task<List<byte[]>> EncodeAsync(string pixelFormat)
    {
        using var reader = IvfReader.Open(await EncodeFileAsync(pixelFormat));
        var units = new List<byte[]>();
        while (reader.TryRead(out var frame))
        {
            units.Add(frame.Payload.ToArray());
        }
        return units;
    }

    /// <summary>By the encoder itself, with the tags of HDR, whose mastering display it has to take.</summary>
    private async Task<string> EncodeFileAsync(string pixelFormat)
    {
        var clip = await farm.ClipAsync("source", "testsrc2=s=320x180:r=24", 12);
        var settings = EncodeFixture.Settings(
            320,
            180,
            EncodeFixture.FastAv1 with
            {
                Rate = RateControl.Crf,
                Crf = 50,
                PixelFormat = pixelFormat,
            }
        ) with
        {
            Color = new("tv", "bt2020", "smpte2084", "bt2020nc", "topleft"),
            Hdr = Hdr.Pq,
            Mastering = new(0.68, 0.32, 0.265, 0.69, 0.15, 0.06, 0.3127, 0.329, 0.005, 1000),
            Light = new(1000, 400),
        };
        var outcome = await new SegmentEncoder(farm.Tools, farm.Runner).EncodeAsync(
            new SegmentTask(EncodeFixture.Range(clip, 0, 12), settings, Tier: null, Known: []),
            farm.NewDirectory(),
            new ProgressLog(),
            new EncodeLimits(),
            CancellationToken.None
        );
        return outcome.ShouldBeOfType<SegmentOutcome.Encoded>().Path;
    }
}
