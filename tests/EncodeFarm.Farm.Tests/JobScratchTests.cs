using EncodeFarm.Actors.Testing;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Tests;

/// <summary>What a coordinator has left of jobs that another one went on with.</summary>
public sealed class JobScratchTests : IDisposable
{
    readonly TestDirectory _jobs = new();
    readonly InMemoryJournal _journal = new();

    public void Dispose() => _jobs.Dispose();

    async Task LeaveAsync(string job, JobOptions options, params VideoEvent[] after)
    {
        foreach (var file in new[] { "out/0.mkv", "encoded/0/1.ivf", "frames.bin", "job.log" })
        {
            _jobs.Write($"{job}/{file}", "x");
        }
        var spec = Samples.Job() with { Id = job, Options = options };
        VideoEvent[] events =
        [
            new VideoSubmitted(spec, Samples.Fingerprint) { At = Samples.Start },
            .. after,
        ];
        await _journal.AppendAsync(
            job,
            0,
            [.. events.Select(FarmCodecs.Events.Write)],
            TestContext.Current.CancellationToken
        );
    }

    static VideoCancelled Cancelled => new() { At = Samples.Start };

    static WorkCleaned Cleaned => new() { At = Samples.Start };

    string[] Left(string job) =>
        [
            .. Directory
                .GetFiles(_jobs.File(job), "*", SearchOption.AllDirectories)
                .Select(Path.GetFileName)
                .OfType<string>()
                .Order(),
        ];

    [Fact]
    public async Task Only_what_was_cleaned_up_elsewhere_goes()
    {
        string[] all = ["0.mkv", "1.ivf", "frames.bin", "job.log"];
        await LeaveAsync("over", new JobOptions(), Cancelled, Cleaned);
        await LeaveAsync("kept", new JobOptions(KeepWork: true), Cancelled, Cleaned);
        await LeaveAsync("ending", new JobOptions(), Cancelled);
        await LeaveAsync("running", new JobOptions());
        _jobs.Write("unknown/frames.bin", "x");

        await JobScratch.SweepAsync(_jobs.Path, _journal, TestContext.Current.CancellationToken);

        Left("over").ShouldBe(["job.log"]);
        Left("kept").ShouldBe(all);
        Left("ending").ShouldBe(all);
        Left("running").ShouldBe(all);
        Left("unknown").ShouldBe(["frames.bin"]);
    }
}
