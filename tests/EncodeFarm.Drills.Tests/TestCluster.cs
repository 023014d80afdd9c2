using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EncodeFarm.Contracts;
using Npgsql;

namespace EncodeFarm.Drills.Tests;

/// <summary>How quickly the cluster judges.</summary>
/// <param name="Scale">1 is what users get; CI takes less, so that its outages can be shorter.</param>
/// <param name="Silence">After so many seconds without a word a node is unreachable.</param>
/// <param name="Absence">After so many it is down.</param>
public sealed record Pace(double Scale, double Silence, double Absence)
{
    public static readonly Pace Real = new(1, 4, 20);

    /// <summary>Beats of 0.4 s: unreachable after 1.6 s, down after 8 s, the lease lasts 2 s.</summary>
    public static readonly Pace Quick = new(0.4, 1.6, 8);

    /// <summary>For drills in which no worker is lost, and none may be taken for lost: on a busy machine a healthy one can be silent for seconds.</summary>
    public Pace Patient => this with { Silence = 15, Absence = 40 };

    public IEnumerable<string> Settings =>
        [
            Setting("cluster.beat_seconds", 1 * Scale),
            Setting("cluster.unreachable_seconds", Silence),
            Setting("cluster.down_seconds", Absence),
            Setting("cluster.lease_seconds", 5 * Scale),
        ];

    static string Setting(string key, double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}={seconds:0.###}");
}

/// <summary>A cluster on this machine: real nodes, a real broker, and a real database where it is asked for.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    const string Token = "a-token-of-the-drills";

    readonly TestDirectory _directory = new("encodefarm-cluster");
    readonly string? _journal;
    readonly string _brokerAddress;
    readonly Pace _pace;
    readonly TestNetwork? _network;
    readonly string _farm = $"t{Guid.NewGuid():n}"[..12];

    /// <summary>When the tests are ended by a signal, nobody disposes of a cluster: its nodes would live on.</summary>
    readonly List<PosixSignalRegistration> _signals;

    TestCluster(string broker, string? journal, Pace pace, TestNetwork? network)
    {
        (_brokerAddress, _journal, _pace, _network) = (broker, journal, pace, network);
        _signals =
        [
            .. new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(
                signal =>
                    PosixSignalRegistration.Create(
                        signal,
                        _ =>
                        {
                            Nodes.ForEach(node => node.Dispose());
                            network?.DisposeAsync().AsTask().Wait();
                        }
                    )
            ),
        ];
    }

    /// <summary>What its queues begin with.</summary>
    public string Farm => _farm;

    public List<FarmNode> Nodes { get; } = [];

    public string Outputs => Make("out");

    /// <summary>The connection string of its journal; null where that is SQLite.</summary>
    public string? Journal => _journal;

    public string WorkOf(string name) => Make($"work-{name}");

    /// <summary>With the journal in SQLite, in the coordinator's work directory.</summary>
    /// <param name="network">Each node on a host of its own; null for all on loopback.</param>
    public static async Task<TestCluster> StartAsync(
        BrokerServer broker,
        Pace pace,
        TestNetwork? network = null
    )
    {
        await broker.RunningAsync();
        return new TestCluster(ThroughTo(broker, network), null, pace, network);
    }

    /// <summary>With the journal in PostgreSQL, for several coordinators.</summary>
    public static async Task<TestCluster> StartAsync(
        BrokerServer broker,
        PostgresServer postgres,
        Pace pace,
        TestNetwork? network = null
    )
    {
        await broker.RunningAsync();
        var journal = ThroughTo(await postgres.NewSchemaAsync(), network);
        return new TestCluster(ThroughTo(broker, network), journal, pace, network);
    }

    /// <summary>With a broker of its own, and the journal in SQLite.</summary>
    public static TestCluster Start(string broker, Pace pace) => new(broker, null, pace, null);

    static string ThroughTo(BrokerServer broker, TestNetwork? network)
    {
        var address = new UriBuilder(broker.Address);
        if (network is not null)
        {
            (address.Host, address.Port) = network.Reach(address.Port);
        }
        return address.Uri.ToString();
    }

