using EncodeFarm.Farm;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Logging;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Embedded;

/// <summary>The whole of <c>encode</c>: the farm in this process, from sources to the report.</summary>
public static class EncodeRun
{
    /// <summary>No new attempt begins with less room than this in the work directory.</summary>
    public const long MinimumFree = 32L << 20;

    /// <summary>How long a full disk may pause the work before the job fails.</summary>
    private static readonly TimeSpan DiskWait = TimeSpan.FromMinutes(10);

    /// <returns>The exit code.</returns>
    /// <exception cref="EncodeFarm.Media.Model.FarmException">It could not begin.</exception>
    public static async Task<int> RunAsync(
        CliHost host,
        FarmConfiguration configuration,
        EncodeRequest request,
        CancellationToken cancellation
    )
    {
        var clock = host.Time.GetTimestamp();
        var farm = configuration.Farm;
        // Labels choose among the workers of a cluster; here is but one machine.
        var profile = configuration.Profile().Profile with
        {
            Needs = null,
        };
        var work = WorkDirectory.Open(farm, host.CurrentDirectory);
        var jobs = JobPlan.Make(
            request.Sources,
            request.Output,
            profile,
            farm,
            new JobOptions(
                AllowTruncated: farm.AllowTruncated,
                KeepWork: request.Keep,
                AllowDamaged: farm.AllowDamaged
            ),
            request.Overwrite,
            work,
            host.CurrentDirectory
        );
        await new BucketDestinations(
            NodeStores.Outputs(farm, host.Time, _ => { }, patient: false)
        ).RequireAsync(jobs, work, cancellation);
        var tools = await ToolBox.LocateAsync(new ToolRunner(), work, cancellation);
        ToolBox.Require(tools, profile);

        var states = await RunJobsAsync(host, farm, request, jobs, tools, work, cancellation);
        var report = ReportBuilder.Build([.. jobs.Zip(states)], host.Time.GetElapsedTime(clock));
        Print(host, request, farm.LogFormat, report, work);
        return ExitCodeOf(report);
    }

    private static async Task<IReadOnlyList<VideoState>> RunJobsAsync(
        CliHost host,
        FarmSettings farm,
        EncodeRequest request,
        IReadOnlyList<JobSpec> jobs,
        ToolSet tools,
        WorkDirectory work,
        CancellationToken cancellation
    )
    {
        var open = new List<OpenJob>();
        try
        {
            foreach (var job in jobs)
            {
                open.Add(
                    await OpenJob.OpenAsync(job, work, tools.Fingerprint, host.Time, cancellation)
                );
            }
            var states = await RunFarmAsync(host, farm, request, open, tools, work, cancellation);
            foreach (var (job, state) in open.Zip(states).ToList())
            {
                if (job.Conclude(state))
                {
                    open.Remove(job);
                    await job.DiscardAsync();
                }
            }
            return states;
        }
        finally
        {
            foreach (var job in open)
            {
                await job.DisposeAsync();
            }
        }
    }

    private static async Task<IReadOnlyList<VideoState>> RunFarmAsync(
        CliHost host,
        FarmSettings farm,
        EncodeRequest request,
        IReadOnlyList<OpenJob> jobs,
        ToolSet tools,
        WorkDirectory work,
        CancellationToken cancellation
    )
    {
        var byId = jobs.ToDictionary(job => job.Spec.Id);
        var slots = SlotCount.For(farm);
        var voice = new Voice(host, farm, request, jobs);
        voice.TellOfEarlierRuns();
        var options = new EmbeddedFarmOptions(
            work.Jobs,
            slots,
            tools.Fingerprint,
            MinimumFree,
            Policy(farm.Retries),
            host.Time,
            Random.Shared,
            voice.Actor,
            voice.Happened
        );
        var media = new MediaWork(
            tools,
            AttemptLimits.Of(farm),
            id => byId[id].Runner,
            NodeStores.Outputs(farm, host.Time, voice.Store, patient: true)
        );
        await using var embedded = new EmbeddedFarm(
            options,
            media,
            [.. jobs.Select(job => job.ForFarm)]
        );
        await using (voice.Watch(embedded.Monitor, slots))
        {
            return await embedded.RunAsync(cancellation);
        }
    }

    public static RetryPolicy Policy(RetrySettings retries) =>
        new(
            retries.Max,
            TimeSpan.FromSeconds(retries.BackoffMinSeconds),
            TimeSpan.FromSeconds(retries.BackoffMaxSeconds),
            retries.RandomFactor,
            DiskWait
        );

    private static void Print(
        CliHost host,
        EncodeRequest request,
        LogFormat format,
        EncodeReport report,
        WorkDirectory work
    )
    {
        if (request.Json)
        {
            host.Out.WriteLine(NodeJson.Write(report));
        }
        else
        {
            foreach (var line in ReportText.Lines(report).Concat(NextSteps.After(report, work)))
            {
                host.Out.WriteLine(line);
            }
        }
        var errors = new FarmLog(
            host.Error.WriteLine,
            format,
            LogLevel.Error,
            host.Color,
            host.Time
        );
        foreach (var job in report.Jobs.Where(job => job.Error is not null))
        {
            errors.Write(LogLevel.Error, job.Error!, job.Id);
        }
    }

    /// <summary>The code of the failure where all failures are of one kind.</summary>
    internal static int ExitCodeOf(EncodeReport report)
    {
        var codes = report
            .Jobs.Where(job => job.State != nameof(JobState.Completed))
            .Select(job =>
                Enum.TryParse<Media.Model.FarmError>(job.ErrorKind, out var kind)
                    ? ExitCode.Of(kind)
                    : ExitCode.JobFailed
            )
            .Distinct()
            .ToList();
        return codes.Count switch
        {
            0 => ExitCode.Ok,
            1 => codes[0],
            _ => ExitCode.JobFailed,
        };
    }
}
