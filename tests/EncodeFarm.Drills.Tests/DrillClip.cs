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
    static readonly Lazy<Task<string>> Calm = new(EncodeAsync);

    public static readonly IReadOnlyList<string> Settings =
    [
        "encoding.preset=6",
        "encoding.crf=40",
        "segment.seconds=2",
        "crop=off",
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

    public static string Folder => Directory.Path;

    public static Task<string> MadeAsync() => Made.Value;

    /// <summary>The hash of the video stream that every run must come to.</summary>
    public static Task<string> CalmHashAsync() => Calm.Value;

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

    static async Task<string> EncodeAsync()
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
            Directory.File("calm.mkv"),
            "-p",
            "av1-crf",
            "--work",
            Directory.File("calm"),
            "--json",
            "--quiet",
            .. Settings.SelectMany(setting => new[] { "-s", setting }),
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
