using EncodeFarm.Actors.Testing;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Tests.Logging;

public sealed class WorkerSweepTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new(Now);

    public void Dispose() => _directory.Dispose();

    private readonly List<string> _said = [];

    private NodeLog Log() =>
        new(
            new FarmLog(_said.Add, LogFormat.Human, LogLevel.Info, false, _time),
            _directory.Path,
            _time
        );

    /// <summary>A file of a job that was last written so many days ago.</summary>
    private string Left(string job, string name, int days)
    {
        var path = Path.Combine(_directory.Path, job, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "text");
        File.SetLastWriteTimeUtc(path, Now.UtcDateTime.AddDays(-days));
        for (var folder = Path.GetDirectoryName(path)!; folder != _directory.Path; )
        {
            Directory.SetLastWriteTimeUtc(folder, Now.UtcDateTime.AddDays(-days));
            folder = Path.GetDirectoryName(folder)!;
        }
        return path;
    }

    [Fact]
    public void Old_logs_go_and_younger_ones_and_kept_results_stay()
    {
        var old = Left("old", JobLog.FileName, days: 31);
        var young = Left("young", JobLog.FileName, days: 29);
        Left("kept", "results/1-2.json", days: 40);
        var kept = Left("kept", JobLog.FileName, days: 40);

        using var sweep = new WorkerSweep(_directory.Path, Log(), TimeSpan.FromDays(30), _time);
        _time.Advance(TimeSpan.Zero);

        File.Exists(old).ShouldBeFalse();
        Directory.Exists(Path.GetDirectoryName(old)).ShouldBeFalse();
        File.Exists(young).ShouldBeTrue();
        File.Exists(kept).ShouldBeTrue();

        _time.Advance(TimeSpan.FromDays(2));
        File.Exists(young).ShouldBeFalse();
        File.Exists(kept).ShouldBeTrue();
    }

    [Fact]
    public void A_directory_that_is_gone_is_told_of_and_ends_nothing()
    {
        var gone = _directory.File("worker");
        using var sweep = new WorkerSweep(gone, Log(), TimeSpan.FromDays(30), _time);

        Should.NotThrow(() => _time.Advance(TimeSpan.Zero));

        _said.ShouldHaveSingleItem().ShouldContain($"in '{gone}' can't be looked at");
    }

    [Fact]
    public void A_silent_log_is_closed_and_opened_again_by_the_next_word()
    {
        var log = Log();
        log.Of("job").Write("one");
        var path = Left("other", JobLog.FileName, days: 2);
        var first = log.Of("job");
        using var sweep = new WorkerSweep(_directory.Path, log, TimeSpan.FromDays(30), _time);
        _time.Advance(TimeSpan.Zero);
        log.Of("other").Write("two");
        File.ReadAllText(path).ShouldContain("two");
        File.SetLastWriteTimeUtc(
            Path.Combine(_directory.Path, "job", JobLog.FileName),
            Now.UtcDateTime.AddDays(-2)
        );
        Directory.SetLastWriteTimeUtc(
            Path.Combine(_directory.Path, "job"),
            Now.UtcDateTime.AddDays(-2)
        );
        _time.Advance(TimeSpan.FromDays(1));
        var second = log.Of("job");
        second.ShouldNotBeSameAs(first);
        second.Write("three");
        File.ReadAllText(Path.Combine(_directory.Path, "job", JobLog.FileName))
            .ShouldContain("three");
    }
}
