using System.Diagnostics;
using System.Text.Json;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Drills.Tests;

/// <summary>What the drills encode, and what the farm on one machine makes of it when nothing goes wrong.</summary>
static class DrillClip
{
    /// <summary>Of the clip's segments: each takes about 2 s to encode on one core.</summary>
    public const int Segments = 8;

    static readonly TestDirectory Directory = new("encodefarm-drill-clips");
    static readonly Lazy<Task<string>> Made = new(MakeAsync);

    public static readonly IReadOnlyList<string> Settings =
    [
        "encoding.preset=6",
        "encoding.crf=40",
        "segment.seconds=2",
        "crop=off",
    ];

    /// <summary>For drills in which the encoding does not matter: a fifth of the time.</summary>
    public static readonly IReadOnlyList<string> QuickSettings =
    [
        .. Settings.Select(setting =>
            setting.StartsWith("encoding.preset", StringComparison.Ordinal)
                ? "encoding.preset=12"
                : setting
        ),
    ];

    /// <summary>Two segments of 8 s instead.</summary>
    public static readonly IReadOnlyList<string> LongSegments =
    [
        .. Settings.Select(setting =>
            setting.StartsWith("segment.seconds", StringComparison.Ordinal)
                ? "segment.seconds=8"
                : setting
        ),
    ];

    static readonly Lazy<Task<string>> Calm = new(() => EncodeAsync("calm", Settings));
    static readonly Lazy<Task<string>> Quick = new(() => EncodeAsync("quick", QuickSettings));

    public static string Folder => Directory.Path;

    public static Task<string> MadeAsync() => Made.Value;

    /// <summary>The hash of the video stream that every run must come to.</summary>
    public static Task<string> CalmHashAsync() => Calm.Value;

    /// <summary>The same for <see cref="QuickSettings"/>.</summary>
    public static Task<string> QuickHashAsync() => Quick.Value;

    /// <summary>16 s of 480x270 with a keyframe each 2 s, and a tone.</summary>
    static async Task<string> MakeAsync()
    {
        var path = Directory.File("clip.mkv");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=480x270:r=24:d=16",
            "-f",
            "lavfi",
            "-i",
            "sine=440:d=16",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-g",
            "48",
            "-c:a",
            "aac",
            path
        );
        return path;
    }

    static async Task<string> EncodeAsync(string name, IReadOnlyList<string> settings)
    {
        var program = Path.Combine(
            Repository.Root,
            "artifacts/bin/EncodeFarm.Node/release/encodefarm"
        );
        string[] arguments =
        [
            "encode",
            await MadeAsync(),
            "-o",
            Directory.File($"{name}.mkv"),
            "-p",
            "av1-crf",
            "--work",
            Directory.File(name),
            "--json",
            "--quiet",
            .. settings.SelectMany(setting => new[] { "-s", setting }),
        ];
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var encode = Process.Start(start)!;
        var report = JsonDocument.Parse(await encode.StandardOutput.ReadToEndAsync());
        await encode.WaitForExitAsync();
        return report
            .RootElement.GetProperty("jobs")[0]
            .GetProperty("renditions")[0]
            .GetProperty("videoSha256")
            .GetString()!;
    }
}
