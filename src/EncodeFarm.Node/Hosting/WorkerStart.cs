using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Work;
using EncodeFarm.Node.Embedded;

namespace EncodeFarm.Node.Hosting;

/// <summary>Starts what a node with the role worker does: it takes segments while it has slots.</summary>
internal static class WorkerStart
{
    public static void Run(NodeParts parts, GuardBoard guard, Func<NodeResources?> resources)
    {
        var log = new NodeLog(parts.Log, parts.Home.Encoding, parts.Time);
        var cache = new ArtifactCache(
            parts.Store,
            parts.Home.Cache,
            parts.Cluster.CacheLimit,
            parts.Time
        );
        var media = new MediaWork(
            parts.Tools,
            parts.Limits,
            job => log.Runner(job, parts.Home.Id),
            parts.Outputs
        );
        Directory.CreateDirectory(parts.Home.Encoding);
        WorkerScratch.Clear(parts.Home.Encoding);
        var sweep = new WorkerSweep(
            parts.Home.Encoding,
            log,
            TimeSpan.FromDays(parts.Farm.RetentionDays),
            parts.Time
        );
        parts.Shutdown.Add(
            "actor-system-terminate",
            () =>
            {
                sweep.Dispose();
                return Task.CompletedTask;
            }
        );
        var options = new WorkerOptions(
            SlotCount.For(parts.Farm),
            parts.Tools.Fingerprint,
            parts.Home.Encoding,
            null,
            () => DiskGuard.Closed(parts.Home.Encoding, EncodeRun.MinimumFree) ?? guard.Now.Closed
        )
        {
            Beat = TimeSpan.FromSeconds(parts.Cluster.BeatSeconds),
            Labels = new LabelBoard(parts.Cluster.Labels),
            Guard = guard,
            Resources = resources,
        };
        parts.Node.StartWorker(
            () => new WorkerActor(options, parts.Transport, parts.Store, cache.OpenAsync, media),
            options
        );
    }
}
