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
            server.Listen(IPAddress.Loopback, 0, listener => tls?.On(listener))
        );
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
        TransferOptions? options = null
    ) =>
        new(
            http,
            new HttpStoreOptions(() => address ?? Address, Token)
            {
                Transfers = options ?? new TransferOptions(),
            },
            TimeProvider.System,
            _ => { }
        );

    public ValueTask DisposeAsync() => application.DisposeAsync();
}
