using System.Runtime.InteropServices;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Pbm;

/// <summary>Interactive use: a prompt, until somebody leaves. Ctrl-C ends what runs, and not the conversation.</summary>
public sealed class Conversation(Session session, Options options, PbmHost host)
{
    private static readonly string[] Own = ["help", "clear", "exit", "quit"];

    private readonly History _history = new(History.FileOf(host.Environment));
    private readonly bool _color = options.Color(host);

    private string Prompt => $"[{session.Node}] pbm> ";

    public async Task<int> RunAsync()
    {
        if (await ConnectAsync() is var connected and not ControlExit.Ok)
        {
            return connected;
        }
        Console.TreatControlCAsInput = true;
        try
        {
            while (await ReadAsync() is { } line)
            {
                _history.Add(line.TrimEnd());
                var parsed = CommandText.Parse(line);
                if (parsed.Error is { } error)
                {
                    Complain(new Problem(error, null, ProblemKind.Usage));
                    continue;
                }
                switch (parsed.Words)
                {
                    case []:
                        break;
                    case ["exit" or "quit", ..]:
                        return ControlExit.Ok;
                    case ["clear", ..]:
                        host.Out.Write("\u001b[H\u001b[2J");
                        break;
                    default:
                        await RunAsync(parsed);
                        break;
                }
            }
            return ControlExit.Ok;
        }
        finally
        {
            Console.TreatControlCAsInput = false;
        }
    }

    /// <returns>The exit code where it can't begin.</returns>
    private async Task<int> ConnectAsync()
    {
        try
        {
            await session.ConnectAsync(CancellationToken.None);
        }
        catch (Exception error) when (Trouble.IsKnown(error))
        {
            var (problem, exit) = Trouble.Of(error);
            Complain(problem);
            return exit;
        }
        host.Out.WriteLine($"successfully connected to {session.Node}");
        host.Out.WriteLine("Commands downloaded from server. type `help` to see what's available");
        return ControlExit.Ok;
    }

    private async Task RunAsync(CommandText line)
    {
        var asked = options.With(line.Words);
        if (asked.WantsHelp)
        {
            // Only people ask for it here.
            asked = asked with
            {
                Json = false,
            };
        }
        StreamWriter? file = null;
        try
        {
            file = line.Redirect is null
                ? null
                : new StreamWriter(Path.GetFullPath(line.Redirect, host.Directory), line.Append);
            await RunAsync(asked, PrinterOf(asked, file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Complain(
                new Problem(
                    $"'{line.Redirect}' can't be written: {error.Message}",
                    null,
                    ProblemKind.Failed
                )
            );
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <param name="file">Null for the screen, where errors go in any case.</param>
    private Printer PrinterOf(Options asked, TextWriter? file) =>
        new(
            file ?? host.Out,
            host.Out,
            asked.Json,
            asked.Color(host) && file is null,
            asked.Color(host),
            file is null && !asked.Json ? host.Screen : null
        );

    private async Task RunAsync(Options asked, Printer printer)
    {
        var words = asked.Words;
        if (asked.WantsHelp)
        {
            var about = words.Where(word => word != "help").Take(2).ToList();
            var (lines, wrong) = Usage.Help(session.Palettes, about);
            foreach (var line in lines)
            {
                printer.Print(new ControlLine(line));
            }
            if (about.Count == 0)
            {
                printer.Print(new ControlLine("exit leaves; > file writes an answer to a file."));
            }
            if (wrong is not null)
            {
                printer.Print(wrong);
            }
            return;
        }
        var parsed = CommandParser.Parse(session.Palettes, words);
        if (parsed.Command is not { } command)
        {
            printer.Print(parsed.Error!);
            return;
        }
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(
            PosixSignal.SIGINT,
            context =>
            {
                context.Cancel = true;
                stop.Cancel();
            }
        );
        Console.TreatControlCAsInput = false;
        try
        {
            await session.RunAsync(words, command, printer, stop.Token);
        }
        catch (OperationCanceledException)
        {
            host.Out.WriteLine();
        }
        catch (ConnectionLostException)
        {
            host.Out.WriteLine("connection to host terminated.");
        }
        catch (Exception error) when (Trouble.IsKnown(error))
        {
            printer.Print(Trouble.Of(error).Problem);
        }
        finally
        {
            Console.TreatControlCAsInput = true;
        }
    }

    /// <returns>Null where the conversation ends.</returns>
    private async Task<string?> ReadAsync()
    {
        var line = EditedLine.Empty;
        while (true)
        {
            Draw(line);
            var (next, action) = LineEditor.Press(
                line,
                Console.ReadKey(intercept: true),
                _history.Lines
            );
            line = next;
            switch (action)
            {
                case EditAction.Accept:
                    Leave(line, "");
                    return line.Text;
                case EditAction.Abandon:
                    Leave(line, "^C");
                    line = EditedLine.Empty;
                    break;
                case EditAction.End:
                    Leave(line, "");
                    return null;
                case EditAction.Clear:
                    host.Out.Write("\u001b[H\u001b[2J");
                    break;
                case EditAction.Complete:
                    line = await CompleteAsync(line);
                    break;
            }
        }
    }

    private void Draw(EditedLine line) =>
        host.Out.Write(
            LineScreen.Draw(
                Prompt,
                line,
                Completer.Hint(session.Palettes, line.Text),
                host.Width(),
                _color
            )
        );

    /// <summary>The finished line stays on the screen, without its hint.</summary>
    private void Leave(EditedLine line, string mark)
    {
        host.Out.Write(
            LineScreen.Draw(
                Prompt,
                line with
                {
                    Cursor = line.Text.Length,
                },
                null,
                // The mark must not begin another row.
                host.Width() - mark.Length,
                _color
            )
        );
        host.Out.WriteLine(mark);
    }

    /// <summary>Completes as far as it is clear; then lists what there is.</summary>
    private async Task<EditedLine> CompleteAsync(EditedLine line)
    {
        var completion = Completer.Complete(session.Palettes, line.Text[..line.Cursor], Own);
        var values = completion.Values is { } kind
            ? await session.OffersAsync(kind, completion.Word)
            : [];
        var candidates = completion.With(values);
        var more = Completion.Common(candidates);
        if (candidates.Count == 1)
        {
            return line.Insert(more[completion.Word.Length..] + " ");
        }
        if (more.Length > completion.Word.Length)
        {
            return line.Insert(more[completion.Word.Length..]);
        }
        if (candidates.Count > 1)
        {
            Leave(line, "");
            foreach (var row in Candidates.Rows([.. candidates.Select(Safe.Line)], host.Width()))
            {
                host.Out.WriteLine(row);
            }
        }
        return line;
    }

    private void Complain(Problem problem) => PrinterOf(options, file: null).Print(problem);
}
