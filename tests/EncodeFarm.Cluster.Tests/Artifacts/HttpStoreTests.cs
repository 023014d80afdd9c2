using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class HttpStoreTests : StoreSpecification
{
    readonly HttpClient _http = HttpStore.NewClient();
    EndpointHost _host = null!;

    protected override IArtifactStore Store => field ??= _host.Client(_http);

    protected override string PlaceOf(string name) => _host.PlaceOf(name);

    public override async ValueTask InitializeAsync() =>
        _host = await EndpointHost.StartAsync(Contents);

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        await base.DisposeAsync();
    }
}
