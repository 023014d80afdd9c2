using System.Collections.Immutable;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Http;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>The whole of <c>node</c>: starts the parts that its roles ask for, and ends them in order.</summary>
public sealed class NodeRun
{
    /// <summary>How long a node that leaves waits to be seen off.</summary>
    private static readonly TimeSpan SeeOff = TimeSpan.FromSeconds(2);

    private readonly CliHost _host;
    private readonly FarmConfiguration _configuration;
    private readonly LogRing _ring = new();
    private readonly FarmLog _log;
    private readonly CoordinatedShutdown _shutdown;

    private FarmSettings Farm => _configuration.Farm;
    private ClusterSettings Cluster => Farm.Cluster;
    private string Name => NodeHome.NameOf(Cluster);

    private NodeRun(CliHost host, FarmConfiguration configuration)
    {
        (_host, _configuration) = (host, configuration);
        _log = new FarmLog(
            host.Error.WriteLine,
            Farm.LogFormat,
            Farm.LogLevel,
            host.Color,
            host.Time
        )
        {
            Also = (level, line) => _ring.Write(new LogLine(host.Time.GetUtcNow(), level, line)),
        };
        _shutdown = new CoordinatedShutdown(_log);
    }

    /// <returns>The exit code.</returns>
    /// <exception cref="FarmException">It could not begin, or the cluster refuses it.</exception>
    public static async Task<int> RunAsync(
        CliHost host,
        FarmConfiguration configuration,
        CancellationToken stop
    )
    {
        var run = new NodeRun(host, configuration);
        try
        {
            return await run.RunAsync(stop);
        }
        catch (ClusterException error)
        {
            throw new FarmException(
                error.Error is ClusterError.BadConfiguration
                    ? FarmError.BadConfiguration
                    : FarmError.ToolMissing,
                error.Message,
                inner: error
            );
        }
        finally
        {
            await run._shutdown.RunAsync();
        }
    }

    private async Task<int> RunAsync(CancellationToken stop)
    {
        RequireBroker();
        RequireProfile();
        var tls = ServerTls.Of(Cluster.Tls, _host.Time, (level, line) => _log.Write(level, line));
        NodeStores.Require(Farm, Name);
        var home = NodeHome.Open(Farm, _host.CurrentDirectory);
        _shutdown.Add("actor-system-terminate", () => Done(home.Dispose));
        OrphanSweep.Kill(home.Id);
        var tools = await ToolBox.LocateAsync(new ToolRunner(), home.Work, stop);
        var transport = await NodeTransport.ConnectAsync(Cluster, Name, _host.Time, _log, stop);
        _shutdown.Add("actor-system-terminate", () => transport.DisposeAsync().AsTask());

        string? endpoint = null;
        var jobs = new NodeLog(_log, home.Work.Jobs, _host.Time);
        var node = new ClusterNode(
            transport,
            self => Card(self, home, endpoint, tls is not null),
            _host.Time,
            jobs.Actor
        );
        _shutdown.Add("before-actor-system-terminate", () => node.DisposeAsync().AsTask());
        await node.ListenAsync(stop);
        await SecondCoordinator.RefuseAsync(Cluster, node, transport, home.Id, _host.Time, stop);

        var guard = Cluster.Roles.HasFlag(NodeRoles.Worker)
            ? new GuardBoard(Farm.Guard.High, Farm.Guard.Low, _host.Time)
            : null;
        var watch = new ResourceWatch(
            home.Work.Path,
            Farm.MemoryLimit,
            guard,
            _host.Time,
            jobs.Warn
        );
        _shutdown.Add("actor-system-terminate", () => Done(watch.Dispose));
        var store = NodeStores.Open(Cluster, home, () => node.Members, _host.Time, jobs.Cluster);
        var parts = new NodeParts(
            _configuration,
            home,
            tools,
            transport,
            node,
            store,
            jobs,
            _log,
            _host.Time,
            _shutdown
        );
        var http = await ServeAsync(parts, tls, stop);
        endpoint = Cluster.Advertise ?? Advertised.Of(http.Address, Cluster.Broker);
        if (tls?.Misnamed(endpoint) is { } misnamed)
        {
            _log.Write(LogLevel.Warning, misnamed);
        }
        if (Cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            await CoordinatorStart.RunAsync(parts, stop);
        }
        if (Cluster.Roles.HasFlag(NodeRoles.Worker))
        {
            WorkerStart.Run(parts, guard!, () => watch.Now);
        }
        node.MembersChanged += Tell;
        var storeWatch = new StoreWatch(
            Cluster,
            () => node.Card.Address,
            () => node.Members,
            _host.Time,
            missing => _log.Write(LogLevel.Warning, missing),
            node.GiveUp
        );
        _shutdown.Add("actor-system-terminate", () => Done(storeWatch.Dispose));
        node.MembersChanged += _ => storeWatch.Look();
        node.Join(
            Cluster.Token,
            Cluster.Roles.HasFlag(NodeRoles.Worker),
            TimeSpan.FromSeconds(Cluster.BeatSeconds),
            () => watch.Now
        );
        var listens =
            $"{Name} ({string.Join(", ", RolesOf(Cluster))}) listens on {http.Address}{(tls is null ? "" : " with TLS")}";
        _log.Info(
            endpoint == http.Address.ToString()
                ? $"{listens}."
                : $"{listens}; others reach it at {endpoint} (node.advertise)."
        );
        return await UntilEndAsync(node, stop);
    }

