using System.CommandLine;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Cli;

public static class DemoVerb
{
    /// <summary>Done in about a minute on two cores: the default profile with a faster preset and short segments.</summary>
    private static readonly string[] Settings = ["encoding.preset=10", "segment.seconds=4"];

    public static Command Create(CliHost host)
    {
        var (config, settings, work) = (CommonOptions.Config(), CommonOptions.Settings(), CommonOptions.Work());
        var (slots, json, verbose) = (CommonOptions.Slots(), CommonOptions.Json(), CommonOptions.Verbose());
        var command = new Command("demo", "Make a short video and encode it, to see how everything goes.")
        {
            settings,
            slots,
            work,
            config,
            json,
            verbose,
        };
        settings.DefaultValueFactory = _ => Settings;
        command.SetAction(
            (parsed, _) =>
                Guarded.RunAsync(
                    host,
                    parsed.GetValue(verbose),
                    async cancellation =>
                    {
                        var configuration = parsed.Load(host, config, settings, (work, "work"), (slots, "slots"));
                        var directory = Directory.CreateDirectory(
                            Path.Combine(WorkDirectory.Open(configuration.Farm, host.CurrentDirectory).Path, "demo")
                        );
                        var runner = new ToolRunner();
                        var tools = await ToolBox.LocateAsync(
                            runner,
                            WorkDirectory.Open(configuration.Farm, host.CurrentDirectory),
                            cancellation
                        );
                        host.Error.WriteLine($"  Making a clip of 24 s in {directory.FullName}");
                        var clip = await DemoClip.MakeAsync(tools, runner, directory.FullName, cancellation);
                        return await EncodeRun.RunAsync(
                            host,
                            configuration,
                            new EncodeRequest([clip], null)
                            {
                                Overwrite = true,
                                Json = parsed.GetValue(json),
                                Verbose = parsed.GetValue(verbose),
                            },
                            cancellation
                        );
                    }
                )
        );
        return command;
    }
}
