using System.Net;
using System.Net.Sockets;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EncodeFarm.Node.Http;

/// <param name="Listen">Null takes 127.0.0.1 and the first free port from 9110 on.</param>
/// <param name="Token">Of the cluster; may be empty on loopback.</param>
/// <param name="Log">Gets what the server itself has to say.</param>
public sealed record HttpServerOptions(
    ListenAddress? Listen,
    string? Token,
    TimeProvider Time,
    Action<LogLevel, string> Log
)
{
    /// <summary>
    /// Further routes on the same listener; the token is checked for them too. A route that takes large bodies raises
    /// its own limit (<c>IHttpMaxRequestBodySizeFeature</c>).
    /// </summary>
    public Action<IEndpointRouteBuilder>? Routes { get; init; }

    /// <summary>Null speaks plain HTTP; otherwise nothing but HTTPS is spoken.</summary>
    public ServerTls? Tls { get; init; }

    public AnswerLimits Limits { get; init; } = AnswerLimits.Standard;

    /// <summary>Requests that are answered at the same time.</summary>
    public int MostRequests { get; init; } = 64;

    /// <summary>Streams, such as tails, that are open at the same time.</summary>
    public int MostStreams { get; init; } = 256;

    /// <summary>Connections that are open at the same time; see <see cref="Connections"/>.</summary>
    public int MostConnections { get; init; } = 1024;
}

/// <summary>A node's listener: API, control port, health, metrics.</summary>
public sealed class HttpServer : IAsyncDisposable
{
    /// <summary>How many ports after the first are tried where none was asked for.</summary>
    private const int FurtherPorts = 64;

    /// <summary>Longer headers or bodies are nobody's we know. A submit with all its settings has a few KiB.</summary>
    private const long LongestBody = 256 << 10;

    private static readonly TimeSpan HeaderLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly WebApplication _app;

    private HttpServer(WebApplication app, ListenAddress address) =>
        (_app, Address) = (app, address);

    /// <summary>Where it listens, with the port that it has got.</summary>
    public ListenAddress Address { get; }

    /// <param name="api">The API as this node answers it (<see cref="NodeApi.HandleAsync"/>).</param>
    /// <exception cref="FarmException">The port is taken, or listening there would not be safe.</exception>
    public static async Task<HttpServer> StartAsync(
        HttpServerOptions options,
        INodeView node,
        ApiCall api,
        ControlHost? control,
        CancellationToken cancellation
    )
    {
        var wanted = options.Listen ?? ListenAddress.Default;
        wanted.RequireSafe(options.Token);
        var last = wanted.Port + (options.Listen is null ? FurtherPorts : 0);
        for (var port = wanted.Port; ; port++)
        {
            var address = wanted with { Port = port };
            if (port < last && !IsFree(address))
            {
                continue;
            }
            try
            {
                return await StartOnAsync(address, options, node, api, control, cancellation);
            }
            catch (IOException error) when (error.InnerException is AddressInUseException)
            {
                if (port >= last)
                {
                    throw new FarmException(
                        FarmError.BadConfiguration,
                        $"{address} is taken by another program.",
                        "Choose another port with --listen host:port.",
                        error
                    );
                }
            }
            catch (SocketException error)
            {
                throw new FarmException(
                    FarmError.BadConfiguration,
                    $"It can't listen on {address}: {error.Message}.",
                    "Give an address of this machine with --listen host:port.",
                    error
                );
            }
        }
    }

    /// <summary>Spares the building of a server for each port that is taken.</summary>
    private static bool IsFree(ListenAddress address)
    {
        using var listener = new TcpListener(address.Address, address.Port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<HttpServer> StartOnAsync(
        ListenAddress address,
        HttpServerOptions options,
        INodeView node,
        ApiCall api,
        ControlHost? control,
        CancellationToken cancellation
    )
    {
        // The empty builder reads no files and environment of its own, and logs nothing.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var connections = new Connections(options.MostConnections);
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(kestrel => Listen(kestrel, address, connections, options.Tls));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopLimit);
        var app = builder.Build();
        var endpoints = new Endpoints(
            options,
            node,
            api,
            control,
            connections,
            app.Lifetime.ApplicationStopping
        );
        app.Use(endpoints.CountAsync);
        app.Use(
            endpoints.GuardAsync(
                new Access(options.Token, address.IsLoopback, options.Tls is not null)
            )
        );
        app.UseRouting();
        endpoints.Map(app);
        options.Routes?.Invoke(app);
        app.MapFallback(endpoints.NothingAsync);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var port = new Uri(app.Urls.First()).Port;
        return new HttpServer(app, address with { Port = port });
    }

    private static void Listen(
        KestrelServerOptions kestrel,
        ListenAddress address,
        Connections connections,
        ServerTls? tls
    )
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = LongestBody;
        kestrel.Limits.RequestHeadersTimeout = HeaderLimit;
        kestrel.Listen(
            new IPEndPoint(address.Address, address.Port),
            listener =>
            {
                listener.Use(next => connection => connections.ServeAsync(connection, next));
                tls?.On(listener);
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Signals are the program's affair.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
