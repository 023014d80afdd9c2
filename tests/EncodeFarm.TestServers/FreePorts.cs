using System.Net;
using System.Net.Sockets;

namespace EncodeFarm.TestServers;

/// <summary>
/// Ports of the loopback interface that nobody listens at. Below those that the system gives to connections: one of these
/// could be taken by anybody's connection before its server listens. Each once, for a server that is restarted keeps its own.
/// </summary>
public static class FreePorts
{
    const int First = 10_000;
    const int Count = 20_000;

    /// <summary>Processes that run at the same time, whose numbers are near, begin far from each other.</summary>
    static int _last = (int)(Environment.ProcessId * 12_361L % Count);

    public static int One()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException error)
                when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's.
            }
        }
    }

    public static int[] Several(int count) => [.. Enumerable.Range(0, count).Select(_ => One())];
}
