using System.CommandLine;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Http;
using EncodeFarm.Node.Jobs;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Cli;

public static class DoctorVerb
{
    /// <summary>Below this a 1080p job soon runs out of room.</summary>
    private const long LittleRoom = 5L << 30;

    public static Command Create(CliHost host)
    {
        var (config, work) = (CommonOptions.Config(), CommonOptions.Work());
        var (json, verbose) = (CommonOptions.Json(), CommonOptions.Verbose());
        var command = new Command(
            "doctor",
            "Check tools, encoders, servers and directories, and say what to do."
        )
        {
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
                var configuration = parsed.Load(host, config, null, (work, "work"));
                var report = await ExamineAsync(host, configuration, cancellation);
                host.Out.WriteLine(parsed.GetValue(json) ? NodeJson.Write(report) : Text(report));
                return report.Fit ? ExitCode.Ok : ExitCode.ToolMissing;
            }
        );
    }

    private static async Task<DoctorReport> ExamineAsync(
        CliHost host,
        FarmConfiguration configuration,
        CancellationToken cancellation
    )
    {
        var (work, line) = CheckWork(configuration.Farm, host.CurrentDirectory);
        var checks = new List<DoctorLine> { line };
        foreach (
            var root in configuration
                .Farm.SourceRoots.Concat(configuration.Farm.OutputRoots)
                .Distinct()
                .Where(root => !S3Address.Is(root))
        )
        {
            var exists = Directory.Exists(root);
            checks.Add(
                new DoctorLine(
                    "root",
                    root,
                    null,
                    exists,
                    false,
                    exists ? null : "It does not exist: make it, or change roots in farm.yaml."
                )
            );
        }
        if (configuration.Farm.Cluster.Tls.Certificate is { } certificate)
        {
            checks.Add(CheckCertificate(certificate, configuration.Farm.Cluster, host.Time));
        }
        var needed = ToolBox.NeedsOf(configuration.Profile().Profile);
        var servers = ClusterChecks.RunAsync(configuration.Farm.Cluster, host.Time, cancellation);
        var findings = await ToolBox.Locator(new ToolRunner(), work).ExamineAsync(cancellation);
        checks.AddRange(await servers);
        checks.AddRange(
            findings.Select(tool => new DoctorLine(
                tool.Name,
                tool.Path,
                tool.Version,
                tool.Ok,
                tool.Required || needed.Contains(tool.Name),
                tool.Advice
            ))
        );
        return new DoctorReport(checks.All(check => check.Fit || !check.Necessary), checks);
    }

    private static DoctorLine CheckCertificate(
        string file,
        ClusterSettings cluster,
        TimeProvider time
    )
    {
        try
        {
            var now = time.GetUtcNow();
            var certificate = ServerCertificate.Read(cluster.Tls, now);
            var leaf = certificate.Leaf;
            var detail =
                $"for {CertificateNames.Of(leaf)}, until {ServerCertificate.Day(leaf.NotAfter)}";
            string?[] advice =
            [
                certificate.Misnamed(Advertised.Of(cluster)),
                certificate.EndsSoon(file, now),
            ];
            // With one that is not, a node starts all the same, and warns.
            var good = advice.All(one => one is null);
            return new DoctorLine(
                "certificate",
                file,
                detail,
                good,
                good,
                good ? null : string.Join(' ', advice.OfType<string>())
            );
        }
        catch (Exception error) when (error is FarmException or ClusterException)
        {
            return new DoctorLine("certificate", file, null, false, true, error.Message);
        }
    }

    private static (WorkDirectory Work, DoctorLine Line) CheckWork(
        FarmSettings farm,
        string currentDirectory
    )
    {
        try
        {
            var work = WorkDirectory.Open(farm, currentDirectory);
            var free = new DriveInfo(work.Path).AvailableFreeSpace;
            var advice =
                free < LittleRoom
                    ? "There is little room: free some, or choose another disk with --work."
                    : null;
            return (
                work,
                new DoctorLine(
                    "work directory",
                    work.Path,
                    $"{Words.Bytes(free)} free",
                    true,
                    true,
                    advice
                )
            );
        }
        catch (FarmException error)
        {
            return (
                new WorkDirectory(""),
                new DoctorLine("work directory", farm.Work, null, false, true, error.Message)
            );
        }
    }

    private static string Text(DoctorReport report)
    {
        var table = new TextTable("", "what", "found", "where");
        foreach (var check in report.Checks)
        {
            var mark =
                check.Fit ? "✓"
                : check.Necessary ? "✗"
                : "⚠";
            table.Add(
                mark,
                check.Name,
                check.Detail ?? (check.Fit ? "yes" : "no"),
                check.Path ?? ""
            );
        }
        var advice = report
            .Checks.Where(check => check.Advice is not null)
            .Select(check => $"{check.Name}: {check.Advice}");
        var verdict = report.Fit
            ? "✓ Everything that is necessary is there."
            : "✗ Something necessary is missing.";
        return string.Join('\n', [.. table.Lines().Skip(1), "", .. advice, verdict]);
    }
}
