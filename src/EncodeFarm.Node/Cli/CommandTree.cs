using System.CommandLine;

namespace EncodeFarm.Node.Cli;

/// <summary>The verbs of <c>encodefarm</c>.</summary>
public static class CommandTree
{
    public static RootCommand Build(CliHost host) =>
        new("Turns videos into small, verified encodes.")
        {
            EncodeVerb.Create(host),
            PlanVerb.Create(host),
            VmafVerb.Create(host),
            DoctorVerb.Create(host),
            ConfigVerb.Create(host),
            CleanVerb.Create(host),
            DemoVerb.Create(host),
            NodeVerb.Create(host),
        };

    /// <summary>Runs a command line and gives the exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, CliHost host)
    {
        // "@name" is a file's name here, not a file of further arguments.
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var parsed = Build(host).Parse(arguments, parsing);
        if (arguments.Length > 0 && Problem(parsed, arguments) is { } problem)
        {
            host.WriteError(problem);
            host.Error.WriteLine("  See encodefarm --help.");
            return ExitCode.Usage;
        }
        // Without a verb there is nothing to do: help is then an answer to a mistake, not what was asked for.
        var running = new InvocationConfiguration
        {
            Output = arguments.Length > 0 ? host.Out : host.Error,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (arguments.Length == 0)
        {
            await Build(host).Parse(["--help"], parsing).InvokeAsync(running);
            return ExitCode.Usage;
        }
        return await parsed.InvokeAsync(running);
    }

    private static string? Problem(ParseResult parsed, string[] arguments) =>
        CommandLineProblem.In(parsed, arguments)
        ?? (
            parsed.Errors.Count == 0 ? null
            // What could not be understood says more than what is therefore missing.
            : parsed.UnmatchedTokens.Count > 0 ? $"{parsed.UnmatchedTokens[0]} is not known here."
            : parsed.Errors[0].Message
        );
}
