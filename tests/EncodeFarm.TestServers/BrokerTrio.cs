using System.Globalization;

namespace EncodeFarm.TestServers;

/// <summary>Three nodes of one RabbitMQ cluster on loopback, each of which can be killed.</summary>
public sealed class BrokerTrio : IAsyncDisposable
{
    const int Count = 3;

    readonly TestDirectory _directory = new("encodefarm-brokers");
    readonly int[] _ports = FreePorts.Several(2 * Count + 1);
    readonly ServerProcess?[] _servers = new ServerProcess?[Count];
    readonly AtSignal _atSignal;
    ServerProcess? _mapper;

    BrokerTrio() => _atSignal = new AtSignal(EndAll);

    int MapperPort => _ports[^1];

    public string Address =>
        string.Join(
            ",",
            _ports
                .Take(Count)
                .Select(port =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"amqp://guest:guest@127.0.0.1:{port}"
                    )
                )
        );

    /// <summary>Skips the test where RabbitMQ is not installed.</summary>
    public static async Task<BrokerTrio> StartAsync()
    {
        BrokerNode.SkipUnlessInstalled();
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
        // The nodes know each other by this secret, which they read from their home.
        var cookie = _directory.Write(".erlang.cookie", Guid.NewGuid().ToString("n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        }
        _mapper = await BrokerNode.StartMapperAsync(_directory, MapperPort);
        string[] settings =
        [
            "cluster_formation.peer_discovery_backend = classic_config",
            .. _ports
                .Take(Count)
                .Select(
                    (port, index) =>
                        $"cluster_formation.classic_config.nodes.{index + 1} = {BrokerNode.NameAt(port)}"
                ),
        ];
        // The first one founds the cluster; the others find it.
        for (var number = 0; number < Count; number++)
        {
            var node = new BrokerNode(
                _directory,
                _ports[number],
                _ports[Count + number],
                MapperPort,
                settings
            );
            _servers[number] = await node.StartAsync();
        }
    }

    public void KillOne(int number)
    {
        _servers[number]?.Dispose();
        _servers[number] = null;
    }

    public ValueTask DisposeAsync()
    {
        _atSignal.Dispose();
        EndAll();
        return ValueTask.CompletedTask;
    }

    void EndAll()
    {
        for (var number = 0; number < Count; number++)
        {
            KillOne(number);
        }
        _mapper?.Dispose();
        _mapper = null;
        _directory.Dispose();
    }
}
