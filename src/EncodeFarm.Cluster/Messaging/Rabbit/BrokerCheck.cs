using System.Text;
using RabbitMQ.Client;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>Asks a broker who it is, and leaves nothing there.</summary>
public static class BrokerCheck
{
    /// <summary>Under this name the broker's log knows who asked.</summary>
    static readonly NodeAddress Asker = NodeAddress.New("doctor");

    /// <returns>"RabbitMQ 4.1.2".</returns>
    /// <exception cref="ClusterException">It refuses us, or has not answered within <see cref="RabbitMqOptions.ConnectLimit"/>.</exception>
    public static async Task<string> VersionAsync(
        BrokerEndpoint broker,
        RabbitMqOptions options,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.ConnectLimit);
        try
        {
            var connection = await BrokerConnection.OpenAsync(broker, options, Asker, limit.Token);
            var said = connection.ServerProperties ?? new Dictionary<string, object?>();
            await connection.AbortAsync(options.ConnectLimit);
            return $"{Text("product")} {Text("version")}".Trim();

            string Text(string property) =>
                said.TryGetValue(property, out var value) && value is byte[] bytes
                    ? Encoding.UTF8.GetString(bytes)
                    : "";
        }
        catch (Exception error)
        {
            cancellation.ThrowIfCancellationRequested();
            throw error as ClusterException ?? BrokerErrors.Explain(broker, error);
        }
    }
}
