using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Embedded;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Hosting;

/// <summary>What the roles of a node share.</summary>
/// <param name="Jobs">Where the commands of jobs are logged that this node does as their coordinator.</param>
public sealed record NodeParts(
    FarmConfiguration Configuration,
    NodeHome Home,
    ToolSet Tools,
    IFarmTransport Transport,
    ClusterNode Node,
    IArtifactStore Store,
    NodeLog Jobs,
    FarmLog Log,
    TimeProvider Time,
    CoordinatedShutdown Shutdown
)
{
    public FarmSettings Farm => Configuration.Farm;

    public ClusterSettings Cluster => Farm.Cluster;

    public EncodeLimits Limits => AttemptLimits.Of(Farm);

    /// <summary>Where finished files go that are delivered to buckets.</summary>
    public S3Outputs Outputs => NodeStores.Outputs(Farm, Time, Jobs.Cluster, patient: true);

    public NodeApi NewApi() => new(Node, Transport, new ApiOptions(Configuration, Time));
}
