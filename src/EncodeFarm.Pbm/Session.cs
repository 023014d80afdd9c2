using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Pbm;

/// <summary>A node, what it can be asked, and how its answers are shown.</summary>
public sealed class Session(Options options, ServerTrust trust, PbmHost host) : IDisposable
{
    /// <summary>Completion is not worth as long a wait as an answer: 1 s of the usual 5.</summary>
    private readonly TimeSpan _offerLimit = options.Timeout / 5;

    private readonly FarmClient _client = new(options.Node, options.Token, options.Timeout, trust);

    public string Node => options.Node;

    public IReadOnlyList<PaletteDefinition> Palettes { get; private set; } = [];

    public async Task ConnectAsync(CancellationToken cancellation) =>
        Palettes = (await _client.PalettesAsync(cancellation)).Palettes;

    /// <summary>Asks the node for values to complete; empty where it does not know or answer.</summary>
    /// <param name="word">What is typed of it.</param>
    public async Task<IReadOnlyList<string>> OffersAsync(string kind, string word)
    {
        using var limit = new CancellationTokenSource(_offerLimit);
        try
        {
            return (await _client.ValuesAsync(kind, word, limit.Token)).Values;
        }
        catch (Exception error) when (Trouble.IsKnown(error) || error is OperationCanceledException)
        {
            return [];
        }
    }

    /// <summary>Runs a command that has been understood, and shows its lines.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        IReadOnlyList<string> words,
        ParsedCommand command,
        Printer printer,
        CancellationToken cancellation
    )
    {
        var request = new ControlRequest(
            words,
            printer.ShowsBars ? host.Width() : null,
            printer.ShowsBars && printer.Color,
            host.Directory
        );
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // For each line, as on the node: a command may be many orders.
        var patience = command.Streams ? Timeout.InfiniteTimeSpan : options.Timeout;
        limit.CancelAfter(patience);
        try
        {
            await foreach (var line in _client.RunAsync(request, limit.Token))
            {
                limit.CancelAfter(patience);
                printer.Print(line);
                if (line.Exit is { } exit)
                {
                    return exit;
                }
            }
            throw new ConnectionLostException("connection to host terminated.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{Node} did not answer within {options.Timeout.TotalSeconds:0.####} s."
            );
        }
        finally
        {
            printer.EndLive();
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>What can go wrong on the way to a node and back.</summary>
public static class Trouble
{
    public static bool IsKnown(Exception error) =>
        error
            is CannotConnectException
                or ConnectionLostException
                or FarmApiException
                or TimeoutException;

    public static (Problem Problem, int Exit) Of(Exception error) =>
        error switch
        {
            FarmApiException known => (known.Problem, ControlExit.Of(known.Problem)),
            TimeoutException => (
                new Problem(
                    error.Message,
                    "Give it more with --timeout, or ask another node.",
                    ProblemKind.Timeout
                ),
                ControlExit.Timeout
            ),
            _ => (
                new Problem(error.Message, null, ProblemKind.Unavailable),
                ControlExit.CannotConnect
            ),
        };
}
