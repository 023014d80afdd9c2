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
        if (parsed.Errors.Count > 0 && arguments.Length > 0)
        {
            host.WriteError(Sentence(parsed));
            host.Error.WriteLine(Advice(arguments));
            return ExitCode.Usage;
        }
        var running = new InvocationConfiguration
        {
            Output = host.Out,
            Error = host.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        var code = await parsed.InvokeAsync(running);
        return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
    }

    /// <summary>What could not be understood says more than what is therefore missing.</summary>
    private static string Sentence(ParseResult parsed) =>
        parsed.UnmatchedTokens.Count > 0
            ? $"{parsed.UnmatchedTokens[0]} is not known here."
            : parsed.Errors[0].Message;

    private static string Advice(string[] arguments) =>
        arguments.Skip(1).Any(argument => argument.StartsWith('-') && argument != "--")
        && !arguments.Contains("--")
            ? "  See encodefarm --help. Put -- before names that begin with a dash."
            : "  See encodefarm --help.";
}
