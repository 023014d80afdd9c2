using System.Runtime.InteropServices;

namespace EncodeFarm.Node.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and SIGHUP: the first one asks everything to end in order, a second one ends the process at once
/// (external programs die with it).
/// </summary>
public sealed class Interruption : IDisposable
{
    private static readonly PosixSignal[] Signals =
    [
        PosixSignal.SIGINT,
        PosixSignal.SIGTERM,
        PosixSignal.SIGHUP,
    ];

    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations;
    private int _signals;

    public Interruption() =>
        _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, On))];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _source.Dispose();
    }

    private void On(PosixSignalContext context)
    {
        // Two that come at once are handled side by side.
        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit(ExitCode.Interrupted);
        }
        context.Cancel = true;
        _source.Cancel();
    }
}
