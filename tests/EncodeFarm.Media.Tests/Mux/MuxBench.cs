using System.Globalization;
using System.Security.Cryptography;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>A source, analysed and encoded with the real tools, ready to be joined, muxed and checked.</summary>
internal sealed class MuxBench : IDisposable
{
    private readonly TestDirectory _directory = new("encodefarm-mux");

    private MuxBench(ToolSet tools, AnalyzedSource source)
    {
        Tools = tools;
        Source = source;
        var video = source.Analysis.Video;
        Settings = new EncodeSettings(
            new VideoSettings { Preset = "12", Crf = 40 },
            Filters: "",
            video.Rotation is 90 or 270 ? video.Height : video.Width,
            video.Rotation is 90 or 270 ? video.Width : video.Height,
            video.FrameRate,
            video.VariableFrameRate,
            video.Color,
            video.Hdr,
            video.Mastering,
            video.Light
        );
    }

    public ToolSet Tools { get; }
    public AnalyzedSource Source { get; private set; }
    public SourceAnalysis Analysis => Source.Analysis;
    public EncodeSettings Settings { get; set; }
    public IReadOnlyList<JoinInput> Segments { get; private set; } = [];
    public JoinedVideo Video { get; private set; } = null!;
    public IReadOnlyList<EncodedAudio> Audio { get; set; } = [];
    public Container Container { get; set; } = Container.Mkv;
    public string Output => _directory.File("output.mkv");

    public static async Task<MuxBench> OpenAsync(string path)
    {
        var tools = await TestTools.SetAsync();
        using var work = new TestDirectory();
        // The remux of a source without timestamps is needed as long as the bench.
        var bench = new MuxBench(tools, await AnalyzeAsync(tools, path, work.Path));
        if (bench.Analysis.WorkingPath != bench.Analysis.Source.Path)
        {
            bench.Source = await AnalyzeAsync(tools, path, bench._directory.Path);
        }
        return bench;
    }

    /// <summary>Encoded, joined, with all audio; not yet muxed.</summary>
    public static async Task<MuxBench> PrepareAsync(string path, int segments = 2)
    {
        var bench = await OpenAsync(path);
        await bench.EncodeAsync(segments);
        await bench.JoinAsync();
        await bench.EncodeAudioAsync(new AudioSettings());
        return bench;
    }

    public string File(string name) => _directory.File(name);

    /// <summary>Segments that were encoded elsewhere.</summary>
    public void UseSegments(IReadOnlyList<JoinInput> segments) => Segments = segments;

    /// <summary>The video of another bench of the same source.</summary>
    public void UseSegmentsOf(MuxBench other) => (Segments, Video) = (other.Segments, other.Video);

    /// <summary>The same with a directory of its own, to be changed.</summary>
    public MuxBench Twin()
    {
        var twin = new MuxBench(Tools, Source)
        {
            Settings = Settings,
            Audio = Audio,
            Container = Container,
        };
        twin.UseSegmentsOf(this);
        return twin;
    }

    /// <summary>Another elementary stream in the place of the joined one.</summary>
    public void UseVideo(string path) => Video = Video with { Path = path };

    /// <summary>Other timestamps.</summary>
    public void UseFrames(Rational timeBase, long[] pts) =>
        Source = Source with
        {
            Frames = new FrameTable(timeBase, pts, [0], pts[^1] + pts[1] - pts[0]),
        };

    public async Task EncodeAsync(int segments)
    {
        var inputs = new List<JoinInput>();
        for (var index = 0; index < segments; index++)
        {
            var first = Analysis.Frames * index / segments;
            var end = Analysis.Frames * (index + 1) / segments;
            inputs.Add(await EncodeSegmentAsync(File($"segment{index}.ivf"), first, end - first));
        }
        Segments = inputs;
    }

