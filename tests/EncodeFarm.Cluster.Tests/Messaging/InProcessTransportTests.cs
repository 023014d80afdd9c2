using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

public sealed class InProcessTransportTests : TransportSpecification
{
    readonly InProcessNetwork _network = new(TimeProvider.System, _ => { });

    protected override Task<IFarmTransport> ConnectAsync(string name) =>
        Task.FromResult<IFarmTransport>(_network.Join(NodeAddress.New(name)));
}
