using EncodeFarm.Contracts;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

/// <summary>What a look at the cluster has shown.</summary>
public sealed record ClusterSeen(IReadOnlyList<JobInfo> Jobs, IReadOnlyList<NodeInfo> Nodes)
{
    public static readonly ClusterSeen Nothing = new([], []);
}

/// <summary>The cluster as bars: unfinished jobs, then each worker and its slots.</summary>
public static class ClusterView
{
    public static FarmView Of(ClusterSeen seen) =>
        new([.. seen.Jobs.Where(job => !job.Finished).Select(Job)], [])
        {
            Nodes =
            [
                .. seen
                    .Nodes.Where(node => node.Slots is not null || IsMissed(node.Member))
                    .Select(node => new NodeView(
                        node.Member.Name,
                        node.Running,
                        node.Slots,
                        node.Attempts.Sum(attempt => attempt.Fps),
                        node.Closed,
                        [.. node.Attempts.Select(Slot)]
                    )),
            ],
        };

    /// <summary>A worker that is still a member; what it had is no longer counted on.</summary>
    private static bool IsMissed(MemberInfo member) =>
        member is { Unreachable: true, Status: not "down" } && member.Roles.Contains("worker");

    private static JobView Job(JobInfo job) =>
        new(
            Path.GetFileName(job.Source),
            JobText.State(job),
            job.Fraction,
            job.Fps,
            job.EtaSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            job.Segments == 0 ? null : job.SegmentsDone,
            job.Segments == 0 ? null : job.Segments,
            job.Delivered,
            job.Renditions,
            job.Waiting
        );

    private static SlotView Slot(AttemptInfo attempt, int index) =>
        new(
            index + 1,
            $"{attempt.Job[..Math.Min(6, attempt.Job.Length)]} segment {attempt.Segment} of {attempt.Rendition}",
            attempt.Phase,
            attempt.Fraction,
            attempt.Fps
        );
}
