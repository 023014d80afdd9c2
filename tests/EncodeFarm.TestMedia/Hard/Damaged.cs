using System.Globalization;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.TestMedia;

/// <summary>Copies of clips with bytes changed in the middle; read them, never change them.</summary>
public static class Damaged
{
    /// <summary>Three pictures in the middle have wrong bytes in their slices: decoders show them with flaws. H.264 in MKV.</summary>
    public static Task<string> Flaws() =>
        ClipCache.GetAsync(
            "flaws.mkv",
            async path =>
                await SpoilAsync(await TestClips.H264OpenGop(), path, [53, 61, 62], intact: 40)
        );

    /// <summary>Two pictures in the middle are nothing but noise: no decoder shows them. H.264 in MKV.</summary>
    public static Task<string> LostPictures() =>
        ClipCache.GetAsync(
            "lost-pictures.mkv",
            async path => await SpoilAsync(await TestClips.H264OpenGop(), path, [53, 61], intact: 9)
        );

    /// <summary>An AC-3 track of which nothing can be decoded, beside a good one. MKV.</summary>
    public static Task<string> DeadSound() =>
        ClipCache.GetAsync(
            "dead-sound.mkv",
            async path =>
            {
                using var parts = new TestDirectory("encodefarm-parts");
                var good = parts.File("good.mkv");
                await TestTools.FfmpegAsync([
                    "-i",
                    "file:" + await TestClips.H264OpenGop(),
                    .. TestClips.Tone("stereo", 440),
                    .. TestClips.Tone("stereo", 550),
                    "-map",
                    "0:v",
                    "-map",
                    "1:a",
                    "-map",
                    "2:a",
                    "-c:v",
                    "copy",
                    "-c:a:0",
                    "flac",
                    "-c:a:1",
                    "ac3",
                    "-metadata:s:a:1",
                    "language=ger",
                    "file:" + good,
                ]);
                var packets = (await PlacesAsync(good, "a:1")).Count;
                await SpoilAsync(good, path, [.. Enumerable.Range(0, packets)], intact: 7, "a:1");
            }
        );

    /// <summary>Some packets of a transport stream are noise: a weak signal. MPEG-2 in TS.</summary>
    public static Task<string> WeakSignal() =>
        ClipCache.GetAsync(
            "weak.ts",
            async path =>
            {
                const int packet = 188;
                var bytes = await File.ReadAllBytesAsync(await TestClips.Mpeg2TsLateStart());
                var random = new Random(5);
                foreach (var at in new[] { 0.45, 0.46, 0.61 })
                {
                    // The sync byte and the header stay: what is inside is noise.
                    var start = (int)(bytes.Length / packet * at) * packet + 12;
                    random.NextBytes(bytes.AsSpan(start, packet - 12));
                }
                await File.WriteAllBytesAsync(path, bytes);
            }
        );

    /// <param name="packets">In the order of the file.</param>
    /// <param name="intact">Bytes at the start of each packet that stay.</param>
    private static async Task SpoilAsync(
        string source,
        string path,
        int[] packets,
        int intact,
        string stream = "v:0"
    )
    {
        var bytes = await File.ReadAllBytesAsync(source);
        var places = await PlacesAsync(source, stream);
        var random = new Random(5);
        foreach (var (at, size) in packets.Select(packet => places[packet]))
        {
            var spoilt = bytes.AsSpan(at + Math.Min(intact, size), size - Math.Min(intact, size));
            random.NextBytes(spoilt);
            // Noise may look like the beginning of a frame; zeros don't.
            if (stream != "v:0")
            {
                spoilt.Clear();
            }
        }
        await File.WriteAllBytesAsync(path, bytes);
    }

    private static async Task<IReadOnlyList<(int At, int Size)>> PlacesAsync(
        string source,
        string stream
    )
    {
        var tools = await TestTools.SetAsync();
        var result = await TestTools.Runner.RunAsync(
            new ToolCommand(
                tools.Ffprobe.Path,
                [
                    "-v",
                    "error",
                    "-select_streams",
                    stream,
                    "-show_entries",
                    "packet=size,pos",
                    "-of",
                    "csv=p=0",
                    "file:" + source,
                ],
                WorkKind.Analyze
            ),
            CancellationToken.None
        );
        return
        [
            .. result
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(','))
                .Select(fields =>
                    (
                        int.Parse(fields[1], CultureInfo.InvariantCulture),
                        int.Parse(fields[0], CultureInfo.InvariantCulture)
                    )
                ),
        ];
    }
}
