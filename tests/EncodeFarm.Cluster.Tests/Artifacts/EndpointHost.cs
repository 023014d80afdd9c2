using System.Net;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Node.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>An artifact endpoint on loopback, as a store node has it.</summary>
sealed class EndpointHost(WebApplication application, Contents contents) : IAsyncDisposable
{
    public const string Token = "0123456789abcdef0123456789abcdef";

    public Uri Address => new(application.Urls.Single());

    public string PlaceOf(string name) => Path.Combine(contents.PathOf("store"), name);

    public string[] Unfinished => Directory.GetFiles(contents.PathOf("uploads"));

    /// <summary>Waits until an upload has grown so far.</summary>
    /// <returns>How far it is.</returns>
    public async Task<long> HoldsAsync(long least)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var held = Directory.Exists(contents.PathOf("uploads"))
                ? Unfinished.Select(path => new FileInfo(path).Length).DefaultIfEmpty().Max()
                : 0;
            if (held >= least)
            {
                return held;
            }
            await Task.Delay(10, limit.Token);
        }
    }

    /// <param name="tls">Null for plain HTTP.</param>
    public static async Task<EndpointHost> StartAsync(
        Contents contents,
        string? token = Token,
        ServerTls? tls = null
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.Listen(IPAddress.Loopback, 0, listener => tls?.On(listener));
            // Kestrel's own 5 s would end senders that hang before a busy machine comes to take over from them.
            server.Limits.MinRequestBodyDataRate = new(240, TimeSpan.FromMinutes(1));
        });
        var application = builder.Build();
        new ArtifactEndpoint(
            new DirectoryStore(contents.PathOf("store")),
            new Uploads(contents.PathOf("uploads"), TimeProvider.System),
            new BearerToken(token)
        ).Map(application);
        await application.StartAsync();
        return new(application, contents);
    }

    public HttpStore Client(
        HttpClient http,
        Uri? address = null,
        TransferOptions? options = null,
        TimeProvider? time = null
    ) =>
        new(
            http,
            new HttpStoreOptions(() => address ?? Address, Token)
            {
                Transfers = options ?? new TransferOptions(),
            },
            time ?? TimeProvider.System,
            _ => { }
        );

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
