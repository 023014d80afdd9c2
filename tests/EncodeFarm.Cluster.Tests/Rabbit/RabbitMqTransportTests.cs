using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Cluster.Tests.Messaging;

namespace EncodeFarm.Cluster.Tests.Rabbit;

[Collection("broker")]
public sealed class RabbitMqTransportTests(BrokerServer broker) : TransportSpecification
{
    readonly string _farm = $"t{Guid.NewGuid():n}";

    public override async ValueTask InitializeAsync() => await broker.RunningAsync();

    protected override async Task<IFarmTransport> ConnectAsync(string name) =>
        await RabbitMqTransport.ConnectAsync(
            NodeAddress.New(name),
            broker.Options with
            {
                Farm = _farm,
            },
            TimeProvider.System,
            _ => { },
            CancellationToken.None
        );
}
