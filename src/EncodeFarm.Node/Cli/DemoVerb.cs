using System.CommandLine;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Cli;

public static class DemoVerb
{
    /// <summary>Done in about a minute on two cores: the default profile with a faster preset and short segments.</summary>
    private static readonly string[] Settings =
    [
        "profile=av1-vmaf",
        "encoding.preset=10",
        "segment.seconds=4",
    ];

    public static Command Create(CliHost host)
    {
        var (config, settings, work) = (
            CommonOptions.Config(),
            CommonOptions.Settings(),
            CommonOptions.Work()
        );
        var (slots, json, verbose) = (
            CommonOptions.Slots(),
            CommonOptions.Json(),
            CommonOptions.Verbose()
        );
        var command = new Command(
            "demo",
            "Make a short video and encode it, to see how everything goes."
        )
        {
            settings,
            slots,
            work,
            config,
            json,
            verbose,
        };
        return command.Does(
            host,
            verbose,
            async (parsed, stop) =>
            {
                var configuration = Configuration(parsed);
                var clip = await PrepareAsync(host, configuration, stop);
                var request = new EncodeRequest([clip], null)
                {
                    Overwrite = true,
                    Json = parsed.GetValue(json),
                    Verbose = parsed.GetValue(verbose),
                };
                return await EncodeRun.RunAsync(host, configuration, request, stop);
            },
            resumable: true
        );

        FarmConfiguration Configuration(ParseResult parsed) =>
            parsed.Load(host, config, Settings, settings, (work, "work"), (slots, "slots"));
    }

    /// <summary>The clip of an earlier demo serves again, so that an interrupted one goes on; a finished one starts anew.</summary>
    private static async Task<string> PrepareAsync(
        CliHost host,
        FarmConfiguration configuration,
        CancellationToken cancellation
    )
    {
        var work = WorkDirectory.Open(configuration.Farm, host.CurrentDirectory);
        var directory = Directory.CreateDirectory(Path.Combine(work.Path, "demo")).FullName;
        var clip = Path.Combine(directory, DemoClip.FileName);
        foreach (
            var output in Destinations.For(
                clip,
                configuration.Profile().Profile,
                new OutputPlace(null, null)
            )
        )
        {
            File.Delete(output);
        }
        if (!File.Exists(clip))
        {
            host.Error.WriteLine($"  Making a clip of {DemoClip.Seconds} s: {clip}");
            var runner = new ToolRunner();
            var tools = await ToolBox.LocateAsync(runner, work, cancellation);
            await DemoClip.MakeAsync(tools, runner, directory, cancellation);
        }
        return clip;
    }
}
