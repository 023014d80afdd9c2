using System.Text.Json;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Tests.Logging;

public sealed class LogTests : IDisposable
{
    private static readonly ToolCommand Command = new(
        "/bin/ffmpeg",
        ["-i", "file:a b.mkv"],
        WorkKind.Encode
    );

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void People_get_marks()
    {
        var lines = new List<string>();
        var log = new FarmLog(
            lines.Add,
            LogFormat.Human,
            LogLevel.Info,
            color: false,
            TimeProvider.System
        );

        log.Write(LogLevel.Debug, "hidden");
        log.Info("one");
        log.Write(LogLevel.Warning, "two");
        log.Write(LogLevel.Error, "three");

        lines.ShouldBe(["  one", "⚠ two", "✗ three"]);
    }

    [Fact]
    public void Programs_get_an_object_a_line()
    {
        var lines = new List<string>();
        var log = new FarmLog(
            lines.Add,
            LogFormat.Json,
            LogLevel.Debug,
            color: true,
            TimeProvider.System
        );

        log.Write(LogLevel.Warning, "two\nlines \"日本\"", "job1");

        using var line = JsonDocument.Parse(lines.ShouldHaveSingleItem());
        lines[0].ShouldNotContain("\n");
        line.RootElement.GetProperty("level").GetString().ShouldBe("warning");
        line.RootElement.GetProperty("job").GetString().ShouldBe("job1");
        line.RootElement.GetProperty("message").GetString().ShouldBe("two\nlines \"日本\"");
        line.RootElement.GetProperty("at")
            .GetDateTimeOffset()
            .ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Commands_are_told_with_their_result()
    {
        var record = new CommandRecord(
            Command,
            DateTimeOffset.UnixEpoch,
            TimeSpan.FromSeconds(12.345),
            7,
            0,
            null,
            false,
            22.126,
            310 << 20,
            "chatter"
        );

        JobLog
            .Describe(record)
            .ShouldBe(
                "encode, exit 0, 12.35 s, CPU 22.13 s, 310 MiB: /bin/ffmpeg -i 'file:a b.mkv'"
            );
        JobLog
            .Describe(
                record with
                {
                    ExitCode = 1,
                    Failure = ToolFailureKind.ExitCode,
                    CpuSeconds = null,
                    PeakMemoryBytes = null,
                }
            )
            .ShouldBe("encode, exit 1 (ExitCode), 12.35 s: /bin/ffmpeg -i 'file:a b.mkv'\nchatter");
        JobLog
            .Describe(record with { ExitCode = null, Cancelled = true })
            .ShouldStartWith("encode, cancelled, ");
        JobLog
            .Describe(record with { ExitCode = null, Failure = ToolFailureKind.Stalled })
            .ShouldStartWith("encode, Stalled, ");
    }

    [Fact]
    public void A_later_run_appends_and_only_entries_begin_at_the_margin()
    {
        using (var log = new JobLog(_directory.Path, TimeProvider.System))
        {
            log.Write("one\nfile name");
        }
        using (var log = new JobLog(_directory.Path, TimeProvider.System))
        {
            log.Write("two");
        }

        var lines = File.ReadAllLines(Path.Combine(_directory.Path, JobLog.FileName));
        lines.Length.ShouldBe(3);
        lines[0].ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z one$");
        lines[1].ShouldBe("    file name");
        lines[2].ShouldEndWith(" two");
    }
}
