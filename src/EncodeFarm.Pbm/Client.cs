using System.Reflection;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Pbm;

/// <summary>The operator's command line: one command, or a conversation.</summary>
public static class Client
{
    public static async Task<int> RunAsync(string[] arguments, PbmHost host)
    {
        var (options, wrong) = Options.Parse(arguments, host.Environment);
        if (options is null)
        {
            return Wrong(host, wrong!);
        }
        if (options.Version)
        {
            host.Out.WriteLine(
                $"pbm {typeof(Client).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}"
            );
            return ControlExit.Ok;
        }
        if (options.Help && options.Words.Count == 0)
        {
            host.Out.WriteLine(Options.Text);
            return ControlExit.Ok;
        }
        if (options.Words.Count == 0 && !host.HasKeyboard)
        {
            return Wrong(host, "No command is given, and there is no terminal to ask for one.");
        }
        ServerTrust trust;
        try
        {
            trust = ServerTrust.Of(options.Authority);
        }
        catch (InvalidDataException error)
        {
            return Wrong(host, error.Message);
        }
        using var session = new Session(options, trust, host);
        return options.Words.Count == 0
            ? await new Conversation(session, options, host).RunAsync()
            : await OneCommand.RunAsync(session, options, host);
    }

    private static int Wrong(PbmHost host, string sentence)
    {
        host.Error.WriteLine($"✗ {Safe.Line(Safe.Short(sentence))}");
        host.Error.WriteLine("See pbm --help.");
        return ControlExit.Usage;
    }
}
