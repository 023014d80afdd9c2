using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EncodeFarm.TestMedia;
using EncodeFarm.TestServers;

namespace EncodeFarm.Benchmarks;

/// <param name="FirstToolSeconds">From the start of the program to the start of the first tool that reads the source.</param>
/// <param name="FarmPeakMib">Resident set of the farm's own process.</param>
/// <param name="FarmCpuSeconds">CPU time of the farm's own process.</param>
public sealed record EfficiencyRun(
    double WallSeconds,
    double CpuSeconds,
    double Ratio,
    double FirstToolSeconds,
    long FarmPeakMib,
    double FarmCpuSeconds
);

/// <summary>How well the farm fills its slots: 1 means that no core was ever idle.</summary>
public static class Efficiency
{
    const int SegmentSeconds = 2;

    public static async Task<EfficiencyRun> MeasureAsync(int segments, int slots)
    {
        using var directory = new TestDirectory("encodefarm-bench");
        var source = directory.File("source.mkv");
        await MakeAsync(source, segments * SegmentSeconds);
        var start = new ProcessStartInfo(
            Program(),
            [
                "encode",
                source,
                "-o",
                directory.File("out.mkv"),
                "--work",
                directory.File("work"),
                "--slots",
                $"{slots}",
                "-s",
                $"segment.seconds={SegmentSeconds}",
                "-s",
                "encoding.preset=8",
                "--json",
                "--quiet",
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        var started = DateTime.UtcNow;
        using var farm = Process.Start(start)!;
        var peak = 0L;
        var cpu = TimeSpan.Zero;
        var output = farm.StandardOutput.ReadToEndAsync();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!farm.HasExited)
        {
            peak = Math.Max(peak, farm.PeakWorkingSet64);
            cpu = farm.TotalProcessorTime;
            await look.WaitForNextTickAsync();
            farm.Refresh();
        }
        var log = Directory
            .GetFiles(directory.File("work/jobs"), "job.log", SearchOption.AllDirectories)
            .Single();
        return Read(await output, log, started, slots, peak >> 20, cpu.TotalSeconds);
    }

    static EfficiencyRun Read(
        string json,
        string log,
        DateTime started,
        int slots,
        long peak,
        double farmCpu
    )
    {
        var report = JsonDocument.Parse(json).RootElement;
        var rendition = report.GetProperty("jobs")[0].GetProperty("renditions")[0];
        var wall = rendition.GetProperty("encodeSeconds").GetDouble();
        var cpu = report.GetProperty("cpuSeconds");
        // Audio runs beside the video, in slots of the same phase.
        var seconds = new[] { "search", "encode", "measure", "audio" }.Sum(kind =>
            cpu.GetProperty(kind).GetDouble()
        );
        var first = File.ReadLines(log).First(line => line.Contains("analyze, exit"));
        return new EfficiencyRun(
            wall,
            seconds,
            wall / (seconds / slots),
            (StartOf(first) - started).TotalSeconds,
            peak,
            farmCpu
        );
    }

    /// <summary>The log tells when a command ended and how long it took.</summary>
    static DateTime StartOf(string line)
    {
        var ended = DateTime.Parse(
            line[..line.IndexOf(' ')],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal
        );
        var took = line.Split(", ")[2].Split(' ')[0];
        return ended - TimeSpan.FromSeconds(double.Parse(took, CultureInfo.InvariantCulture));
    }

    /// <summary>Scenes of different weight, one a segment, and sound.</summary>
    static async Task MakeAsync(string path, int seconds)
    {
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            $"mandelbrot=s=640x360:r=24,trim=duration={seconds}",
            "-f",
            "lavfi",
            "-i",
            $"testsrc2=s=640x360:r=24:d={seconds}",
            "-f",
            "lavfi",
            "-i",
            $"sine=440:d={seconds}",
            "-filter_complex",
            $"[0][1]overlay=enable='lt(mod(t,{4 * SegmentSeconds}),{2 * SegmentSeconds})'[v]",
            "-map",
            "[v]",
            "-map",
            "2:a",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-crf",
            "12",
            "-g",
            $"{24 * SegmentSeconds}",
            "-pix_fmt",
            "yuv420p",
            "-t",
            $"{seconds}",
            path
        );
    }

    static string Program()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "EncodeFarm.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("Run it in the repository.");
        }
        return Path.Combine(root.FullName, "artifacts/bin/EncodeFarm.Node/release/encodefarm");
    }
}
