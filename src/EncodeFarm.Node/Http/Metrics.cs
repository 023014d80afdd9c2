using System.Text;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Node.Http;

/// <summary>What a node can count, in the text format of Prometheus (version 0.0.4).</summary>
public static class Metrics
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <param name="jobs">Of the coordinator that decides; empty elsewhere.</param>
    public static string Write(INodeView node, IReadOnlyList<JobEntry> jobs, TimeProvider time)
    {
        var text = new MetricText();
        text.Gauge(
            "encodefarm_info",
            "This node.",
            (1, [("node", node.Card.Address.Name), ("version", node.Card.ProductVersion)])
        );
        text.Gauge(
            "encodefarm_uptime_seconds",
            "Since this process started.",
            ((time.GetUtcNow() - node.StartedAt).TotalSeconds, [])
        );
        text.Gauge(
            "encodefarm_broker_connected",
            "1 while the broker answers.",
            (node.IsConnected ? 1 : 0, [])
        );
        text.Gauge(
            "encodefarm_coordinator",
            "1 on the node that decides.",
            (node.Coordinator is null ? 0 : 1, [])
        );
        text.Gauge(
            "encodefarm_memory_bytes",
            "Working set of this process.",
            (Environment.WorkingSet, [])
        );
        if (node.Slots is { } slots)
        {
            text.Gauge(
                "encodefarm_slots",
                "Segments that this node encodes at a time.",
                (slots, [])
            );
        }
        text.Gauge(
            "encodefarm_members",
            "Members of the cluster by state.",
            [
                .. node
                    .Members.Members.GroupBy(member => (member.Status, member.Unreachable))
                    .Select(group =>
                        (
                            (double)group.Count(),
                            Labels(
                                ("status", group.Key.Status.ToString().ToLowerInvariant()),
                                ("reachable", group.Key.Unreachable ? "false" : "true")
                            )
                        )
                    ),
            ]
        );
        if (node.Coordinator is { } coordinator)
        {
            OfCoordinator(text, coordinator, jobs);
        }
        return text.ToString();
    }

    private static void OfCoordinator(
        MetricText text,
        ICoordinator coordinator,
        IReadOnlyList<JobEntry> jobs
    )
    {
        text.Gauge("encodefarm_epoch", "Of this coordinator.", (coordinator.Epoch, []));
        text.Gauge(
            "encodefarm_jobs",
            "Jobs by state.",
            [
                .. Enum.GetValues<JobState>()
                    .Select(state =>
                        (
                            (double)jobs.Count(job => job.State == state),
                            Labels(("state", state.ToString().ToLowerInvariant()))
                        )
                    ),
            ]
        );
        text.Gauge(
            "encodefarm_jobs_paused",
            "Unfinished jobs that are paused.",
            (jobs.Count(job => job is { Paused: true, Over: false }), [])
        );
        var dispatch = coordinator.Monitor.Dispatch;
        text.Gauge(
            "encodefarm_node_slots",
            "Slots of each worker.",
            [.. dispatch.Nodes.Select(n => ((double)n.Slots, Labels(("node", n.Name))))]
        );
        text.Gauge(
            "encodefarm_attempts",
            "Attempts that run, by node.",
            [
                .. dispatch.Nodes.Select(n =>
                    (
                        (double)dispatch.Leases.Count(l => l.Node == n.Name && !l.Finished),
                        Labels(("node", n.Name))
                    )
                ),
            ]
        );
        var segments = coordinator
            .Monitor.Videos.Values.Where(video => !video.Finished)
            .SelectMany(video => video.Renditions)
            .SelectMany(rendition => rendition.Segments)
            .ToList();
        text.Gauge(
            "encodefarm_segments",
            "Segments of unfinished jobs.",
            (segments.Count(s => s.Done is not null), Labels(("result", "done"))),
            (segments.Count(s => s.Done is null), Labels(("result", "open")))
        );
        text.Gauge(
            "encodefarm_segment_attempts",
            "Attempts at segments of unfinished jobs, by result.",
            (segments.Count(s => s.Done is not null), Labels(("result", "encoded"))),
            (segments.Sum(s => s.Tries.Failures), Labels(("result", "failed"))),
            (segments.Sum(s => s.Losses), Labels(("result", "lost")))
        );
    }

    private static (string, string)[] Labels(params (string, string)[] labels) => labels;
}

/// <summary>Writes the lines of the format.</summary>
public sealed class MetricText
{
    private readonly StringBuilder _text = new();

    public void Gauge(
        string name,
        string help,
        params (double Value, (string Name, string Value)[] Labels)[] samples
    )
    {
        _text.Append($"# HELP {name} {help}\n# TYPE {name} gauge\n");
        foreach (var (value, labels) in samples)
        {
            var inside = string.Join(',', labels.Select(l => $"{l.Name}=\"{Escape(l.Value)}\""));
            _text
                .Append(name)
                .Append(inside.Length == 0 ? "" : $"{{{inside}}}")
                .Append($" {value:0.###}\n");
        }
    }

    public override string ToString() => _text.ToString();

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}
