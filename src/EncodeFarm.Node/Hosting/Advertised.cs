using System.Net;
using System.Net.Sockets;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Hosting;

/// <summary>Where other nodes reach the endpoint of this one, if nobody has said so.</summary>
public static class Advertised
{
    /// <summary>As the configuration has it, before anything listens: another free port may be taken.</summary>
    /// <exception cref="FarmException">node.listen is no address.</exception>
    /// <exception cref="ClusterException">cluster.broker is none.</exception>
    public static string Of(ClusterSettings cluster) =>
        cluster.Advertise
        ?? Of(
            cluster.Listen is { } listen ? ListenAddress.Parse(listen) : ListenAddress.Default,
            cluster.Broker
        );

    /// <summary>
    /// The address to listen on; where that means all of them, the one from which this machine reaches the broker, as
    /// whoever belongs to the cluster is on that side.
    /// </summary>
    /// <returns>host:port.</returns>
    public static string Of(ListenAddress listen, string? broker)
    {
        var all = listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any);
        return all && broker is not null && Towards(broker) is { } own
            ? new ListenAddress(own.ToString(), own, listen.Port).ToString()
            : listen.ToString();
    }

    /// <summary>Asks the routing table, and sends nothing. Null where no way to any of the brokers is known.</summary>
    private static IPAddress? Towards(string broker)
    {
        foreach (var endpoint in RabbitMqOptions.Parse(broker).Brokers)
        {
            try
            {
                using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
                socket.Connect(endpoint.Host, endpoint.Port);
                var own = ((IPEndPoint)socket.LocalEndPoint!).Address;
                return own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own;
            }
            catch (SocketException)
            {
                // The next one may be known.
            }
        }
        return null;
    }
}
