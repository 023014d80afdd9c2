using static EncodeFarm.Node.Configuration.SettingTypes;

namespace EncodeFarm.Node.Configuration;

/// <summary>The settings of a node of a cluster; <c>encode</c> on one machine has no use for them.</summary>
public static class ClusterSchema
{
    public static IReadOnlyList<FarmSetting> Settings { get; } =
    [
        Of(
            "node.name",
            TextOr("auto", "a name of letters, digits, dots, dashes and underscores"),
            "auto",
            "Name of this node in the cluster; auto is the machine's.",
            (cluster, value) => cluster with { Name = value }
        ),
        Of(
            "node.roles",
            Roles,
            "coordinator, worker",
            "What this node does.",
            (cluster, value) => cluster with { Roles = value }
        ),
        Of(
            "node.listen",
            TextOr("auto", "host:port"),
            "auto",
            "HTTP endpoint of this node; auto is the first free port of this machine alone from 9110 on.",
            (cluster, value) => cluster with { Listen = value }
        ),
        Of(
            "node.advertise",
            TextOr("auto", "host:port"),
            "auto",
            "Where other nodes reach that endpoint; auto is node.listen.",
            (cluster, value) => cluster with { Advertise = value }
        ),
        Of(
            "node.token",
            Text("a text"),
            "",
            "Secret that all nodes and clients share; needed for anything but loopback.",
            (cluster, value) => cluster with { Token = value }
        ),
        Of(
            "tls.certificate",
            TextOr("none", "a PEM or PFX file"),
            "none",
            "Certificate of this node's endpoint, which then speaks HTTPS only.",
            (cluster, value) => cluster with { Tls = cluster.Tls with { Certificate = value } }
        ),
        Of(
            "tls.key",
            TextOr("auto", "a PEM file"),
            "auto",
            "Its private key; auto is in the certificate's file.",
            (cluster, value) => cluster with { Tls = cluster.Tls with { Key = value } }
        ),
        Of(
            "tls.password",
            Text("a text"),
            "",
            "Password of the PFX file or of the key.",
            (cluster, value) => cluster with { Tls = cluster.Tls with { Password = value } }
        ),
        Of(
            "tls.authority",
            TextOr("auto", "a PEM file"),
            "auto",
            "Certificates that sign the other nodes', which are then asked with TLS only; auto is the machine's own list.",
            (cluster, value) => cluster with { Tls = cluster.Tls with { Authority = value } }
        ),
        Of(
            "node.labels",
            LabelSet,
            "",
            "What this worker is, as gpu=yes,rack=2: jobs may need it (needs).",
            (cluster, value) => cluster with { Labels = value }
        ),
        Of(
            "node.leave_seconds",
            Number(0, 86_400),
            "60",
            "A leaving node lets its attempts finish for so long before it hands them back.",
            (cluster, value) => cluster with { LeaveSeconds = value }
        ),
        Of(
            "cluster.broker",
            TextOr("none", "amqp://user:password@host:port/vhost, several separated by commas"),
            "none",
            "RabbitMQ; none is a cluster of this one process.",
            (cluster, value) => cluster with { Broker = value }
        ),
        Of(
            "cluster.broker_authority",
            TextOr("auto", "a PEM file"),
            "auto",
            "Certificates that sign the broker's (amqps); auto is the machine's own list.",
            (cluster, value) => cluster with { BrokerAuthority = value }
        ),
        Of(
            "cluster.farm",
            Text("a name"),
            "farm",
            "What all queues begin with: farms of different names share a broker.",
            (cluster, value) => cluster with { Farm = value }
        ),
        Of(
            "cluster.journal",
            TextOr("sqlite", "a PostgreSQL connection string"),
            "sqlite",
            "Where jobs are journaled; sqlite is a file in the work directory, for one coordinator.",
            (cluster, value) => cluster with { Journal = value }
        ),
        Of(
            "cluster.store",
            TextOr("auto", "a directory, or s3://bucket?endpoint=http://host:port"),
            "auto",
            "Where segments lie between the nodes; auto is the endpoint of the store node or the coordinator.",
            (cluster, value) => cluster with { Store = value }
        ),
        Of(
            "cluster.cache",
            Bytes(64L << 20),
            "8GiB",
            "Pieces of sources that a worker keeps.",
            (cluster, value) => cluster with { CacheLimit = value }
        ),
        Of(
            "cluster.beat_seconds",
            Number(0.1, 60),
            "1",
            "Seconds between two heartbeats.",
            (cluster, value) => cluster with { BeatSeconds = value }
        ),
        Of(
            "cluster.unreachable_seconds",
            Number(0.4, 600),
            "4",
            "A node that is silent for so long is unreachable; its segments run elsewhere.",
            (cluster, value) => cluster with { UnreachableSeconds = value }
        ),
        Of(
            "cluster.down_seconds",
            Number(1, 86_400),
            "20",
            "A node that is silent for so long is given up.",
            (cluster, value) => cluster with { DownSeconds = value }
        ),
        Of(
            "cluster.lease_seconds",
            Number(1, 600),
            "5",
            "The coordinator's lease; another one takes over when it has run out.",
            (cluster, value) => cluster with { LeaseSeconds = value }
        ),
        Of(
            "coordinator.tasks",
            Whole(1, 64),
            "1",
            "Analyses, audio tracks and muxes at a time on a coordinator.",
            (cluster, value) => cluster with { Tasks = value }
        ),
        Of(
            "roots.shared",
            Paths,
            "",
            "Absolute directories that all nodes see under the same path; other sources travel as pieces.",
            (cluster, value) => cluster with { SharedRoots = value }
        ),
    ];

    /// <summary>Keys whose values hold a secret: they are never shown.</summary>
    public static IReadOnlySet<string> Secrets { get; } =
        new HashSet<string>
        {
            "node.token",
            "tls.password",
            "cluster.broker",
            "cluster.journal",
            "cluster.store",
        };

    private static FarmSetting Of<T>(
        string key,
        SettingType<T> type,
        string standard,
        string description,
        Func<ClusterSettings, T, ClusterSettings> apply
    ) =>
        FarmSetting.Of(
            key,
            type,
            standard,
            description,
            (farm, value) => farm with { Cluster = apply(farm.Cluster, value) }
        );
}
