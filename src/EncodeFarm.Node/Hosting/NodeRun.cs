using System.Collections.Immutable;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;
using EncodeFarm.Farm;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Http;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>The whole of <c>node</c>: starts the parts that its roles ask for, and ends them in order.</summary>
public sealed class NodeRun
{
    /// <summary>How long a coordinator without PostgreSQL listens whether another one is there.</summary>
    private static readonly TimeSpan LookAround = TimeSpan.FromSeconds(1.2);

    /// <summary>How long a node that leaves waits to be seen off.</summary>
    private static readonly TimeSpan SeeOff = TimeSpan.FromSeconds(2);

    private readonly CliHost _host;
    private readonly FarmConfiguration _configuration;
    private readonly LogRing _ring = new();
    private readonly FarmLog _log;
    private readonly CoordinatedShutdown _shutdown;
    private bool _storeMissing;

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
            self => Card(self, home, endpoint),
            _host.Time,
            jobs.Actor
        );
        _shutdown.Add("before-actor-system-terminate", () => node.DisposeAsync().AsTask());
        await node.ListenAsync(stop);
        await RefuseSecondAsync(node, home, stop);

        var guard = Guard();
        var store = NodeStores.Open(Cluster, home, () => node.Members, _host.Time, jobs.Cluster);
        var http = await ServeAsync(node, transport, home, tools, store, guard, stop);
        endpoint = Cluster.Advertise ?? Advertised.Of(http.Address, Cluster.Broker);
        if (Cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            await StartCoordinatorAsync(node, transport, home, tools, store, jobs, stop);
        }
        if (Cluster.Roles.HasFlag(NodeRoles.Worker))
        {
            StartWorker(node, transport, home, tools, store, guard!);
        }
        node.MembersChanged += Tell;
        node.MembersChanged += _ => WarnOfStore(node);
        node.Join(
            Cluster.Token,
            Cluster.Roles.HasFlag(NodeRoles.Worker),
            TimeSpan.FromSeconds(Cluster.BeatSeconds)
        );
        var listens = $"{Name} ({string.Join(", ", RolesOf(Cluster))}) listens on {http.Address}";
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
            Text(
                $"{Name} leaves: running attempts get {Cluster.LeaveSeconds:0.#} s to finish. A second signal ends it at once."
            )
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

    private NodeCard Card(NodeAddress self, NodeHome home, string? endpoint) =>
        new(self, home.Id, RolesOf(Cluster), ProductVersion.Text, endpoint);

    private static ImmutableArray<string> RolesOf(ClusterSettings cluster) =>
        [
            .. new[] { NodeRoles.Coordinator, NodeRoles.Worker, NodeRoles.Store }
                .Where(role => cluster.Roles.HasFlag(role))
                .Select(role => role.ToString().ToLowerInvariant()),
        ];

    /// <summary>Without PostgreSQL two coordinators would know nothing of each other's jobs.</summary>
    private async Task RefuseSecondAsync(ClusterNode node, NodeHome home, CancellationToken stop)
    {
        var alone = Cluster.Broker is null || Cluster.Journal is not null;
        if (alone || !Cluster.Roles.HasFlag(NodeRoles.Coordinator))
        {
            return;
        }
        try
        {
            await node.Heard.WaitAsync(LookAround, _host.Time, stop);
        }
        catch (TimeoutException)
        {
            return;
        }
        var other = node.Members.Members.FirstOrDefault(member =>
            member is { IsAlive: true, Unreachable: false }
            && member.Card.Roles.Contains("coordinator")
            && member.Card.Home != home.Id
        );
        if (other is not null)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                $"The cluster has a coordinator already, '{other.Address.Name}', and this one keeps its journal in SQLite.",
                "Several coordinators need PostgreSQL (--journal); or start this node with --roles worker."
            );
        }
    }

    private async Task<HttpServer> ServeAsync(
        ClusterNode node,
        IFarmTransport transport,
        NodeHome home,
        ToolSet tools,
        IArtifactStore store,
        GuardPart? guard,
        CancellationToken stop
    )
    {
        var api = new NodeApi(node, transport, ApiOptions());
        var artifacts =
            NodeStores.Serves(Cluster) && store is DirectoryStore directory
                ? new ArtifactEndpoint(
                    directory,
                    new Uploads(home.Uploads, _host.Time),
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
        };
        var control = new ControlHost(Control(node, api, tools, guard));
        var server = await HttpServer.StartAsync(options, node, api.HandleAsync, control, stop);
        _shutdown.Add("actor-system-terminate", () => server.DisposeAsync().AsTask());
        return server;
    }

    private ApiOptions ApiOptions() => new(_configuration, _host.Time);

    private async Task StartCoordinatorAsync(
        ClusterNode node,
        IFarmTransport transport,
        NodeHome home,
        ToolSet tools,
        IArtifactStore store,
        NodeLog jobs,
        CancellationToken stop
    )
    {
        ISeat seat = Cluster.Journal is { } connection
            ? await PostgresSeat.OpenAsync(
                connection,
                transport.Self.ToString(),
                TimeSpan.FromSeconds(Cluster.LeaseSeconds),
                () => transport.IsConnected,
                _host.Time,
                stop
            )
            : await SqliteSeat.OpenAsync(home.Journal, _host.Time, stop);
        var media = new MediaWork(tools, Limits(), job => jobs.Runner(job, home.Id));
        var part = new CoordinatorPart(
            seat,
            (mandate, cancellation) =>
                CoordinatorTerm.BeginAsync(
                    Term(mandate, node, home, tools, jobs),
                    transport,
                    mandate.Journal,
                    mandate.Index,
                    store,
                    media,
                    cancellation
                ),
            _log,
            _host.Time
        );
        var api = new NodeApi(node, transport, ApiOptions());
        part.Began += term => _ = transport.AnswerAsync(api.AnswerAsync, term.Over);
        node.Term = () => part.Term;
        _shutdown.Add("cluster-shutdown", () => part.DisposeAsync().AsTask());
        part.Start();
    }

    private TermOptions Term(
        Mandate mandate,
        ClusterNode node,
        NodeHome home,
        ToolSet tools,
        NodeLog jobs
    ) =>
        new(
            mandate.Epoch,
            home.Work.Jobs,
            tools.Fingerprint,
            Cluster.Tasks,
            EncodeRun.Policy(Farm.Retries),
            new JoinCheck(Cluster.Token, JoinCheck.CurrentProtocol),
            new FailureLimits
            {
                Beat = TimeSpan.FromSeconds(Cluster.BeatSeconds),
                Unreachable = TimeSpan.FromSeconds(Cluster.UnreachableSeconds),
                Down = TimeSpan.FromSeconds(Cluster.DownSeconds),
                Echo = TimeSpan.FromSeconds(Cluster.BeatSeconds * 2),
            },
            node.Members,
            mandate.MayDecide,
            _host.Time,
            jobs.Actor,
            jobs.Happened
        );

    private void StartWorker(
        ClusterNode node,
        IFarmTransport transport,
        NodeHome home,
        ToolSet tools,
        IArtifactStore store,
        GuardPart guard
    )
    {
        var slots = SlotCount.For(Farm);
        var log = new NodeLog(_log, home.Encoding, _host.Time);
        var cache = new ArtifactCache(store, home.Cache, Cluster.CacheLimit, _host.Time);
        var media = new MediaWork(tools, Limits(), job => log.Runner(job, home.Id));
        Directory.CreateDirectory(home.Encoding);
        var sweep = new WorkerSweep(
            home.Encoding,
            log,
            TimeSpan.FromDays(Farm.RetentionDays),
            _host.Time
        );
        _shutdown.Add("actor-system-terminate", () => Done(sweep.Dispose));
        var options = new WorkerOptions(
            slots,
            tools.Fingerprint,
            home.Encoding,
            null,
            () => DiskGuard.Closed(home.Encoding, EncodeRun.MinimumFree) ?? guard.Closed
        )
        {
            Beat = TimeSpan.FromSeconds(Cluster.BeatSeconds),
            Labels = new LabelBoard(Cluster.Labels),
        };
        node.StartWorker(
            () => new WorkerActor(options, transport, store, cache.OpenAsync, media),
            slots,
            options.Labels
        );
    }

    private GuardPart? Guard()
    {
        if (!Cluster.Roles.HasFlag(NodeRoles.Worker))
        {
            return null;
        }
        var guard = new GuardPart(Farm.Guard, _host.Time);
        _shutdown.Add("actor-system-terminate", () => Done(guard.Dispose));
        return guard;
    }

    private EncodeLimits Limits() =>
        new(
            TimeSpan.FromSeconds(Farm.Attempt.StallSeconds),
            TimeSpan.FromSeconds(Farm.Attempt.TimeoutSeconds),
            HardwareDecoder: Farm.HardwareDecoder
        );

    private ControlContext Control(
        ClusterNode node,
        NodeApi api,
        ToolSet tools,
        GuardPart? guard
    ) =>
        new(node, new FarmApi(api.HandleAsync), _ring, _host.Time)
        {
            Tools = ToolRows.Of(tools),
            Profiles = () => _configuration.Profiles.Names,
            Guard = guard,
        };

    private void Tell(IReadOnlyList<MemberEvent> happened)
    {
        foreach (var text in happened.Select(MemberWords.Of))
        {
            _log.Info(text);
        }
    }

    private void WarnOfStore(ClusterNode node)
    {
        var missing = node.Members.Find(node.Card.Address) is { Status: MemberStatus.Up }
            ? NodeStores.Missing(Cluster, node.Members)
            : null;
        if (missing is not null && !_storeMissing)
        {
            _log.Write(LogLevel.Warning, missing);
        }
        _storeMissing = missing is not null;
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
