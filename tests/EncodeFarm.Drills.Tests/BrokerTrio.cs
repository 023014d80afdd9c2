using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Drills.Tests;

/// <summary>Three nodes of one RabbitMQ cluster on loopback, each of which can be killed.</summary>
public sealed partial class BrokerTrio : IAsyncDisposable
{
    const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    const int Count = 3;
    const int Kill = 9;

    /// <summary>Each takes 5 s on a quiet machine, and twenty times as long on a busy one.</summary>
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    readonly TestDirectory _directory = new("encodefarm-brokers");
    readonly int[] _ports = FreePorts(2 * Count + 1);
    readonly Process?[] _servers = new Process?[Count];
    readonly List<PosixSignalRegistration> _signals = [];
    Process? _mapper;

    BrokerTrio() { }

    int MapperPort => _ports[^1];

    public string Address =>
        string.Join(
            ",",
            Enumerable
                .Range(0, Count)
                .Select(n => $"amqp://guest:guest@127.0.0.1:{Text(_ports[n])}")
        );

    /// <summary>Skips the test where RabbitMQ is not installed.</summary>
    public static async Task<BrokerTrio> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), $"RabbitMQ is not installed (no {Program}).");
        var trio = new BrokerTrio();
        try
        {
            await trio.StartAllAsync();
            return trio;
        }
        catch
        {
            await trio.DisposeAsync();
            throw;
        }
    }

    async Task StartAllAsync()
    {
        _signals.AddRange(
            new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP }.Select(signal =>
                PosixSignalRegistration.Create(signal, _ => EndAll())
            )
        );
        Configure();
        _mapper = Process.Start(
            new ProcessStartInfo("epmd", ["-address", "127.0.0.1", "-port", Text(MapperPort)])
        );
        // The first one founds the cluster; the others find it.
        for (var number = 0; number < Count; number++)
        {
            _servers[number] = Process.Start(ServerStart(number))!;
            await ReadyAsync(number);
        }
    }

    void Configure()
    {
        // The nodes know each other by this secret, which they read from their home.
        var cookie = _directory.File(".erlang.cookie");
        File.WriteAllText(cookie, Guid.NewGuid().ToString("n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        }
        File.WriteAllText(_directory.File("plugins"), "[].\n");
        for (var number = 0; number < Count; number++)
        {
            File.WriteAllLines(
                _directory.File($"{number}.conf"),
                [
                    $"listeners.tcp.default = 127.0.0.1:{Text(_ports[number])}",
                    "log.console = false",
                    "vm_memory_high_watermark.absolute = 1GB",
                    "disk_free_limit.absolute = 200MB",
                    "cluster_formation.peer_discovery_backend = classic_config",
                    .. Enumerable
                        .Range(0, Count)
                        .Select(n => $"cluster_formation.classic_config.nodes.{n + 1} = {Name(n)}"),
                ]
            );
        }
    }

    string Name(int number) => $"trio{Text(_ports[number])}@localhost";

    ProcessStartInfo ServerStart(int number)
    {
        var start = new ProcessStartInfo("setsid", [Program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory.Path,
        };
        var settings = new Dictionary<string, string>
        {
            ["HOME"] = _directory.Path,
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_NODENAME"] = Name(number),
            ["RABBITMQ_MNESIA_BASE"] = _directory.File($"data{number}"),
            ["RABBITMQ_LOG_BASE"] = _directory.File($"log{number}"),
            ["RABBITMQ_CONFIG_FILE"] = _directory.File($"{number}.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _directory.File("plugins"),
            ["RABBITMQ_PID_FILE"] = _directory.File($"pid{number}"),
            ["RABBITMQ_DIST_PORT"] = Text(_ports[Count + number]),
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

    async Task ReadyAsync(int number)
    {
        var server = _servers[number]!;
        var said = Task.WhenAll(
            server.StandardOutput.ReadToEndAsync(),
            server.StandardError.ReadToEndAsync()
        );
        using var limit = new CancellationTokenSource(StartLimit);
        while (true)
        {
            if (server.HasExited)
            {
                throw new InvalidOperationException(string.Join('\n', await said));
            }
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _ports[number], limit.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
            }
        }
    }

    /// <summary>The node and its Erlang machine, which are a process group of their own.</summary>
    public void KillOne(int number)
    {
        using var server = _servers[number]!;
        _servers[number] = null;
        Signal(-server.Id, Kill).ShouldBe(0);
        server.WaitForExit();
    }

    public ValueTask DisposeAsync()
    {
        _signals.ForEach(signal => signal.Dispose());
        EndAll();
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    void EndAll()
    {
        for (var number = 0; number < Count; number++)
        {
            if (_servers[number] is not null)
            {
                KillOne(number);
            }
        }
        _mapper?.Kill();
        _mapper?.WaitForExit();
        _mapper?.Dispose();
        _mapper = null;
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
        int[] ports = [.. listeners.Select(one => ((IPEndPoint)one.LocalEndpoint).Port)];
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int id, int signal);
}
