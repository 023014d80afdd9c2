using System.Globalization;

namespace EncodeFarm.TestServers;

/// <summary>A RabbitMQ node on loopback; everything that it writes is in the directory.</summary>
/// <param name="Port">Where clients speak AMQP with it.</param>
/// <param name="DistributionPort">Where other nodes speak with it.</param>
/// <param name="MapperPort">Of the port mapper, by which nodes find each other.</param>
/// <param name="Settings">Lines of its configuration beyond the usual ones.</param>
sealed record BrokerNode(
    TestDirectory Directory,
    int Port,
    int DistributionPort,
    int MapperPort,
    IReadOnlyList<string> Settings
)
{
    const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    /// <summary>5 s on a quiet machine; 70 s were measured on one with twenty times more to do than it has cores.</summary>
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    public static void SkipUnlessInstalled() =>
        Assert.SkipUnless(File.Exists(Program), $"RabbitMQ is not installed (no {Program}).");

    public static string NameAt(int port) => $"test{Text(port)}@localhost";

    /// <summary>Our own port mapper: the one that Erlang would start outlives the broker.</summary>
    public static Task<ServerProcess> StartMapperAsync(TestDirectory directory, int port) =>
        ServerProcess.StartAsync(
            "epmd",
            ["-address", "127.0.0.1", "-port", Text(port)],
            new Dictionary<string, string>(),
            directory.Path,
            port,
            StartLimit
        );

    /// <summary>The port accepts only when the broker is ready.</summary>
    public Task<ServerProcess> StartAsync()
    {
        var name = NameAt(Port);
        File.WriteAllText(Directory.File("plugins"), "[].\n");
        File.WriteAllLines(
            Directory.File($"{name}.conf"),
            [
                $"listeners.tcp.default = 127.0.0.1:{Text(Port)}",
                "log.console = false",
                "vm_memory_high_watermark.absolute = 1GB",
                "disk_free_limit.absolute = 200MB",
                .. Settings,
            ]
        );
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = Directory.Path,
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            ["RABBITMQ_NODENAME"] = name,
            ["RABBITMQ_MNESIA_BASE"] = Directory.File($"{name}.data"),
            ["RABBITMQ_LOG_BASE"] = Directory.File($"{name}.log"),
            ["RABBITMQ_CONFIG_FILE"] = Directory.File($"{name}.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Directory.File("plugins"),
            ["RABBITMQ_PID_FILE"] = Directory.File($"{name}.pid"),
            ["RABBITMQ_DIST_PORT"] = Text(DistributionPort),
            ["ERL_EPMD_PORT"] = Text(MapperPort),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
        };
        return ServerProcess.StartAsync(Program, [], environment, Directory.Path, Port, StartLimit);
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