    static string ThroughTo(string journal, TestNetwork? network)
    {
        var connection = new NpgsqlConnectionStringBuilder(journal);
        if (network is not null)
        {
            (connection.Host, connection.Port) = network.Reach(connection.Port);
        }
        return connection.ToString();
    }

    string Make(string name)
    {
        var path = _directory.File(name);
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>Starts a node, or starts it again in the same work directory.</summary>
    /// <param name="program">Null for the one that was built with these tests.</param>
    public FarmNode Start(
        string name,
        string roles,
        int slots = 1,
        IEnumerable<string>? settings = null,
        IReadOnlyDictionary<string, string>? environment = null,
        bool broker = true,
        string? program = null
    )
    {
        var arguments = Arguments(roles, slots, settings, broker);
        var node = FarmNode.Start(
            name,
            WorkOf(name),
            arguments,
            environment,
            _network?.Host(name),
            _network is null ? null : Token,
            program
        );
        foreach (var former in Nodes.Where(known => known.Name == name).ToList())
        {
            former.Dispose();
            Nodes.Remove(former);
        }
        Nodes.Add(node);
        return node;
    }

    /// <summary>A second worker of the same name, in another work directory.</summary>
    public FarmNode StartTwin(string name, IEnumerable<string> settings) =>
        FarmNode.Start(name, Make($"twin-{name}"), Arguments("worker", 1, settings, true), null);

    List<string> Arguments(string roles, int slots, IEnumerable<string>? settings, bool broker)
    {
        string[] shared = [DrillClip.Folder, Outputs];
        string[] all =
        [
            .. _pace.Settings,
            "retries.backoff_min_seconds=0.5",
            // The nodes of a test share one machine, and each is foreign to the others.
            "guard.high=100",
            "guard.low=100",
            $"cluster.farm={_farm}",
        ];
        List<string> arguments =
        [
            "--roles",
            roles,
            .. broker ? ["--broker", _brokerAddress] : Array.Empty<string>(),
            "--slots",
            $"{slots}",
        ];
        if (_journal is not null && roles.Contains("coordinator", StringComparison.Ordinal))
        {
            arguments.AddRange(["--journal", _journal]);
            all =
            [
                .. all,
                $"roots.shared={string.Join(",", shared)}",
                $"roots.sources={string.Join(",", shared)}",
                $"roots.outputs={string.Join(",", shared)}",
            ];
        }
        // The last one counts.
        foreach (var setting in all.Concat(settings ?? []))
        {
            arguments.AddRange(["-s", setting]);
        }
        return arguments;
    }

    public FarmNode Node(string name) => Nodes.Single(node => node.Name == name);

    public async Task<string> SubmitAsync(
        FarmNode at,
        string key = "job",
        string? source = null,
        IReadOnlyList<string>? settings = null,
        string? output = null
    )
    {
        var request = new SubmitRequest(
            source ?? await DrillClip.MadeAsync(),
            "av1-crf",
            settings ?? DrillClip.Settings,
            output ?? Path.Combine(Outputs, $"{key}.mkv"),
            Key: key
        );
        var answer = await TryAsync(() => at.Api.SubmitAsync(request, CancellationToken.None));
        return answer.Job.Id;
    }

    /// <summary>While a coordinator is taking over, or its disk stands still, requests are refused: they are tried again.</summary>
    public static async Task<T> TryAsync<T>(Func<Task<T>> action)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return await action();
            }
            catch (Exception error) when (clock.Elapsed < Patience && IsPassing(error))
            {
                await Task.Delay(Look);
            }
        }
    }

    /// <summary>An order that is given until it is done. Where nobody knows what came of it, it may be done already.</summary>
    public static Task OrderAsync(Func<Task> order)
    {
        var again = false;
        return TryAsync(async () =>
        {
            try
            {
                await order();
            }
            catch (FarmApiException refused)
                when (again && refused.Problem.Kind == ProblemKind.Conflict)
            {
                // As it is already.
            }
            finally
            {
                again = true;
            }
            return true;
        });
    }

    /// <summary>Whoever is asked is dying, starting or taking over.</summary>
    static bool IsPassing(Exception error) =>
        error
            is CannotConnectException
                or ConnectionLostException
                or HttpRequestException
                or IOException
                or TimeoutException
                or OperationCanceledException
        || error
            is FarmApiException
            {
                Problem.Kind: ProblemKind.Unavailable or ProblemKind.Timeout or ProblemKind.NotFound
            };

    /// <summary>Waits until something is true of what a node answers; gives the seconds that it took.</summary>
    public async Task<double> UntilAsync<T>(
        string what,
        Func<Task<T>> ask,
        Func<T, bool> condition,
        TimeSpan? limit = null
    )
    {
        var clock = Stopwatch.StartNew();
        T? last = default;
        while (clock.Elapsed < (limit ?? Patience))
        {
            try
            {
                last = await ask();
                if (condition(last))
                {
                    return clock.Elapsed.TotalSeconds;
                }
            }
            catch (Exception error) when (IsPassing(error))
            {
                // Whoever is asked is dying or coming back.
            }
            await Task.Delay(Look);
        }
        throw new TimeoutException(
            $"Not within {limit ?? Patience}: {what}. Last: {JsonSerializer.Serialize(last)}\n{Logs()}"
        );
    }

    /// <summary>Waits for something in this process.</summary>
    public static async Task PollAsync(string what, Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException($"Not within {Patience}: {what}.");
            }
            await Task.Delay(Look);
        }
    }

    public Task<double> UpAsync(FarmNode at, params string[] names) =>
        UntilAsync(
            $"{string.Join(", ", names)} up",
            () => at.Api.MembersAsync(CancellationToken.None),
            list =>
                names.All(name =>
                    list.Members.Any(member =>
                        member.Name == name && member is { Status: "up", Unreachable: false }
                    )
                )
        );

    public Task<double> CompletedAsync(FarmNode at, string job) =>
        UntilAsync(
            $"{job} completed",
            async () => (await at.Api.JobAsync(job, CancellationToken.None)).Job,
            info =>
                info.State == "Failed"
                    ? throw new InvalidOperationException($"{info.Error}\n{Logs()}")
                    : info.State == "Completed"
        );

    public async Task<JsonElement> RenditionAsync(FarmNode at, string job)
    {
        var report = await TryAsync(() => at.Api.ReportAsync(job, CancellationToken.None));
        return JsonDocument
            .Parse(report)
            .RootElement.GetProperty("jobs")[0]
            .GetProperty("renditions")[0];
    }

    public async Task<string> HashAsync(FarmNode at, string job) =>
        (await RenditionAsync(at, job)).GetProperty("videoSha256").GetString()!;

    public async Task<IReadOnlyList<EventInfo>> EventsAsync(FarmNode at, string job)
    {
        var all = new List<EventInfo>();
        while (true)
        {
            var after = all.Count == 0 ? 0 : all[^1].Sequence;
            var page = await TryAsync(() => at.Api.EventsAsync(job, after, CancellationToken.None));
            if (page.Events.Count == 0)
            {
                return all;
            }
            all.AddRange(page.Events);
        }
    }

    /// <summary>Pulls the cable of a node's host.</summary>
    public Task CutAsync(string name) => _network!.CutAsync(name);

    public Task HealAsync(string name) => _network!.HealAsync(name);

    public TestHost Host(string name) => _network!.Host(name);

    public async Task<IReadOnlyList<AttemptInfo>> AttemptsAsync(FarmNode at) =>
        (await at.Api.AttemptsAsync(CancellationToken.None)).Attempts;

    public string Logs() =>
        string.Join("\n", Nodes.Select(node => $"--- {node.Name}\n{node.Said}"));

    public async ValueTask DisposeAsync()
    {
        _signals.ForEach(signal => signal.Dispose());
        Nodes.ForEach(node => node.Dispose());
        _directory.Dispose();
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }
}
