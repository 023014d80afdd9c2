using System.CommandLine;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Node.Cli;

/// <summary>Runs a command and turns what goes wrong into one sentence and an exit code.</summary>
public static class Guarded
{
    /// <summary>What a verb does, guarded so.</summary>
    public static Command Does(
        this Command verb,
        CliHost host,
        Option<bool> verbose,
        Func<ParseResult, CancellationToken, Task<int>> action,
        bool resumable = false
    )
    {
        verb.SetAction(
            (parsed, _) =>
                RunAsync(host, parsed.GetValue(verbose), stop => action(parsed, stop), resumable)
        );
        return verb;
    }

    /// <param name="resumable">The same command would go on where this one was interrupted.</param>
    /// <param name="failed">Told what went wrong, after it was said; an interruption is no failure.</param>
    public static async Task<int> RunAsync(
        CliHost host,
        bool verbose,
        Func<CancellationToken, Task<int>> command,
        bool resumable = false,
        Action<string, FarmError>? failed = null
    )
    {
        using var interruption = new Interruption();
        try
        {
            return await command(interruption.Token);
        }
        catch (Exception) when (interruption.Token.IsCancellationRequested)
        {
            // Whatever an interrupted command stumbles over on its way out is a consequence.
            host.Error.WriteLine(
                resumable ? "Interrupted. The same command goes on where it was." : "Interrupted."
            );
            return ExitCode.Interrupted;
        }
        catch (FarmException error)
        {
            host.WriteError(error.Message);
            Details(host, verbose, error);
            Tell(failed, error.Message, error.Error);
            return ExitCode.Of(error.Error);
        }
        catch (ToolFailedException error)
        {
            host.WriteError(error.Message);
            host.Error.WriteLine(Indented(error.ErrorTail));
            Details(host, verbose, error);
            Tell(failed, error.Message, FarmError.ToolFailed);
            return ExitCode.JobFailed;
        }
        catch (Exception error)
        {
            var message =
                $"{error.GetType().Name}: {error.Message.TrimEnd('.')}. Run it again with --verbose to see more.";
            host.WriteError(message);
            Details(host, verbose, error);
            Tell(failed, message, FarmError.ToolFailed);
            return ExitCode.JobFailed;
        }
    }

    private static void Tell(Action<string, FarmError>? failed, string message, FarmError kind)
    {
        try
        {
            failed?.Invoke(message, kind);
        }
        catch (IOException)
        {
            // Standard output takes nothing, which may be what was said.
        }
    }

    private static void Details(CliHost host, bool verbose, Exception error)
    {
        if (verbose)
        {
            host.Error.WriteLine(error);
        }
    }

    /// <summary>The last lines are where tools say what was wrong.</summary>
    private static string Indented(string tail) =>
        string.Join('\n', tail.TrimEnd().Split('\n').TakeLast(5).Select(line => $"    {line}"));
}
