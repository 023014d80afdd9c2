using System.Globalization;
using System.Text;

namespace EncodeFarm.TestServers;

/// <summary>
/// A private RabbitMQ on loopback, with its data in a temporary directory; started by the first test that asks, stopped
/// after the last.
/// </summary>
public sealed class BrokerServer : IAsyncDisposable
{
    readonly SemaphoreSlim _gate = new(1);
    readonly int[] _ports = FreePorts.Several(4);
    TestDirectory? _directory;
    AtSignal? _atSignal;
    ServerProcess? _mapper;
    ServerProcess? _server;

    int Port => _ports[0];
    int TlsPort => _ports[1];

    public string Address => AddressAs("guest:guest");

    /// <param name="user">Name and password.</param>
    public string AddressAs(string user, string virtualHost = "") =>
        string.Create(CultureInfo.InvariantCulture, $"amqp://{user}@127.0.0.1:{Port}/{virtualHost}")
            .TrimEnd('/');

    public string TlsAddress =>
        string.Create(CultureInfo.InvariantCulture, $"amqps://guest:guest@localhost:{TlsPort}");

    /// <summary>The file of the authority that vouches for it.</summary>
    public string Authority => Certificates.Authority(_directory!.Path);

    /// <summary>Starts it unless it runs. Skips the test where RabbitMQ is not installed.</summary>
    public async Task RunningAsync()
    {
        BrokerNode.SkipUnlessInstalled();
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
            _directory = new TestDirectory("encodefarm-broker");
            _atSignal = new AtSignal(EndAll);
            Certificates.Write(_directory.Path);
            _mapper = await BrokerNode.StartMapperAsync(_directory, _ports[3]);
        }
        string[] settings =
        [
            string.Create(
                CultureInfo.InvariantCulture,
                $"listeners.ssl.default = 127.0.0.1:{TlsPort}"
            ),
            $"ssl_options.cacertfile = {Authority}",
            $"ssl_options.certfile = {Certificates.Server(_directory.Path)}",
            $"ssl_options.keyfile = {Certificates.ServerKey(_directory.Path)}",
            "ssl_options.verify = verify_none",
        ];
        var node = new BrokerNode(_directory, Port, _ports[2], _ports[3], settings);
        _server = await node.StartAsync();
    }

    /// <summary>
    /// Whether it will find the quorum queue again when it is killed. RabbitMQ 3.10 writes the name of a new one down only
    /// after a moment of quiet; killed before that, it comes back with an empty queue that never finds a leader.
    /// </summary>
    public bool HasWrittenDown(string queue)
    {
        var name = Encoding.UTF8.GetBytes(queue);
        return Directory
            .EnumerateFiles(_directory!.Path, "names.dets", SearchOption.AllDirectories)
            // There is one more, for streams.
            .Where(file => file.Contains("/quorum/", StringComparison.Ordinal))
            .All(file => File.ReadAllBytes(file).AsSpan().IndexOf(name) >= 0);
    }

    /// <summary>Ends it without any good-bye.</summary>
    public Task KillAsync()
    {
        _server!.Dispose();
        _server = null;
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _atSignal?.Dispose();
        EndAll();
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }

    void EndAll()
    {
        _server?.Dispose();
        _mapper?.Dispose();
        _directory?.Dispose();
        (_server, _mapper) = (null, null);
    }
}
