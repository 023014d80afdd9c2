using System.Globalization;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.TestMedia;

/// <summary>
/// A whole file as a decoder shows it: small grey pictures and their timestamps, in ticks and in seconds. Of pictures
/// with the same timestamp the first one counts.
/// </summary>
public sealed record DecodedVideo(
    IReadOnlyList<byte[]> Pictures,
    IReadOnlyList<long> Pts,
    IReadOnlyList<double> Seconds
)
{
    public int Count => Pictures.Count;
}

/// <summary>
/// Tells whether an output shows the frames of its source: all of them, once, in order. It decodes both fully and
/// shares no code with what it judges.
/// </summary>
public static class FrameOracle
{
    private const int Width = 32;
    private const int Height = 18;

    /// <param name="filters">Filters before the reduction, such as the crop that the output was made with.</param>
    public static async Task<DecodedVideo> DecodeAsync(string path, string? filters = null)
    {
        var pictures = new List<byte[]>();
        var reduce = $"scale={Width}:{Height}:flags=area,format=gray";
        var tools = await TestTools.SetAsync();
        using var scratch = new TestDirectory();
        var raw = scratch.File("pictures");
        await TestTools.Runner.RunAsync(
            new ToolCommand(
                tools.Ffmpeg.Path,
                [
                    .. Decode(path),
                    "-vf",
                    filters is null ? reduce : $"{filters},{reduce}",
                    "-fps_mode",
                    "passthrough",
                    "-f",
                    "rawvideo",
                    raw,
                ],
                WorkKind.Validate
            ),
            CancellationToken.None
        );
        await using (var stream = File.OpenRead(raw))
        {
            await ReadPicturesAsync(stream, pictures);
        }
        var (pts, seconds) = await TimestampsAsync(path);
        if (pts.Count != pictures.Count)
        {
            throw new InvalidDataException(
                $"'{path}' decodes to {pictures.Count} pictures and {pts.Count} timestamps."
            );
        }
        var shown = Enumerable
            .Range(0, pts.Count)
            .Where(i => i == 0 || pts[i] > pts[i - 1])
            .ToArray();
        return new DecodedVideo(
            [.. shown.Select(i => pictures[i])],
            [.. shown.Select(i => pts[i])],
            [.. shown.Select(i => seconds[i])]
        );
    }

    /// <summary>
    /// Null where each output frame matches its own source frame better than the frames before and after it;
    /// otherwise a sentence that names the first frame that does not.
    /// </summary>
    /// <param name="alike">Neighbours in the source that differ by no more can't be told apart, 0..255.</param>
    public static string? Mismatch(DecodedVideo source, DecodedVideo output, double alike = -1)
    {
        if (source.Count != output.Count)
        {
            return $"The source has {source.Count} frames, the output {output.Count}.";
        }
        for (var i = 0; i < output.Count; i++)
        {
            var own = Difference(source.Pictures[i], output.Pictures[i]);
            foreach (var other in (int[])[i - 1, i + 1])
            {
                if (
                    other >= 0
                    && other < source.Count
                    && Difference(source.Pictures[other], source.Pictures[i]) > alike
                    && Difference(source.Pictures[other], output.Pictures[i]) <= own
                )
                {
                    return $"Output frame {i} looks more like source frame {other} than like its own.";
                }
            }
        }
        return null;
    }

    /// <summary>Largest difference in seconds between the timestamps of source and output, each counted from its first frame.</summary>
    public static double TimestampError(DecodedVideo source, DecodedVideo output) =>
        source
            .Seconds.Zip(output.Seconds)
            .Max(pair =>
                Math.Abs(pair.First - source.Seconds[0] - (pair.Second - output.Seconds[0]))
            );

    /// <summary>Mean absolute difference of two pictures, 0..255.</summary>
    public static double Difference(byte[] one, byte[] other)
    {
        var sum = 0;
        for (var i = 0; i < one.Length; i++)
        {
            sum += Math.Abs(one[i] - other[i]);
        }
        return (double)sum / one.Length;
    }

    private static string[] Decode(string path) =>
        [
            "-nostdin",
            "-hide_banner",
            "-v",
            "error",
            "-noautorotate",
            "-flags:v",
            "+unaligned",
            "-copyts",
            "-i",
            "file:" + path,
            "-map",
            "0:V:0",
        ];

    private static async Task ReadPicturesAsync(Stream stream, List<byte[]> pictures)
    {
        while (true)
        {
            var picture = new byte[Width * Height];
            var read = await stream.ReadAtLeastAsync(
                picture,
                picture.Length,
                throwOnEndOfStream: false
            );
            if (read < picture.Length)
            {
                return;
            }
            pictures.Add(picture);
        }
    }

    private static async Task<(List<long> Pts, List<double> Seconds)> TimestampsAsync(string path)
    {
        var tools = await TestTools.SetAsync();
        var result = await TestTools.Runner.RunAsync(
            new ToolCommand(
                tools.Ffmpeg.Path,
                [
                    .. Decode(path),
                    "-vf",
                    "scale=16:16",
                    "-fps_mode",
                    "passthrough",
                    "-enc_time_base",
                    "-1",
                    "-f",
                    "framecrc",
                    "-",
                ],
                WorkKind.Validate
            ),
            CancellationToken.None
        );
        var pts = new List<long>();
        var tick = 0.0;
        foreach (var line in result.Output.Split('\n'))
        {
            if (line.StartsWith("#tb 0:", StringComparison.Ordinal))
            {
                var parts = line[6..].Split('/');
                tick =
                    double.Parse(parts[0], CultureInfo.InvariantCulture)
                    / double.Parse(parts[1], CultureInfo.InvariantCulture);
            }
            else if (line.Split(',') is { Length: > 2 } fields && !line.StartsWith('#'))
            {
                pts.Add(long.Parse(fields[2], CultureInfo.InvariantCulture));
            }
        }
        return (pts, pts.ConvertAll(value => value * tick));
    }
}
