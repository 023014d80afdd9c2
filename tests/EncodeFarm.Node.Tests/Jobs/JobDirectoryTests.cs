using EncodeFarm.Node.Jobs;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Tests.Jobs;

public sealed class JobDirectoryTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_job_is_known_by_what_it_left()
    {
        var output = _directory.Write("out.mkv", "1234");
        var job = new JobDirectory(Path.Combine(_directory.Path, "job"));

        job.Trace([output]).ShouldBe(JobTrace.None);

        Directory.CreateDirectory(job.Path);
        job.Trace([output]).ShouldBe(JobTrace.Begun);

        job.MarkFinished([new FileInfo(output).Length]);
        job.Trace([output]).ShouldBe(JobTrace.Delivered);

        File.AppendAllText(output, "5");
        job.Trace([output]).ShouldBe(JobTrace.Stale);

        File.Delete(output);
        job.Trace([output]).ShouldBe(JobTrace.Stale);

        job.MarkFinished([]);
        job.Trace([output]).ShouldBe(JobTrace.Begun);
    }

    [Fact]
    public void Clean_removes_only_what_ended_long_ago()
    {
        var work = new WorkDirectory(_directory.Path);
        foreach (var name in new[] { "old", "young", "unfinished", "running" })
        {
            _directory.Write($"jobs/{name}/farm.db", "data");
            _directory.Write($"jobs/{name}/encoded/segment.ivf", "data");
        }
        foreach (var name in new[] { "old", "young", "running" })
        {
            work.Job(name).MarkFinished([]);
        }
        foreach (var name in new[] { "old", "running" })
        {
            File.SetLastWriteTimeUtc(
                $"{_directory.Path}/jobs/{name}/finished",
                DateTime.UtcNow.AddDays(-31)
            );
        }
        using var held = JobLock.Acquire(work.Job("running").Path);

        var cleaned = JobCleaner.Run(work, TimeSpan.FromDays(30), TimeProvider.System);

        cleaned.ShouldBe(new CleanResult(Removed: 1, Bytes: 8, Young: 1, Unfinished: 2));
        Directory
            .GetDirectories(work.Jobs)
            .Select(Path.GetFileName)
            .ShouldBe(["young", "unfinished", "running"], ignoreOrder: true);
    }
}
