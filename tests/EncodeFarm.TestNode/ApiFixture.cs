using System.Collections.Concurrent;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Http;
using EncodeFarm.TestDoubles;
using EncodeFarm.TestServers;

namespace EncodeFarm.TestNode;

/// <summary>
/// Two nodes over the in-process transport: "one" decides, "two" is a worker and asks it. The clock stands still; the
/// HTTP servers run on the real one.
/// </summary>
public sealed class ApiFixture : IAsyncDisposable
{
    public static readonly NodeCard One = Card("one", "127.0.0.1:9110", "coordinator", "worker");
    public static readonly NodeCard Two = Card("two", "127.0.0.1:9111", "worker");

    private readonly InProcessTransport _oneTransport;
    private readonly InProcessTransport _twoTransport;
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly CancellationTokenSource _answering = new();

    private readonly AnswerLimits _limits;

    /// <summary>A busy machine may be slow to answer where no test is about that.</summary>
    public static readonly AnswerLimits Patient = new(
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(1)
    );

    public ApiFixture(params string[] settings)
        : this(Patient, settings) { }

    public ApiFixture(AnswerLimits limits, params string[] settings)
    {
        _limits = limits;
        var network = new InProcessNetwork(TimeProvider.System, _ => { });
        _oneTransport = network.Join(One.Address);
        _twoTransport = network.Join(Two.Address);
        Options = new ApiOptions(
            ConfigurationLoader.Load(
                new ConfigurationInput(
                    null,
                    new Dictionary<string, string>(),
                    [.. settings.Select(ConfigurationLoader.ParseFlag)],
                    Files.Path
                )
            ),
            Time
        )
        {
            Limits = limits,
        };
        Coordinator = new FakeCoordinator(One.Address, Time)
        {
            Members = MemberTable
                .Empty.Join(One)
                .Then(table => table.Move(One.Address, MemberStatus.Up))
                .Then(table => table.Join(Two))
                .Then(table => table.Move(Two.Address, MemberStatus.Up))
                .Table,
        };
        NodeOne = new FakeNode(One) { Coordinator = Coordinator, StartedAt = Samples.Start };
        NodeTwo = new FakeNode(Two) { Members = Coordinator.Members, StartedAt = Samples.Start };
        ApiOne = new NodeApi(NodeOne, _oneTransport, Options);
        ApiTwo = new NodeApi(NodeTwo, _twoTransport, Options);
        _oneTransport.AnswerAsync(ApiOne.AnswerAsync, 1, _answering.Token);
    }

    public ManualTimeProvider Time { get; } = new(Samples.Start);

    public TestDirectory Files { get; } = new();

    public ApiOptions Options { get; }

    public FakeCoordinator Coordinator { get; }

    public FakeNode NodeOne { get; }

    public FakeNode NodeTwo { get; }

    public NodeApi ApiOne { get; }

    public NodeApi ApiTwo { get; }

    public LogRing Log { get; } = new();

    public ConcurrentQueue<string> ServerLog { get; } = [];

    public FarmApi One_ => new(ApiOne.HandleAsync);

    public FarmApi Two_ => new(ApiTwo.HandleAsync);

    public ControlHost ControlOf(bool worker = false)
    {
        var (node, api) = worker ? (NodeTwo, ApiTwo) : (NodeOne, ApiOne);
        return new ControlHost(
            new ControlContext(node, api.HandleAsync, Log, Time)
            {
                Tools = [new ToolRow("ffmpeg", "5.1", "/usr/bin/ffmpeg")],
                Profiles = () => Options.Configuration.Profiles.Names,
                Limits = _limits,
            }
        );
    }

    /// <summary>A node's listener on a port of its own.</summary>
    public async Task<HttpServer> ServeAsync(
        bool worker = false,
        string? token = null,
        Func<HttpServerOptions, HttpServerOptions>? change = null
    )
    {
        var (node, api) = worker ? (NodeTwo, ApiTwo) : (NodeOne, ApiOne);
        var options = new HttpServerOptions(
            ListenAddress.Parse("127.0.0.1:0"),
            token,
            TimeProvider.System,
            (_, text) => ServerLog.Enqueue(text)
        )
        {
            Limits = _limits,
        };
        var server = await HttpServer.StartAsync(
            change?.Invoke(options) ?? options,
            node,
            api.HandleAsync,
            ControlOf(worker),
            CancellationToken.None
        );
        _owned.Add(server);
        return server;
    }

    /// <summary>The coordinator answers nobody any more.</summary>
    public void Silence() => _answering.Cancel();

    /// <summary>A job with a plan; its source exists.</summary>
    public string Job(string id = "job", int segments = 3, int renditions = 1)
    {
        var spec = Samples.Job(renditions) with { Id = id };
        Coordinator.Decide(id, new Submit(spec, Samples.Fingerprint));
        Coordinator.Decide(id, Samples.Plan(spec, segments, 1));
        return id;
    }

    /// <summary>What the dispatcher shows: attempts that run.</summary>
    public void Running(string id, params (int Segment, string Node)[] attempts)
    {
        var leases = attempts.Select(
            (at, index) =>
                new Lease(
                    $"7-{index + 1}",
                    id,
                    new SegmentId(0, at.Segment),
                    1,
                    at.Node,
                    Samples.Start,
                    false,
                    true,
                    false,
                    0,
                    new AttemptReport(
                        $"7-{index + 1}",
                        id,
                        new SegmentId(0, at.Segment),
                        "encode",
                        0.5,
                        12.5
                    )
                )
        );
        Coordinator.Monitor.Update(
            DispatchSnapshot.Empty with
            {
                Leases = [.. leases],
                Nodes = [Worker("one"), Worker("two")],
            }
        );
    }

    private static NodeState Worker(string name) =>
        new(name, 2, Samples.Fingerprint, null, Samples.Start)
        {
            Guard = new GuardState(50, 30, null, null),
        };

    private static NodeCard Card(string name, string endpoint, params string[] roles) =>
        new(new NodeAddress(name, $"{name}1"), $"/home/{name}", [.. roles], "0.1.0", endpoint);

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }
        await _oneTransport.DisposeAsync();
        await _twoTransport.DisposeAsync();
        Files.Dispose();
    }
}
