using System.CommandLine;
using EncodeFarm.Media.Measure;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Cli;

public static class VmafVerb
{
    public static Command Create(CliHost host)
    {
        var reference = new Argument<string>("reference") { Description = "The original." };
        var distorted = new Argument<string>("distorted") { Description = "What was made of it." };
        var subsample = new Option<int>("--subsample")
        {
            Description = "Score every n-th frame, 1..16; 2, 4 and 8 read too high with AV1.",
            HelpName = "n",
            DefaultValueFactory = _ => 1,
        };
        var (config, work) = (CommonOptions.Config(), CommonOptions.Work());
        var (json, verbose) = (CommonOptions.Json(), CommonOptions.Verbose());
        var command = new Command("vmaf", "Measure a video against its original, frame by frame.")
        {
            reference,
            distorted,
            subsample,
            config,
            work,
            json,
            verbose,
        };
        subsample.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 1 and <= 16))
            {
                result.AddError("--subsample must be 1..16.");
            }
        });
        return command.Does(
            host,
            verbose,
            async (parsed, cancellation) =>
            {
                var farm = parsed.Load(host, config, null, (work, "work")).Farm;
                var report = await MeasureAsync(
                    host,
                    farm,
                    parsed.GetRequiredValue(reference),
                    parsed.GetRequiredValue(distorted),
                    parsed.GetValue(subsample),
                    cancellation
                );
                host.Out.WriteLine(parsed.GetValue(json) ? NodeJson.Write(report) : Text(report));
                return ExitCode.Ok;
            }
        );
    }

    private static async Task<MeasureReport> MeasureAsync(
        CliHost host,
        FarmSettings farm,
        string reference,
        string distorted,
        int subsample,
        CancellationToken cancellation
    )
    {
        var original = JobPlan.Identify(reference, farm, host.CurrentDirectory);
        var made = JobPlan.Identify(distorted, farm, host.CurrentDirectory);
        var runner = new ToolRunner();
        var tools = await ToolBox.LocateAsync(
            runner,
            WorkDirectory.Open(farm, host.CurrentDirectory),
            cancellation
        );
        ToolBox.RequireVmaf(tools);
        var clock = host.Time.GetTimestamp();
        var measured = await new VmafMeasurer(tools, runner).MeasureFilesAsync(
            original.Path,
            made.Path,
            subsample,
            cancellation
        );
        var scores = measured.Scores;
        return new MeasureReport(
            original.Path,
            made.Path,
            measured.Frames,
            subsample,
            new VmafReport(
                scores.Mean,
                scores.HarmonicMean,
                scores.Min,
                scores.P1,
                scores.P5,
                scores.Model
            ),
            measured.CpuSeconds,
            host.Time.GetElapsedTime(clock).TotalSeconds
        );
    }

    private static string Text(MeasureReport report) =>
        $"""
            VMAF {Words.Number(report.Vmaf.Mean, 2)} mean, {Words.Number(
                report.Vmaf.HarmonicMean,
                2
            )} harmonic, {Words.Number(report.Vmaf.Min, 2)} min, {Words.Number(
                report.Vmaf.P1,
                2
            )} p1, {Words.Number(report.Vmaf.P5, 2)} p5
            {report.Frames} frames, {(
                report.Subsample == 1 ? "all scored" : $"every {report.Subsample}. scored"
            )}, model {report.Vmaf.Model}, {Words.Time(TimeSpan.FromSeconds(report.WallSeconds))}
            """;
}