    public async Task<JoinInput> EncodeSegmentAsync(
        string path,
        int first,
        int frames,
        string filters = "null",
        string parameters = "tune=0"
    )
    {
        var rate = Settings.FrameRate;
        await TestTools.FfmpegAsync(
            "-i",
            "file:" + Analysis.WorkingPath,
            "-map",
            Invariant($"0:{Analysis.Video.StreamIndex}"),
            "-vf",
            Invariant(
                $"select='between(n,{first},{first + frames - 1})',settb={rate.Inverse},setpts=N,fps={rate},crop=trunc(iw/2)*2:trunc(ih/2)*2,{filters},format=yuv420p10le"
            ),
            "-enc_time_base",
            Invariant($"{rate.Denominator}:{rate.Numerator}"),
            "-c:v",
            "libsvtav1",
            "-preset",
            "12",
            "-crf",
            "40",
            "-svtav1-params",
            parameters + MasteringParameters(),
            "-f",
            "ivf",
            "file:" + path
        );
        return Record(path, frames);
    }

    public static JoinInput Record(string path, int frames) =>
        new(
            path,
            new FileInfo(path).Length,
            Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(path))),
            frames
        );

    public async Task<JoinedVideo> JoinAsync() =>
        Video = await SegmentJoiner.JoinAsync(
            Segments,
            File("joined.stream"),
            Settings.Video.Codec,
            Settings.FrameRate,
            TestContext.Current.CancellationToken
        );

    public async Task EncodeAudioAsync(AudioSettings settings)
    {
        var encoder = new AudioEncoder(Tools, TestTools.Runner);
        var encoded = new List<EncodedAudio>();
        foreach (var track in Analysis.Audio)
        {
            encoded.Add(
                await encoder.EncodeAsync(
                    Analysis,
                    track,
                    settings,
                    _directory.Path,
                    progress: null,
                    TestContext.Current.CancellationToken
                )
            );
        }
        Audio = encoded;
    }

    public Task<MuxedFile> MuxAsync(string? destination = null) =>
        new Muxer(Tools, TestTools.Runner).MuxAsync(
            new MuxRequest(
                Analysis,
                Source.Frames,
                Settings,
                Container,
                Video,
                Audio,
                destination ?? Output,
                _directory.Path
            ),
            progress: null,
            TestContext.Current.CancellationToken
        );

    public Task<ValidationReport> ValidateAsync(string? path = null) =>
        new OutputValidator(Tools, TestTools.Runner).ValidateAsync(
            new ValidationRequest(
                path ?? Output,
                Analysis,
                Source.Frames,
                Settings,
                Container,
                Video,
                Audio
            ),
            TestContext.Current.CancellationToken
        );

    public async Task<string> FfprobeAsync(params IEnumerable<string> arguments)
    {
        var command = new ToolCommand(
            Tools.Ffprobe.Path,
            ["-v", "error", .. arguments],
            WorkKind.Validate
        );
        var result = await TestTools.Runner.RunAsync(command, CancellationToken.None);
        return result.Output;
    }

    public void Dispose() => _directory.Dispose();

    private static Task<AnalyzedSource> AnalyzeAsync(ToolSet tools, string path, string work) =>
        new SourceAnalyzer(tools, TestTools.Runner).AnalyzeAsync(
            path,
            new AnalysisOptions { Crop = CropSetting.Off },
            work,
            TestContext.Current.CancellationToken
        );

    private string MasteringParameters() =>
        Settings is not { Mastering: { } display, Light: { } light }
            ? ""
            : Invariant(
                $":enable-hdr=1:mastering-display=G({display.GreenX:0.000},{display.GreenY:0.000})B({display.BlueX:0.000},{display.BlueY:0.000})R({display.RedX:0.000},{display.RedY:0.000})WP({display.WhiteX:0.0000},{display.WhiteY:0.0000})L({display.MaxLuminance:0.0},{display.MinLuminance:0.0000}):content-light={light.MaxContent},{light.MaxAverage}"
            );

    private static string Invariant(FormattableString text) =>
        text.ToString(CultureInfo.InvariantCulture);
}
