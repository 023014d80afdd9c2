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
    private static async Task SpoilAsync(string source, string path, int[] packets, int intact)
    {
        var bytes = await File.ReadAllBytesAsync(source);
        var places = await PlacesAsync(source);
        var random = new Random(5);
        foreach (var (at, size) in packets.Select(packet => places[packet]))
        {
            random.NextBytes(
                bytes.AsSpan(at + Math.Min(intact, size), size - Math.Min(intact, size))
            );
        }
        await File.WriteAllBytesAsync(path, bytes);
    }

    private static async Task<IReadOnlyList<(int At, int Size)>> PlacesAsync(string source)
    {
        var tools = await TestTools.SetAsync();
        var result = await TestTools.Runner.RunAsync(
            new ToolCommand(
                tools.Ffprobe.Path,
                [
                    "-v",
                    "error",
                    "-select_streams",
                    "v:0",
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
