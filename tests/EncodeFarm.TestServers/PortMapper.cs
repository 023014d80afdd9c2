using System.Diagnostics;
using System.Globalization;

namespace EncodeFarm.TestServers;

/// <summary>The port mapper of Erlang: the one that a broker would start outlives it, ours does not.</summary>
sealed class PortMapper(int port) : IDisposable
{
    readonly Process _process = Process.Start(
        new ProcessStartInfo(
            "epmd",
            ["-address", "127.0.0.1", "-port", port.ToString(CultureInfo.InvariantCulture)]
        )
    )!;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
