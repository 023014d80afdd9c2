using System.CommandLine;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;

namespace EncodeFarm.Node.Cli;

public static class EncodeVerb
{
    public static Command Create(CliHost host)
    {
        var sources = new Argument<string[]>("source")
        {
            Description = "Video files.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description =
                "Output file or directory (default: beside the source, <name>.<profile>.<ext>).",
            HelpName = "path",
        };
        var keep = new Option<bool>("--keep")
        {
            Description = "Leave the encoded segments in the job's directory.",
        };
        var overwrite = new Option<bool>("--overwrite")
        {
            Description = "Replace an existing file by the validated one.",
        };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Show no progress." };
        var (config, profile, settings) = (
            CommonOptions.Config(),
            CommonOptions.Profile(),
            CommonOptions.Settings()
        );
        var (work, slots, logFormat) = (
            CommonOptions.Work(),
            CommonOptions.Slots(),
            CommonOptions.LogFormat()
        );
        var (json, verbose) = (CommonOptions.Json(), CommonOptions.Verbose());
        var command = new Command("encode", "Encode videos on this machine, and check the result.")
        {
            sources,
            output,
            profile,
            settings,
            overwrite,
            keep,
            slots,
            work,
            config,
            logFormat,
            json,
            quiet,
            verbose,
        };
        command.SetAction(
            (parsed, _) =>
                Guarded.RunAsync(
                    host,
                    parsed.GetValue(verbose),
                    stop => EncodeRun.RunAsync(host, Configuration(parsed), Request(parsed), stop),
                    resumable: true
                )
        );
        return command;

        FarmConfiguration Configuration(ParseResult parsed) =>
            parsed.Load(
                host,
                config,
                settings,
                (profile, "profile"),
                (work, "work"),
                (slots, "slots"),
                (logFormat, "log.format")
            );

        EncodeRequest Request(ParseResult parsed) =>
            new(parsed.GetRequiredValue(sources), parsed.GetValue(output))
            {
                Keep = parsed.GetValue(keep),
                Overwrite = parsed.GetValue(overwrite),
                Json = parsed.GetValue(json),
                Quiet = parsed.GetValue(quiet),
                Verbose = parsed.GetValue(verbose),
            };
    }
}
