using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EncodeFarm.Cluster.Messaging.Rabbit;
using EncodeFarm.Cluster.Tests.Rabbit;

[assembly: AssemblyFixture(typeof(BrokerServer))]

namespace EncodeFarm.Cluster.Tests.Rabbit;

/// <summary>
/// A private RabbitMQ on loopback, with its data in a temporary directory; started by the first test that asks, stopped
/// after the last.
/// </summary>
public sealed partial class BrokerServer : IAsyncDisposable
{
    const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    const int Kill = 9;

    /// <summary>5 s on a quiet machine; 70 s were measured on one with twenty times more to do than it has cores.</summary>
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(150);

    readonly SemaphoreSlim _gate = new(1);
    readonly int[] _ports = FreePorts(4);
    readonly List<PosixSignalRegistration> _signals = [];
    DirectoryInfo? _directory;
    Process? _mapper;
    Process? _server;

    int Port => _ports[0];
    int TlsPort => _ports[1];
    int MapperPort => _ports[2];
    int DistributionPort => _ports[3];

    public string Address => $"amqp://guest:guest@127.0.0.1:{Text(Port)}";

    public RabbitMqOptions Options => Parse($"amqp://guest:guest@127.0.0.1:{Text(Port)}");

    public RabbitMqOptions OptionsAs(string user, string virtualHost) =>
        Parse($"amqp://{user}:wrong@127.0.0.1:{Text(Port)}/{virtualHost}");

    public RabbitMqOptions TlsOptions =>
        Parse($"amqps://guest:guest@localhost:{Text(TlsPort)}") with
        {
            Tls = new(Certificates.Authority(_directory!.FullName)),
        };

    /// <summary>Waits for a broker that is on its way, not for one that will never come; quick to come back, as tests are short.</summary>
    static RabbitMqOptions Parse(string address) =>
        RabbitMqOptions.Parse(address) with
        {
            StartLimit = TimeSpan.Zero,
        };

    /// <summary>Starts it unless it runs. Skips the test where RabbitMQ is not installed.</summary>
    public async Task RunningAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"RabbitMQ is not installed (no {Program}).");
        await _gate.WaitAsync();
        try
        {
            if (_server is null)
            {
                await StartAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task StartAsync()
    {
        if (_directory is null)
        {
            _directory = Directory.CreateTempSubdirectory("encodefarm-broker-");
            _signals.AddRange(
                new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(
                    signal => PosixSignalRegistration.Create(signal, _ => EndAll())
                )
            );
            Configure(_directory.FullName);
            // Our own port mapper: the one that Erlang would start outlives the broker.
            _mapper = Process.Start(
                new ProcessStartInfo("epmd", ["-address", "127.0.0.1", "-port", Text(MapperPort)])
            );
        }
        _server = Process.Start(ServerStart(_directory.FullName))!;
        var output = Task.WhenAll(
            _server.StandardOutput.ReadToEndAsync(),
            _server.StandardError.ReadToEndAsync()
        );
        await ReadyAsync(output);
    }

    void Configure(string directory)
    {
        Directory.CreateDirectory(Path.Combine(directory, "home"));
        Certificates.Write(directory);
        File.WriteAllText(Path.Combine(directory, "plugins"), "[].\n");
        File.WriteAllLines(
            Path.Combine(directory, "rabbitmq.conf"),
            [
                $"listeners.tcp.default = 127.0.0.1:{Text(Port)}",
                $"listeners.ssl.default = 127.0.0.1:{Text(TlsPort)}",
                $"ssl_options.cacertfile = {Certificates.Authority(directory)}",
                $"ssl_options.certfile = {Certificates.Server(directory)}",
                $"ssl_options.keyfile = {Certificates.ServerKey(directory)}",
                "ssl_options.verify = verify_none",
                "log.console = false",
                "vm_memory_high_watermark.absolute = 1GB",
                "disk_free_limit.absolute = 200MB",
            ]
        );
    }

    ProcessStartInfo ServerStart(string directory)
    {
        var start = new ProcessStartInfo("setsid", [Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        var settings = new Dictionary<string, string>
        {
            ["HOME"] = Path.Combine(directory, "home"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_NODENAME"] = $"test{Text(Port)}@localhost",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(directory, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(directory, "log"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(directory, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(directory, "plugins"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(directory, "pid"),
            ["RABBITMQ_DIST_PORT"] = Text(DistributionPort),
            ["ERL_EPMD_PORT"] = Text(MapperPort),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }
        return start;
    }

    /// <summary>The port accepts only when the broker is ready.</summary>
    async Task ReadyAsync(Task<string[]> output)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        for (var wait = TimeSpan.FromMilliseconds(100); ; wait *= 1.2)
        {
            if (_server!.HasExited)
            {
                throw new InvalidOperationException(string.Join('\n', await output));
            }
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(wait, limit.Token);
            }
        }
    }

    /// <summary>Ends it without any good-bye: the start script and the Erlang machine, which are a process group of their own.</summary>
    public async Task KillAsync()
    {
        using var server = _server!;
        Signal(-server.Id, Kill).ShouldBe(0);
        await server.WaitForExitAsync();
        _server = null;
    }

    public ValueTask DisposeAsync()
    {
        _signals.ForEach(signal => signal.Dispose());
        EndAll();
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Also when the tests are ended by a signal: then nobody disposes of fixtures.</summary>
    void EndAll()
    {
        if (_server is not null)
        {
            Signal(-_server.Id, Kill);
            _server.WaitForExit();
            _server.Dispose();
        }
        if (_mapper is not null)
        {
            _mapper.Kill();
            _mapper.WaitForExit();
            _mapper.Dispose();
        }
        _directory?.Delete(recursive: true);
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>All taken before any is given back, so that they differ.</summary>
    static int[] FreePorts(int count)
    {
        var listeners = Enumerable
            .Range(0, count)
            .Select(_ => new TcpListener(IPAddress.Loopback, 0))
            .ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        int[] free = [.. ports];
        listeners.ForEach(listener => listener.Dispose());
        return free;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int id, int signal);
}

/// <summary>Tests with the broker run one after the other: some of them end it.</summary>
[CollectionDefinition("broker")]
public sealed class BrokerCollection;
