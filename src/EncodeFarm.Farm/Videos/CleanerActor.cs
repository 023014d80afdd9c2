using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Mux;

namespace EncodeFarm.Farm.Videos;

/// <summary>Removes what a finished job leaves in the work directory; journal and log stay.</summary>
public sealed class CleanerActor(TaskContext task) : LongTask(task, new TaskId(TaskKind.Clean))
{
    /// <summary>The work layout of a job (block S1), without journal and log.</summary>
    static readonly string[] Folders =
    [
        "segments",
        "encoded",
        "audio",
        "out",
        "source",
        "attempts",
        "results",
    ];

    /// <summary>What lies in the store of it.</summary>
    static readonly string[] Stored = ["encoded", "segments", "audio"];
    static readonly string[] Files = ["segment_list.txt", "frames.bin"];

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
        foreach (var folder in Folders.Select(name => Path.Combine(Job.Directory, name)))
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        foreach (var file in Files.Select(name => Path.Combine(Job.Directory, name)))
        {
            File.Delete(file);
        }
        return new WorkSwept();
    }
}
