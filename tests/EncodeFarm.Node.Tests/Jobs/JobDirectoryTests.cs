using System.Security.Cryptography;
using System.Text;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Persistence;

namespace EncodeFarm.Node.Tests.Jobs;

public sealed class JobDirectoryTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_job_is_known_by_what_it_left()
    {
        var output = _directory.Write("out.mkv", "1234");
        var job = new JobDirectory(Path.Combine(_directory.Path, "job"));

        Trace().ShouldBe(JobTrace.None);

        Directory.CreateDirectory(job.Path);
        Trace().ShouldBe(JobTrace.Begun);

        job.MarkFinished([Delivered("1234")]);
        Trace().ShouldBe(JobTrace.Delivered);

        File.WriteAllText(output, "1235");
        Trace().ShouldBe(JobTrace.Stale);
        job.Trace([output], contents: false).ShouldBe(JobTrace.Delivered);

        File.AppendAllText(output, "5");
        Trace().ShouldBe(JobTrace.Stale);
        job.Trace([output], contents: false).ShouldBe(JobTrace.Stale);

        File.Delete(output);
        Trace().ShouldBe(JobTrace.Stale);

        job.MarkFinished([]);
        Trace().ShouldBe(JobTrace.Begun);

        JobTrace Trace() => job.Trace([output], contents: true);
    }

    [Fact]
    public void A_mark_of_sizes_alone_is_understood_too()
    {
        var output = _directory.Write("out.mkv", "1234");
        var job = new JobDirectory(_directory.Path);

        _directory.Write("finished", "4\ngone\n");

        job.Trace([output, _directory.File("skipped.mkv")], contents: true)
            .ShouldBe(JobTrace.Delivered);
        job.Trace([output], contents: true).ShouldBe(JobTrace.Stale);
    }

    private static Delivering Delivered(string content) =>
        Samples.Muxed(0) with
        {
            SizeBytes = content.Length,
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content))),
        };

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
