using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class ClosedCaptionTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Captions_in_the_bitstream_are_seen(bool captions)
    {
        using var work = new TestDirectory();
        var bare = work.File("bare.m2v");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=128x96:r=25:d=0.5",
            "-c:v",
            "mpeg2video",
            bare
        );
        if (captions)
        {
            await File.WriteAllBytesAsync(bare, WithCaptions(await File.ReadAllBytesAsync(bare)));
        }
        var film = work.File("film.mkv");
        await TestTools.MkvmergeAsync("-o", film, bare);

        var source = await Analyze.FileAsync(film, work);

        source.Analysis.Video.ClosedCaptions.ShouldBe(captions);
    }

    /// <summary>User data as ATSC A/53 has it, before the first slice of each picture: no tool here writes any.</summary>
    private static byte[] WithCaptions(ReadOnlySpan<byte> stream)
    {
        ReadOnlySpan<byte> firstSlice = [0, 0, 1, 1];
        ReadOnlySpan<byte> userData =
        [
            .. (ReadOnlySpan<byte>)[0, 0, 1, 0xB2],
            .. "GA94"u8,
            // One pair of characters of the first field: "roll up three lines".
            .. (ReadOnlySpan<byte>)[3, 0x41, 0xFF, 0xFC, 0x94, 0x26, 0xFF],
        ];
        var result = new List<byte>();
        for (var next = stream.IndexOf(firstSlice); next >= 0; next = stream.IndexOf(firstSlice))
        {
            result.AddRange(stream[..next]);
            result.AddRange(userData);
            result.AddRange(firstSlice);
            stream = stream[(next + firstSlice.Length)..];
        }
        result.AddRange(stream);
        return [.. result];
    }
}
