using System.CommandLine;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Cli;

public static class ConfigVerb
{
    public static Command Create(CliHost host) =>
        new("config", "Show the settings in force, or check a file.") { Show(host), Check(host) };

    private static Command Show(CliHost host)
    {
        var (config, profile, settings) = (
            CommonOptions.Config(),
            CommonOptions.Profile(),
            CommonOptions.Settings()
        );
        var (json, verbose) = (CommonOptions.Json(), CommonOptions.Verbose());
        var command = new Command("show", "Every setting: its value, and where that comes from.")
        {
            config,
            profile,
            settings,
            json,
            verbose,
        };
        return command.Does(
            host,
            verbose,
            (parsed, _) =>
            {
                var rows = parsed
                    .Load(host, config, settings, (profile, "profile"))
                    .Rows()
                    .ToList();
                host.Out.WriteLine(parsed.GetValue(json) ? NodeJson.Write(rows) : Table(rows));
                return Task.FromResult(ExitCode.Ok);
            }
        );
    }

    private static string Table(IReadOnlyList<ConfigurationRow> rows)
    {
        var table = new TextTable("setting", "value", "from", "allowed");
        foreach (var row in rows)
        {
            var key = row.Rendition is null ? row.Key : $"{row.Key} ({row.Rendition})";
            table.Add(key, row.Value.Length == 0 ? "(empty)" : row.Value, row.Source, row.Allowed);
        }
        return string.Join('\n', table.Lines());
    }

    private static Command Check(CliHost host)
    {
        var file = new Argument<string>("file")
        {
            Description = "A farm.yaml or a profile, or a directory of them.",
        };
        var verbose = CommonOptions.Verbose();
        var command = new Command("check", "Find everything that is wrong with a file.")
        {
            file,
            verbose,
        };
        return command.Does(
            host,
            verbose,
            (parsed, _) =>
                Task.FromResult(
                    CheckAll(
                        host,
                        Path.GetFullPath(parsed.GetRequiredValue(file), host.CurrentDirectory)
                    )
                )
        );
    }

    private static int CheckAll(CliHost host, string path)
    {
        string[] files = Directory.Exists(path)
            ?
            [
                .. Directory
                    .EnumerateFiles(
                        path,
                        "*.yaml",
                        new EnumerationOptions { RecurseSubdirectories = true }
                    )
                    .Order(StringComparer.Ordinal),
            ]
            : [path];
        // A wrong profile is found in its own file, and once more by the settings that name it.
        var problems = files.SelectMany(ConfigurationLoader.Check).Distinct().ToList();
        foreach (var problem in problems)
        {
            host.WriteError(problem.Sentence);
        }
        if (problems.Count == 0)
        {
            host.Out.WriteLine(
                files.Length == 1
                    ? $"✓ {path} is fine."
                    : $"✓ {path}: {files.Length} files are fine."
            );
        }
        return problems.Count == 0 ? ExitCode.Ok : ExitCode.Usage;
    }
}
