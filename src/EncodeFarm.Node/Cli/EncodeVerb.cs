using System.CommandLine;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Reports;

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
                "Output file, directory or s3://bucket/name (default: beside the source, <name>.<profile>.<ext>).",
            HelpName = "path",
        };
        var keep = CommonOptions.Flag(
            "Leave the encoded segments in the job's directory.",
            "--keep"
        );
        var overwrite = CommonOptions.Flag(
            "Replace an existing file by the validated one.",
            "--overwrite"
        );
        var quiet = CommonOptions.Flag("Show no progress.", "--quiet", "-q");
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
        var cluster = new Option<string?>("--cluster")
        {
            Description = "Submit to the cluster of this node, and watch.",
            HelpName = "host:port",
        };
        var token = new Option<string?>("--token")
        {
            Description = "The cluster's token (or in ENCODEFARM_TOKEN).",
            HelpName = "secret",
        };
        var authority = new Option<string?>("--authority")
        {
            Description =
                "PEM with the authority of the nodes' certificates (or in ENCODEFARM_AUTHORITY); host:port then means https://host:port.",
            HelpName = "file",
        };
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
            cluster,
            token,
            authority,
            verbose,
        };
        command.SetAction(
            (parsed, _) =>
            {
                var request = Request(parsed);
                return Guarded.RunAsync(
                    host,
                    request.Verbose,
                    stop =>
                        parsed.GetValue(cluster) is { } node
                            ? ClusterEncode.RunAsync(host, Order(parsed, node, request), stop)
                            : EncodeRun.RunAsync(host, Configuration(parsed), request, stop),
                    resumable: true,
                    request.Json ? (error, kind) => Print(request, error, kind) : null
                );
            }
        );
        return command;

        void Print(EncodeRequest request, string error, FarmError kind) =>
            host.Out.WriteLine(
                NodeJson.Write(
                    EncodeReport.Refused(
                        request.Paths(host.CurrentDirectory),
                        error,
                        kind.ToString()
                    )
                )
            );

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

        ClusterOrder Order(ParseResult parsed, string node, EncodeRequest request)
        {
            var useless =
                parsed.GetValue(keep) ? "--keep"
                : parsed.GetValue(work) is not null ? "--work"
                : parsed.GetValue(slots) is not null ? "--slots"
                : null;
            if (useless is not null)
            {
                throw new FarmException(
                    FarmError.BadConfiguration,
                    $"{useless} is of no use with --cluster: it is the nodes' own affair."
                );
            }
            var secret =
                parsed.GetValue(token)
                ?? host.Environment.GetValueOrDefault("ENCODEFARM_TOKEN")
                ?? host.Environment.GetValueOrDefault("ENCODEFARM__NODE__TOKEN");
            if (secret is not null && !FarmClient.CanSend(secret))
            {
                throw new FarmException(FarmError.BadConfiguration, FarmClient.UnsendableToken);
            }
            return new(
                node,
                secret,
                parsed.GetValue(authority)
                    ?? host.Environment.GetValueOrDefault("ENCODEFARM_AUTHORITY")
                    ?? host.Environment.GetValueOrDefault("ENCODEFARM__TLS__AUTHORITY"),
                parsed.GetValue(profile),
                parsed.GetValue(settings) ?? [],
                request
            );
        }

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
