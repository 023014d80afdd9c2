using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm.Videos;

/// <summary>Removes what a finished job leaves in the work directory; journal and log stay.</summary>
public sealed class CleanerActor(TaskContext task) : LongTask(task, new TaskId(TaskKind.Clean))
{
    /// <summary>What lies in the store of it.</summary>
    static readonly string[] Stored = ["encoded", "segments", "audio"];

    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        if (Job.State.Spec!.Options.KeepWork)
        {
            return new WorkSwept();
        }
        foreach (var destination in Job.State.Spec.Destinations.Where(one => !S3Address.Is(one)))
        {
            Delivery.SweepTemporaries(destination, Job.Video);
        }
        foreach (var folder in Stored)
        {
            foreach (var name in await Job.Store.ListAsync($"{Job.Video}/{folder}", cancellation))
            {
                await Job.Store.DeleteAsync(name, cancellation);
            }
        }
        JobScratch.Remove(Job.Directory);
        return new WorkSwept();
    }
}
