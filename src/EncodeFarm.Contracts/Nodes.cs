namespace EncodeFarm.Contracts;

/// <summary>A member of the cluster, as the coordinator announces it.</summary>
/// <param name="Address"><c>farm://encodefarm@host:port</c>.</param>
/// <param name="Incarnation">Of its process.</param>
/// <param name="Status">joining, up, leaving, exiting or down.</param>
/// <param name="Reason">Why it is down or leaving.</param>
public sealed record MemberInfo(
    string Address,
    string Name,
    string Incarnation,
    IReadOnlyList<string> Roles,
    string Status,
    bool Unreachable,
    bool Draining,
    string Version,
    string? Reason
);

public sealed record MemberList(long Epoch, IReadOnlyList<MemberInfo> Members)
{
    /// <summary>How long ago a coordinator has announced it: more than a few beats mean that none is heard. Null where that is not known.</summary>
    public double? AgeSeconds { get; init; }
}

/// <summary>The coordinator that decides.</summary>
public sealed record LeaderInfo(string Address, string Name, long Epoch);

/// <summary>Names a member: its node name, its address, or its host:port.</summary>
/// <param name="Force">Also where it is the coordinator that decides.</param>
public sealed record MemberRequest(string Address, bool Force = false);

/// <summary>A member and what it works on.</summary>
/// <param name="Slots">Null where it is no worker, or was not heard of yet.</param>
/// <param name="Closed">Why it takes no new attempts; null where it does.</param>
/// <param name="Fingerprint">Of its tools.</param>
public sealed record NodeInfo(
    MemberInfo Member,
    int? Slots,
    int Running,
    string? Closed,
    string? Fingerprint,
    IReadOnlyList<AttemptInfo> Attempts
)
{
    /// <summary>Null where it is no worker, or was not heard of yet.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Null where it has not told yet.</summary>
    public MachineInfo? Machine { get; init; }
}

/// <summary>What a node's machine has. What is not known is left out.</summary>
/// <param name="Cores">That the node may use.</param>
/// <param name="MemoryBytes">Of the machine, or of the container that the node runs in.</param>
/// <param name="MemoryFreeBytes">That could be taken now.</param>
/// <param name="DiskFreeBytes">Of the work directory.</param>
/// <param name="ForeignLoad">Load that is not the farm's, percent of all cores over 10 s; of workers.</param>
/// <param name="AttemptMemoryBytes">That one attempt may take at most; of workers.</param>
public sealed record MachineInfo(
    int? Cores,
    long? MemoryBytes,
    long? MemoryFreeBytes,
    long? DiskFreeBytes,
    int? ForeignLoad,
    long? AttemptMemoryBytes
);

public sealed record NodeList(IReadOnlyList<NodeInfo> Nodes)
{
    /// <summary>Of all that the coordinator knows of jobs and attempts; null of one that does not count.</summary>
    public long? Version { get; init; }
}

public sealed record SlotsRequest(int Slots);

/// <summary>Other values for some labels, and others removed.</summary>
public sealed record LabelsRequest(
    IReadOnlyDictionary<string, string>? Set = null,
    IReadOnlyList<string>? Remove = null
);

/// <summary>The labels of a worker, from now on.</summary>
public sealed record NodeLabels(string Node, IReadOnlyDictionary<string, string> Labels);

/// <summary>Other limits of the load that is not the farm's; null leaves one as it is.</summary>
/// <param name="High">1..100, percent of all cores.</param>
/// <param name="Low">0..100, and not above <paramref name="High"/>.</param>
public sealed record GuardRequest(int? High = null, int? Low = null);

/// <summary>When a worker is too busy with other things to take work. Percent of all cores, over 10 s.</summary>
/// <param name="High">Load that is not the farm's, above which no new work is taken; 100 always takes it.</param>
/// <param name="Low">Below this it is taken again.</param>
/// <param name="Load">Now; null where it is not known.</param>
/// <param name="Closed">Why no work is taken now; null where it is.</param>
public sealed record NodeGuard(string Node, int High, int Low, int? Load, string? Closed);

/// <summary>An empty answer.</summary>
/// <param name="Message">What was done, as a sentence.</param>
public sealed record Done(string Message);
