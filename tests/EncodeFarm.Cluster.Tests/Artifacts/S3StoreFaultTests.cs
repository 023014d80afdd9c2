using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class S3StoreFaultTests(BucketServer server) : FaultSpecification
{
    S3StoreOptions _options = null!;

    protected override Uri Server => server.Address;

    protected override IArtifactStore Through(Uri address, TransferOptions options) =>
        new S3Store(
            _options with
            {
                Endpoint = address,
                Transfers = options,
            },
            TimeProvider.System,
            _ => { }
        );

    protected override void Release(IArtifactStore store) => ((S3Store)store).Dispose();

    public override async ValueTask InitializeAsync() => _options = await server.NewFolderAsync();
}
