using System.CommandLine;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Cli;

public static class PlanVerb
{
    /// <summary>Settings that people look for first.</summary>
    private static readonly string[] ShownKeys =
    [
        "encoding.codec",
        "encoding.rate",
        "encoding.vmaf_target",
        "encoding.crf",
        "encoding.bitrate",
        "encoding.preset",
        "encoding.film_grain",
        "encoding.pixel_format",
        "audio.codec",
        "audio.bitrate",
    ];

    public static Command Create(CliHost host)
    {
        var source = new Argument<string>("source") { Description = "A video file." };
        var (config, profile, settings) = (
            CommonOptions.Config(),
            CommonOptions.Profile(),
            CommonOptions.Settings()
        );
        var (work, json, verbose) = (
            CommonOptions.Work(),
            CommonOptions.Json(),
            CommonOptions.Verbose()
        );
        var command = new Command("plan", "Analyse a video and show what encode would do.")
        {
            source,
            profile,
            settings,
            config,
            work,
            json,
            verbose,
        };
        return command.Does(
            host,
            verbose,
            async (parsed, cancellation) =>
            {
                var configuration = parsed.Load(
                    host,
                    config,
                    settings,
                    (profile, "profile"),
                    (work, "work")
                );
                var plan = await PlanAsync(
                    host,
                    configuration,
                    parsed.GetRequiredValue(source),
                    cancellation
                );
                host.Out.WriteLine(
                    parsed.GetValue(json)
                        ? NodeJson.Write(plan)
                        : string.Join('\n', PlanText.Lines(plan))
                );
                return ExitCode.Ok;
            }
        );
    }

    private static async Task<PlanReport> PlanAsync(
        CliHost host,
        FarmConfiguration configuration,
        string given,
        CancellationToken cancellation
    )
    {
        var (profile, entries) = configuration.Profile();
        var source = JobPlan.Identify(given, configuration.Farm, host.CurrentDirectory);
        var destinations = Destinations.For(source.Path, profile, new OutputPlace(null, null));
        var work = WorkDirectory.Open(configuration.Farm, host.CurrentDirectory);
        var runner = new ToolRunner();
        var tools = await ToolBox.LocateAsync(runner, work, cancellation);
        var scratch = Directory.CreateTempSubdirectory("encodefarm-plan-");
        try
        {
            var options = new AnalysisOptions
            {
                Crop = profile.Crop,
                AllowTruncated = configuration.Farm.AllowTruncated,
                AllowDamaged = configuration.Farm.AllowDamaged,
            };
            var analyzed = await new SourceAnalyzer(tools, runner).AnalyzeAsync(
                source.Path,
                options,
                scratch.FullName,
                cancellation
            );
            var analysis = analyzed.Analysis;
            var plan = JobPlanner.Plan(analyzed, profile);
            return new PlanReport(
                source.Path,
                source.Size,
                analysis.Container,
                AnalysisReports.Of(analysis),
                analysis.Crop.Confidence,
                analysis.Crop.Reason,
                AnalysisReports.Streams(analysis),
                analysis.Chapters.Count,
                profile.Name,
                [
                    .. profile.Renditions.Select(
                        (rendition, index) =>
                            Rendition(rendition.Name, destinations[index], plan, index, entries)
                    ),
                ],
                [
                    .. plan.Segments.Segments.Select(segment => new PlannedSegmentReport(
                        segment.Index,
                        segment.StartFrame,
                        segment.Frames,
                        Math.Round(segment.StartSeconds, 6),
                        Math.Round(segment.DurationSeconds, 6)
                    )),
                ],
                [.. analysis.Warnings, .. plan.Warnings],
                plan.Segments.Unchunked
            );
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static PlannedRendition Rendition(
        string name,
        string destination,
        PlannedJob plan,
        int index,
        IReadOnlyDictionary<string, IReadOnlyDictionary<string, SettingEntry>> entries
    )
    {
        var own = entries.GetValueOrDefault(name) ?? entries.Values.First();
        var settings = plan.Settings[index];
        return new PlannedRendition(
            name,
            destination,
            settings.Width,
            settings.Height,
            ShownKeys
                .Select(key => (Key: key, Text: Shown(key, settings.Video, own)))
                .Where(setting => setting.Text is not null)
                .ToDictionary(setting => setting.Key, setting => setting.Text!),
            plan.Skipped[index]
        );
    }

    /// <summary>As it takes effect: a CRF that goes by the height is settled now, and a fixed one ends the search.</summary>
    private static string? Shown(
        string key,
        VideoSettings video,
        IReadOnlyDictionary<string, SettingEntry> own
    ) =>
        (key, video.Rate) switch
        {
            ("encoding.crf", RateControl.Crf) => video.Crf?.ToString(),
            ("encoding.crf", _) => null,
            ("encoding.rate", RateControl.Crf) => "crf",
            ("encoding.vmaf_target", not RateControl.TargetVmaf) => null,
            _ => own.GetValueOrDefault(key)?.Text,
        };
}
