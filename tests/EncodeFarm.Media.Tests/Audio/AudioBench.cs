using System.Runtime.InteropServices;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Audio;

/// <summary>Sound without a picture: made, encoded, decoded and measured with the real tools.</summary>
internal sealed class AudioBench : IDisposable
{
    private readonly TestDirectory _directory = new("encodefarm-audio");

    public string File(string name) => _directory.File(name);

    /// <summary>Encodes the first audio stream of a file whose video, if it had one, would start at 0.</summary>
    /// <param name="seen">What the analysis made of the stream, where it differs from what ffprobe says of a short one.</param>
    public async Task<EncodedAudio> EncodeAsync(
        string path,
        AudioSettings? settings = null,
        Func<AudioTrack, AudioTrack>? seen = null,
        IToolRunner? runner = null
    )
    {
        var analysis = await DescribeAsync(path);
        return await new AudioEncoder(
            await TestTools.SetAsync(),
            runner ?? TestTools.Runner
        ).EncodeAsync(
            analysis,
            seen is null ? analysis.Audio[0] : seen(analysis.Audio[0]),
            settings ?? new AudioSettings(),
            _directory.Path,
            progress: null,
            TestContext.Current.CancellationToken
        );
    }

    public static async Task<double> ZeroAsync(string path) =>
        OutputClock.ZeroSeconds(await DescribeAsync(path));

    /// <summary>All samples that a player hears, channel by channel.</summary>
    public static async Task<float[][]> DecodeAsync(string path, int channels)
    {
        var tools = await TestTools.SetAsync();
        using var scratch = new TestDirectory();
        var raw = scratch.File("samples");
        var command = new ToolCommand(
            tools.Ffmpeg.Path,
            ["-nostdin", "-v", "error", "-i", "file:" + path, "-f", "f32le", raw],
            WorkKind.Validate
        );
        await TestTools.Runner.RunAsync(command, CancellationToken.None);
        var bytes = await System.IO.File.ReadAllBytesAsync(raw);
        var samples = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
        return
        [
            .. Enumerable
                .Range(0, channels)
                .Select(channel =>
                    samples.Where((_, index) => index % channels == channel).ToArray()
                ),
        ];
    }

    /// <summary>MPEG-4's channelConfiguration: four bits behind the kind of object and the rate.</summary>
    public static async Task<int> AacConfigurationAsync(string path)
    {
        var tools = await TestTools.SetAsync();
        var command = new ToolCommand(
            tools.Ffprobe.Path,
            ["-v", "error", "-show_data", "-show_streams", "-of", "json", "file:" + path],
            WorkKind.Validate
        );
        var result = await TestTools.Runner.RunAsync(command, CancellationToken.None);
        // A dump: "\n00000000: 11b0 56e5 00      ..V..\n".
        var dump = ProbeJson.Parse(result.Output).Items("streams").First().Text("extradata")!;
        var start = dump.IndexOf(": ", StringComparison.Ordinal) + 2;
        return Convert.ToInt32(dump[start..(start + 4)], 16) >> 3 & 15;
    }

    public static double Rms(IReadOnlyList<float> samples) =>
        Math.Sqrt(samples.Average(sample => (double)sample * sample));

    public void Dispose() => _directory.Dispose();

    private static async Task<SourceAnalysis> DescribeAsync(string path)
    {
        var tools = await TestTools.SetAsync();
        var command = new ToolCommand(
            tools.Ffprobe.Path,
            ["-v", "error", "-show_streams", "-show_format", "-of", "json", "file:" + path],
            WorkKind.Analyze
        );
        var result = await TestTools.Runner.RunAsync(command, CancellationToken.None);
        var container = ProbeJson.Parse(result.Output);
        var catalog = StreamCatalog.Read(container, default);
        var identity = new SourceIdentity(
            path,
            new FileInfo(path).Length,
            DateTimeOffset.UnixEpoch
        );
        var colors = new ColorTags(null, null, null, null, null);
        var rate = new Rational(24, 1);
        return new SourceAnalysis(
            identity,
            path,
            container.Member("format")?.Text("format_name") ?? "",
            StartSeconds: 0,
            DurationSeconds: container.Member("format")?.Number("duration") ?? 1,
            Frames: 24,
            FirstVideoSeconds: 0,
            FrameTableHash: "",
            new VideoStream(
                99,
                "h264",
                160,
                90,
                "yuv420p",
                8,
                rate.Inverse,
                rate,
                false,
                new Rational(1, 1),
                0,
                false,
                null,
                colors,
                Hdr.None,
                null,
                null,
                null,
                false,
                null,
                null
            ),
            catalog.Audio,
            [],
            [],
            [],
            new Dictionary<string, string>(),
            new CropDecision(null, 1, "off"),
            []
        );
    }
}
