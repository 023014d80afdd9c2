using System.Net;
using System.Net.Sockets;

namespace EncodeFarm.TestServers;

/// <summary>Ports of the loopback interface that nobody listens at.</summary>
public static class FreePorts
{
    public static int One() => Several(1)[0];

    /// <summary>All taken before any is given back, so that they differ.</summary>
    public static int[] Several(int count)
    {
        var listeners = Enumerable
            .Range(0, count)
            .Select(_ => new TcpListener(IPAddress.Loopback, 0))
            .ToList();
        listeners.ForEach(listener => listener.Start());
        int[] ports = [.. listeners.Select(one => ((IPEndPoint)one.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}
