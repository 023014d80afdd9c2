using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Contracts;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>All that a store promises, over TLS with a certificate of an authority of our own.</summary>
public sealed class HttpsStoreTests : StoreSpecification
{
    TestAuthority _authority = null!;
    HttpClient _http = null!;
    EndpointHost _host = null!;

    protected override IArtifactStore Store => field ??= _host.Client(_http);

    protected override string PlaceOf(string name) => _host.PlaceOf(name);

    public override async ValueTask InitializeAsync()
    {
        _authority = new TestAuthority(Directory.CreateDirectory(Contents.PathOf("tls")).FullName);
        _http = HttpStore.NewClient(ServerTrust.Of(_authority.File).Over);
        var certificate = _authority.Issue();
        _host = await EndpointHost.StartAsync(
            Contents,
            tls: ServerTls.Of(
                new TlsSettings(certificate.File, certificate.Key),
                TimeProvider.System,
                (_, _) => { }
            )
        );
    }

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _authority.Dispose();
        await _host.DisposeAsync();
        await base.DisposeAsync();
    }

    static Uri Secure(FaultProxy line) => new UriBuilder(line.Address) { Scheme = "https" }.Uri;

    [Fact]
    public async Task A_fetch_goes_on_where_it_was_cut()
    {
        const int length = 900_000;
        var (artifact, path) = Contents.Make("a.ivf", length);
        await Store.PutAsync(artifact, path, default);
        await using var line = new FaultProxy(
            _host.Address,
            Enumerable.Range(0, 3).Select(_ => new Fault.Cut(Up: false, After: 250_000))
        );
        var store = _host.Client(_http, Secure(line), FaultProxy.Quick);

        var copy = await store.FetchAsync(artifact, Contents.PathOf("copy"), default);

        Contents.ShouldHold(copy, artifact);
        line.Left.ShouldBe(0);
        line.Down.ShouldBeInRange(length, length + 500_000);
    }

    [Fact]
    public async Task An_upload_goes_on_where_it_stood_still()
    {
        const int length = 3_000_000;
        var (artifact, path) = Contents.Make("a.ivf", length);
        await using var line = new FaultProxy(
            _host.Address,
            new Fault.Stall(Up: true, After: 2_500_000)
        );

        var (time, options) = (new ManualTimeProvider(), FaultProxy.Quick);
        var put = _host
            .Client(_http, Secure(line), options, time)
            .PutAsync(artifact, path, default);
        for (; line.Stalled == 0 && !put.IsCompleted; await Task.Delay(10)) { }
        await _host.HoldsAsync(length - 800_000);
        time.Advance(options.AnswerLimit);
        // The pause before the next try.
        for (; !put.IsCompleted; await Task.Delay(10))
        {
            time.Advance(options.BackoffMin);
        }
        await put;

        line.Left.ShouldBe(0);
        // From the start again it would be 5.5 MB.
        line.Up.ShouldBeInRange(length - 100_000, length + 500_000);
        Contents.ShouldHold(_host.PlaceOf("a.ivf"), artifact);
    }

    [Fact]
    public async Task A_byte_altered_on_the_way_never_arrives()
    {
        var (artifact, path) = Contents.Make("a.ivf", 900_000);
        await Store.PutAsync(artifact, path, default);
        await using var line = new FaultProxy(_host.Address, new Fault.Flip(Up: false, 500_000));

        var copy = await _host
            .Client(_http, Secure(line), FaultProxy.Quick)
            .FetchAsync(artifact, Contents.PathOf("copy"), default);

        line.Flipped.ShouldBe(1);
        Contents.ShouldHold(copy, artifact);
    }

    [Fact]
    public async Task Whoever_asks_in_plain_http_is_told_that_it_is_tls()
    {
        var plain = new UriBuilder(_host.Address) { Scheme = "http" }.Uri;

        (await FailureAsync(_host.Client(_http, plain, Once))).ShouldContain(
            "(400 This port speaks TLS)"
        );
    }

    [Fact]
    public async Task Whoever_does_not_know_the_authority_is_told_which_one_it_is()
    {
        using var stranger = HttpStore.NewClient(ServerTrust.Machine.Over);

        (await FailureAsync(_host.Client(stranger, options: Once))).ShouldContain(
            "the certificate of 127.0.0.1 is signed by 'CN=test authority', an authority that this machine does not trust"
        );
    }

    [Fact]
    public async Task A_client_that_wants_tls_sends_nothing_without_it()
    {
        await using var line = new FaultProxy(_host.Address);
        var options = new HttpStoreOptions(() => line.Address, EndpointHost.Token)
        {
            TlsOnly = true,
            Transfers = Once,
        };
        var store = new HttpStore(_http, options, TimeProvider.System, _ => { });

        (await FailureAsync(store)).ShouldContain("The store's node has no TLS");
        line.Up.ShouldBe(0);
    }

    static readonly TransferOptions Once = new() { Tries = 1 };

    static async Task<string> FailureAsync(HttpStore store) =>
        (
            await Should.ThrowAsync<ArtifactException>(() => store.FindAsync("a.ivf", default))
        ).Message;
}
