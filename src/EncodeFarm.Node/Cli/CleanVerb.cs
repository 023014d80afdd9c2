using System.CommandLine;
using System.Globalization;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Cli;

public static class CleanVerb
{
    public static Command Create(CliHost host)
    {
        var older = new Option<string?>("--older")
        {
            Description =
                "Only jobs that ended so long ago: 30d, 12h, 0d (default: retention.days).",
            HelpName = "age",
        };
        var (config, work, verbose) = (
            CommonOptions.Config(),
            CommonOptions.Work(),
            CommonOptions.Verbose()
        );
        var command = new Command("clean", "Remove the directories of finished jobs.")
        {
            older,
            config,
            work,
            verbose,
        };
        older.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && ParseAge(text) is null)
            {
                result.AddError(
                    $"--older is {text}, but must be a number with d or h, such as 30d."
                );
            }
        });
        return command.Does(
            host,
            verbose,
            (parsed, _) =>
            {
                var farm = parsed.Load(host, config, null, (work, "work")).Farm;
                var age = parsed.GetValue(older) is { } text
                    ? ParseAge(text)!.Value
                    : TimeSpan.FromDays(farm.RetentionDays);
                var directory = WorkDirectory.Open(farm, host.CurrentDirectory);
                host.Out.WriteLine(Text(JobCleaner.Run(directory, age, host.Time)));
                return Task.FromResult(ExitCode.Ok);
            }
        );
    }

    private static string Text(CleanResult cleaned)
    {
        var text =
            $"✓ {Words.Count(cleaned.Removed, "job")} removed, {Words.Bytes(cleaned.Bytes)} freed.";
        if (cleaned.Young > 0)
        {
            text += $" {Words.Count(cleaned.Young, "finished job")} kept as too young.";
        }
        if (cleaned.Unfinished > 0)
        {
            text +=
                $" {Words.Count(cleaned.Unfinished, "job")} kept as unfinished: the same encode command goes on with it.";
        }
        return text;
    }

    private static TimeSpan? ParseAge(string text)
    {
        var unit =
            text.EndsWith('d') ? TimeSpan.FromDays(1)
            : text.EndsWith('h') ? TimeSpan.FromHours(1)
            : TimeSpan.Zero;
        return
            unit > TimeSpan.Zero
            && int.TryParse(
                text.AsSpan(0, text.Length - 1),
                NumberStyles.None,
                null,
                out var number
            )
            && number <= 36_500
            ? unit * number
            : null;
    }
}
