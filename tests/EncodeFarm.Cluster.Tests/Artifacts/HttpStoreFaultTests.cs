using System.Collections.Concurrent;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class HttpStoreFaultTests : FaultSpecification
{
    readonly ConcurrentDictionary<IArtifactStore, HttpClient> _clients = new();
    EndpointHost _host = null!;

    protected override Uri Server => _host.Address;

    protected override IArtifactStore Through(Uri address, TransferOptions options)
    {
        var http = HttpStore.NewClient();
        var store = _host.Client(http, address, options);
        _clients[store] = http;
        return store;
    }

    protected override void Release(IArtifactStore store) => _clients[store].Dispose();

    public override async ValueTask InitializeAsync() =>
        _host = await EndpointHost.StartAsync(Contents);

    public override async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Otherwise a proxy's error would make the farm encode a finished segment again.</summary>
    [Fact]
    public async Task A_strangers_404_does_not_mean_that_an_artifact_is_missing()
    {
        var artifact = await StoredAsync();
        await using var line = new FaultProxy(Server, new Fault.Page("404 Not Found", Html));

        Contents.ShouldHold(await FetchAsync(line, artifact), artifact);
        line.Left.ShouldBe(0);
    }

    [Fact]
    public async Task A_store_that_is_away_is_named()
    {
        var address = new Uri("http://127.0.0.1:1");
        var store = Through(address, FaultProxy.Quick with { Tries = 2 });

        var error = await Should.ThrowAsync<ArtifactException>(() =>
            store.FindAsync("a.ivf", default)
        );

        Release(store);
        error.Message.ShouldContain($"{address.Host}:{address.Port}");
        error.Message.ShouldContain("refused");
    }

    [Fact]
    public async Task An_upload_goes_on_where_it_was_cut()
    {
        const int length = 3_000_000;
        var held = 0L;
        var (artifact, path) = Contents.Make("a.ivf", length);
        await using var line = new FaultProxy(
            Server,
            Enumerable
                .Range(0, 3)
                .Select(_ => new Fault.Cut(Up: true, After: 700_000) { Before = TakenInAsync })
        );
        var store = Through(line.Address, FaultProxy.Quick);

        await store.PutAsync(artifact, path, default);

        Release(store);
        line.Left.ShouldBe(0);
        line.Up.ShouldBeInRange(length, length + 500_000);
        Contents.ShouldHold(_host.PlaceOf("a.ivf"), artifact);
        _host.Unfinished.ShouldBeEmpty();

        // A reset throws away what the server has not read yet.
        async Task TakenInAsync() => held = await _host.HoldsAsync(held + 600_000);
    }

    [Fact]
    public async Task An_upload_goes_on_after_a_restart_of_the_store()
    {
        const int length = 3_000_000;
        var (artifact, path) = Contents.Make("a.ivf", length);
        await using (var line = new FaultProxy(Server, new Fault.Stall(Up: true, After: 2_500_000)))
        {
            using var http = HttpStore.NewClient();
            var (time, options) = (new ManualTimeProvider(), new TransferOptions { Tries = 1 });
            var put = _host
                .Client(http, line.Address, options, time)
                .PutAsync(artifact, path, default);
            for (; line.Stalled == 0 && !put.IsCompleted; await Task.Delay(10)) { }
            await _host.HoldsAsync(length - 800_000);
            time.Advance(options.AnswerLimit);
            await Should.ThrowAsync<ArtifactException>(() => put);
        }
        await _host.DisposeAsync();
        _host = await EndpointHost.StartAsync(Contents);
        await using var good = new FaultProxy(Server);

        await PutAsync(good, artifact, path);

        good.Up.ShouldBeLessThan(length - 1_000_000);
        Contents.ShouldHold(_host.PlaceOf("a.ivf"), artifact);
    }
}