    private void RequireBroker()
    {
        if (Cluster.Broker is null && !Cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                "Without a broker this node would wait for a coordinator for ever.",
                "Name the cluster's with --broker, or give this node the role coordinator too."
            );
        }
    }

    /// <summary>Said now, and not with each job that is submitted.</summary>
    private void RequireProfile()
    {
        if (Cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            _configuration.Profile();
        }
    }

    private async Task<int> UntilEndAsync(ClusterNode node, CancellationToken stop)
    {
        var interrupted = new TaskCompletionSource<string?>();
        await using var registration = stop.Register(() => interrupted.TrySetResult(null));
        var reason = await await Task.WhenAny(node.End, interrupted.Task);
        if (reason is not null)
        {
            throw new FarmException(FarmError.BadConfiguration, reason);
        }
        _log.Info(
            $"{Name} leaves: running attempts get {Cluster.LeaveSeconds:0.#} s to finish. A second signal ends it at once."
        );
        _shutdown.Add("before-cluster-shutdown", () => Done(() => node.SayGoodbye(exiting: false)));
        _shutdown.Add(
            "cluster-sharding-shutdown-region",
            () => node.FinishWorkAsync(TimeSpan.FromSeconds(Cluster.LeaveSeconds), _host.Time)
        );
        _shutdown.Add("cluster-leave", () => Done(() => node.SayGoodbye(exiting: true)));
        _shutdown.Add("cluster-exiting-done", () => SeenOffAsync(node));
        return ExitCode.Ok;
    }

    /// <summary>Whoever decides has heard that this node ends; where nobody decides, nobody needs to.</summary>
    private async Task SeenOffAsync(ClusterNode node)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (
                node.Members.Find(node.Card.Address)
                is null
                    or { Status: MemberStatus.Exiting or MemberStatus.Down }
            )
            {
                gone.TrySetResult();
            }
        }
        node.MembersChanged += _ => Look();
        Look();
        try
        {
            await gone.Task.WaitAsync(SeeOff, _host.Time);
        }
        catch (TimeoutException)
        {
            // The failure detector will find out.
        }
    }

    private NodeCard Card(NodeAddress self, NodeHome home, string? endpoint, bool tls) =>
        new(self, home.Id, RolesOf(Cluster), ProductVersion.Text, endpoint, tls);

    private static ImmutableArray<string> RolesOf(ClusterSettings cluster) =>
        [
            .. new[] { NodeRoles.Coordinator, NodeRoles.Worker, NodeRoles.Store }
                .Where(role => cluster.Roles.HasFlag(role))
                .Select(role => role.ToString().ToLowerInvariant()),
        ];

    private async Task<HttpServer> ServeAsync(
        NodeParts parts,
        ServerTls? tls,
        CancellationToken stop
    )
    {
        var api = parts.NewApi();
        var artifacts =
            NodeStores.Serves(Cluster) && parts.Store is DirectoryStore directory
                ? new ArtifactEndpoint(
                    directory,
                    new Uploads(parts.Home.Uploads, _host.Time),
                    new BearerToken(Cluster.Token)
                )
                : null;
        var options = new HttpServerOptions(
            Cluster.Listen is { } listen ? ListenAddress.Parse(listen) : null,
            Cluster.Token,
            _host.Time,
            (level, line) => _log.Write(level, line)
        )
        {
            Routes = routes => artifacts?.Map(routes),
            Tls = tls,
        };
        var control = new ControlHost(Control(parts, api));
        var server = await HttpServer.StartAsync(
            options,
            parts.Node,
            api.HandleAsync,
            control,
            stop
        );
        _shutdown.Add("actor-system-terminate", () => server.DisposeAsync().AsTask());
        return server;
    }

    private ControlContext Control(NodeParts parts, NodeApi api) =>
        new(parts.Node, api.HandleAsync, _ring, _host.Time)
        {
            Tools = ToolRows.Of(parts.Tools),
            Profiles = () => _configuration.Profiles.Names,
            Beat = TimeSpan.FromSeconds(Cluster.BeatSeconds),
        };

    private void Tell(IReadOnlyList<MemberEvent> happened)
    {
        foreach (var text in happened.Select(MemberWords.Of))
        {
            _log.Info(text);
        }
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
