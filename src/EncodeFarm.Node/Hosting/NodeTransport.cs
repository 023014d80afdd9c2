using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>How a node talks with the others: over the broker, or within its own process where there is none.</summary>
public static class NodeTransport
{
    /// <param name="name">Of the node.</param>
    /// <exception cref="FarmException">The name is none.</exception>
    /// <exception cref="ClusterException">The broker refuses us, or none answers.</exception>
    public static async Task<IFarmTransport> ConnectAsync(
        ClusterSettings cluster,
        string name,
        TimeProvider time,
        FarmLog log,
        CancellationToken stop
    )
    {
        if (!NodeAddress.IsName(name))
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"'{name}' is not a name for a node: 1 to {NodeAddress.LongestName} letters, digits, dots, dashes and underscores.",
                "Choose another with --name."
            );
        }
        var self = NodeAddress.New(name);
        if (cluster.Broker is not { } broker)
        {
            return new InProcessNetwork(
                time,
                error => log.Write(LogLevel.Error, error.Message)
            ).Join(self);
        }
        var options = RabbitMqOptions.Parse(broker) with
        {
            Farm = cluster.Farm,
            Authority = cluster.BrokerAuthority,
        };
        return await RabbitMqTransport.ConnectAsync(
            self,
            options,
            time,
            new NodeLog(log, "", time).Cluster,
            stop
        );
    }
}
