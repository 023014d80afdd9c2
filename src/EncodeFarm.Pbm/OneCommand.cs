using System.Runtime.InteropServices;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Pbm;

/// <summary><c>pbm … palette command</c>: asks, prints, and ends with an exit code. It never reads anything.</summary>
public static class OneCommand
{
    public static async Task<int> RunAsync(Session session, Options options, PbmHost host)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGINT,
            context =>
            {
                context.Cancel = true;
                stop.Cancel();
            }
        );
        var color = options.Color(host);
        var printer = new Printer(
            host.Out,
            host.Error,
            options.Json,
            color && host.OutIsTerminal,
            color && host.ErrorIsTerminal,
            host.OutIsTerminal && !options.Json ? host.Screen : null
        );
        try
        {
            await session.ConnectAsync(stop.Token);
            return await RunAsync(session, options, printer, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ControlExit.Interrupted;
        }
        catch (Exception error) when (Trouble.IsKnown(error))
        {
            var (problem, exit) = Trouble.Of(error);
            printer.Print(problem);
            return exit;
        }
        catch (IOException)
        {
            // Whoever read our output has gone, as head does.
            return ControlExit.Failed;
        }
    }

    private static async Task<int> RunAsync(
        Session session,
        Options options,
        Printer printer,
        CancellationToken cancellation
    )
    {
        var words = options.Words;
        if (options.WantsHelp)
        {
            var about = words.Where(word => word != "help").Take(2).ToList();
            var (lines, error) = Usage.Help(session.Palettes, about);
            return Show(printer, lines, error);
        }
        var parsed = CommandParser.Parse(session.Palettes, words);
        return parsed.Command is { } command
            ? await session.RunAsync(words, command, printer, cancellation)
            : Show(printer, [], parsed.Error);
    }

    private static int Show(
        Printer printer,
        IReadOnlyList<string> lines,
        EncodeFarm.Contracts.Problem? error
    )
    {
        if (error is not null)
        {
            printer.Print(error);
            return ControlExit.Usage;
        }
        foreach (var line in lines)
        {
            printer.Print(new ControlLine(line));
        }
        return ControlExit.Ok;
    }
}
