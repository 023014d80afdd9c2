using EncodeFarm.Farm.Dispatch;

namespace EncodeFarm.Node.Configuration;

/// <summary>What a node does in its cluster.</summary>
[Flags]
public enum NodeRoles
{
    None = 0,

    /// <summary>Decides, or stands by to decide.</summary>
    Coordinator = 1,

    /// <summary>Encodes segments.</summary>
    Worker = 2,

    /// <summary>Keeps segments and pieces for the others.</summary>
    Store = 4,
}

/// <summary>TLS on HTTP endpoints, this node's and the others'.</summary>
/// <param name="Certificate">PEM or PFX file; null speaks plain HTTP.</param>
/// <param name="Key">PEM file with its private key; null where that is in <paramref name="Certificate"/> too.</param>
/// <param name="Password">Of the PFX file or of the key; empty where it has none.</param>
/// <param name="Authority">PEM file with the authorities of the others' certificates: then TLS is spoken with them and nothing else. Null for the machine's own list.</param>
public sealed record TlsSettings(
    string? Certificate = null,
    string? Key = null,
    string Password = "",
    string? Authority = null
);

/// <summary>How this machine takes part in a cluster: who it is, and where broker, journal and store are.</summary>
public sealed record ClusterSettings
{
    /// <summary>Unique in the cluster; null takes the machine's name.</summary>
    public string? Name { get; init; }

    public NodeRoles Roles { get; init; } = NodeRoles.Coordinator | NodeRoles.Worker;

    /// <summary>host:port of the node's HTTP endpoint; null takes the first free port from 9110 on, on loopback.</summary>
    public string? Listen { get; init; }

    /// <summary>host:port under which other nodes reach that endpoint, where it is another than <see cref="Listen"/>.</summary>
    public string? Advertise { get; init; }

    /// <summary>Shared by all nodes and clients; empty only on loopback.</summary>
    public string Token { get; init; } = "";

    /// <summary>How the endpoint, and whoever asks others' endpoints, speaks TLS.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>Of this worker when it starts; jobs may need them.</summary>
    public Labels Labels { get; init; } = Labels.None;

    /// <summary>amqp(s) addresses separated by commas; null is a cluster of this one process.</summary>
    public string? Broker { get; init; }

    /// <summary>PEM file with the certificates that sign the broker's; null for the machine's own list.</summary>
    public string? BrokerAuthority { get; init; }

    /// <summary>What all queues begin with, so that several farms can share a broker.</summary>
    public string Farm { get; init; } = "farm";

    /// <summary>PostgreSQL connection string; null is a SQLite file in the work directory.</summary>
    public string? Journal { get; init; }

    /// <summary>Null: the endpoint of the store node or the coordinator. Otherwise a directory, or s3://bucket.</summary>
    public string? Store { get; init; }

    /// <summary>Below these, all nodes see the same files under the same paths.</summary>
    public IReadOnlyList<string> SharedRoots { get; init; } = [];

    /// <summary>Analyses, audio tracks and muxes at a time on a coordinator.</summary>
    public int Tasks { get; init; } = 1;

    /// <summary>Seconds between two heartbeats.</summary>
    public double BeatSeconds { get; init; } = 1;

    /// <summary>Seconds of silence after which a node is unreachable.</summary>
    public double UnreachableSeconds { get; init; } = 4;

    /// <summary>Seconds of silence after which a node is given up.</summary>
    public double DownSeconds { get; init; } = 20;

    /// <summary>Seconds for which a coordinator's lease is taken and renewed.</summary>
    public double LeaseSeconds { get; init; } = 5;

    /// <summary>Seconds that a leaving node lets running attempts finish before it hands them back.</summary>
    public double LeaveSeconds { get; init; } = 60;

    /// <summary>Bytes of fetched pieces that a worker keeps.</summary>
    public long CacheLimit { get; init; } = 8L << 30;
}
