using System.Globalization;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Locate;

namespace EncodeFarm.Media.Tests.Encode;

/// <summary>Real tools, a directory that is deleted, and clips at 24 fps whose frame n has the timestamp n·1000 of 1/24000 s.</summary>
public sealed class EncodeFixture : IAsyncLifetime
{
    public const int Fps = 24;
    private const int TicksPerFrame = 1000;
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("encodefarm test ");
    private readonly SemaphoreSlim _making = new(1);
    private int _count;

    public ToolRunner Runner { get; } = new();

    public ToolSet Tools { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Tools = await new ToolLocator(Runner).LocateAsync();

    public ValueTask DisposeAsync()
    {
        _root.Delete(recursive: true);
        _making.Dispose();
        return ValueTask.CompletedTask;
    }

    public string NewDirectory() =>
        _root.CreateSubdirectory($"{Interlocked.Increment(ref _count)}").FullName;

    /// <param name="filter">A lavfi graph, such as <c>testsrc2=s=320x180:r=24</c>.</param>
    /// <returns>The path of an MP4 of closed groups of pictures, made once.</returns>
    public async Task<string> ClipAsync(string name, string filter, int frames)
    {
        var path = Path.Combine(_root.FullName, name + ".mp4");
        await _making.WaitAsync();
        try
        {
            if (!File.Exists(path))
            {
                await FfmpegAsync(
                    ["-f", "lavfi", "-i", filter, "-frames:v", Text(frames)],
                    [
                        "-c:v",
                        "libx264",
                        "-preset",
                        "ultrafast",
                        "-crf",
                        "8",
                        "-bf",
                        "0",
                        "-g",
                        "48",
                    ],
                    ["-pix_fmt", "yuv420p", "-video_track_timescale", Text(Fps * TicksPerFrame)],
                    [path]
                );
            }
        }
        finally
        {
            _making.Release();
        }
        return path;
    }

    public Task FfmpegAsync(params string[][] arguments) =>
        Runner.RunAsync(
            new ToolCommand(
                Tools.Ffmpeg.Path,
                ["-nostdin", "-v", "error", "-y", .. arguments.SelectMany(part => part)],
                WorkKind.Cut
            ),
            CancellationToken.None
        );

    public static SourceRange Range(string path, int start, int frames) =>
        new(
            path,
            new FileInfo(path).Length,
            StreamIndex: 0,
            new Rational(1, Fps * TicksPerFrame),
            SeekSeconds: Math.Max((double)start / Fps - 5, 0) is > 0 and var seek ? seek : null,
            start,
            FirstPts: (long)start * TicksPerFrame,
            frames,
            (double)frames / Fps
        );

    public static EncodeSettings Settings(int width, int height, VideoSettings video) =>
        new(
            video,
            Filters: "",
            width,
            height,
            new Rational(Fps, 1),
            VariableFrameRate: false,
            new ColorTags("tv", "bt709", "bt709", "bt709", "left"),
            Hdr.None,
            Mastering: null,
            Light: null
        );

    public static VideoSettings FastAv1 { get; } =
        new() { Preset = "12", Parameters = "tune=0:film-grain=0:film-grain-denoise=0" };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Remembers what was reported.</summary>
public sealed class ProgressLog : IProgress<AttemptProgress>
{
    private readonly List<AttemptProgress> _reports = [];

    public IReadOnlyList<AttemptProgress> Reports
    {
        get
        {
            lock (_reports)
            {
                return [.. _reports];
            }
        }
    }

    public void Report(AttemptProgress value)
    {
        lock (_reports)
        {
            _reports.Add(value);
        }
    }
}
