namespace EncodeFarm.Cluster.Members;

/// <summary>
/// What a node's machine has, sent with every sign of life. What is null is not known (an older product version sends
/// nothing), and limits nothing.
/// </summary>
/// <param name="Cores">That the node may use.</param>
/// <param name="Memory">Bytes of the machine, or of the control group that the node runs in.</param>
/// <param name="MemoryFree">Bytes that could be taken now.</param>
/// <param name="DiskFree">Bytes that the node may still write below its work directory.</param>
public sealed record NodeResources(int? Cores, long? Memory, long? MemoryFree, long? DiskFree)
{
    /// <summary>Load that is not the farm's, 0..100 percent of all cores over 10 s; null of a node that is no worker.</summary>
    public int? ForeignLoad { get; init; }

    /// <summary>Bytes that one attempt may take at most; null of a node that is no worker.</summary>
    public long? AttemptLimit { get; init; }

    /// <summary>
    /// Bytes that all attempts together may take as things stand: what is free and what they have already, and never
    /// more than <see cref="AttemptLimit"/>.
    /// </summary>
    public long? AttemptRoom { get; init; }
}
