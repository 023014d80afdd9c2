using System.Runtime.InteropServices;

namespace EncodeFarm.TestServers;

/// <summary>Does something also when the tests are ended by a signal: then nobody disposes of fixtures.</summary>
sealed class AtSignal(Action end) : IDisposable
{
    readonly List<PosixSignalRegistration> _signals =
    [
        .. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(signal =>
            PosixSignalRegistration.Create(signal, _ => end())
        ),
    ];

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());
}
