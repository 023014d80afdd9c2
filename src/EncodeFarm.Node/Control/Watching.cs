using System.Runtime.CompilerServices;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

/// <summary>
/// Shows jobs, nodes and slots until the jobs named are finished, or for ever. A terminal gets bars that move, others
/// a line where something has changed.
/// </summary>
/// <param name="jobs">Ids or beginnings; empty for all that is open.</param>
public sealed class Watching(ControlCall call, IReadOnlyList<string> jobs)
{
    private static readonly TimeSpan Moving = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan Writing = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _written = [];

    public async IAsyncEnumerable<ControlLine> RunAsync(
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var wanted = new List<string>();
        foreach (var job in jobs)
        {
            wanted.Add((await call.Api.JobAsync(job, cancellation)).Job.Id);
        }
        var finished = new Dictionary<string, JobInfo>();
        while (true)
        {
            var (seen, trouble) = await LookAsync(wanted, cancellation);
            foreach (var job in seen.Jobs.Where(job => job.Finished && wanted.Contains(job.Id)))
            {
                if (finished.TryAdd(job.Id, job))
                {
                    yield return Line.Of(Ended(job), job);
                }
            }
            if (wanted.Count > 0 && finished.Count == wanted.Count)
            {
                var failed = finished.Values.Any(job => job.State != "Completed");
                yield return new ControlLine(
                    Live: call.Request.Width is null ? null : "",
                    Exit: failed ? ControlExit.Failed : ControlExit.Ok
                );
                yield break;
            }
            foreach (var line in Show(seen, trouble))
            {
                yield return line;
            }
            var pause = call.Request.Width is null ? Writing : Moving;
            await Task.Delay(pause, call.Context.Time, cancellation);
        }
    }

    private static string Ended(JobInfo job) =>
        job.State == "Completed"
            ? $"✓ {job.Id} completed: {Words.Name(job.Source)}"
            : $"✗ {job.Id} {job.State.ToLowerInvariant()}: {Words.Name(job.Source)}{(job.Error is null ? "" : $": {job.Error}")}";

    private sealed record Seen(IReadOnlyList<JobInfo> Jobs, IReadOnlyList<NodeInfo> Nodes)
    {
        public static readonly Seen Nothing = new([], []);
    }

    /// <summary>A coordinator that does not answer for a while is a line on the screen, and no end.</summary>
    private async Task<(Seen Seen, string? Trouble)> LookAsync(
        IReadOnlyList<string> wanted,
        CancellationToken cancellation
    )
    {
        try
        {
            var nodes = call.Api.NodesAsync(cancellation);
            var all = (await call.Api.JobsAsync(wanted.Count == 0, cancellation)).Jobs;
            return (
                new Seen(
                    [.. all.Where(job => wanted.Count == 0 || wanted.Contains(job.Id))],
                    (await nodes).Nodes
                ),
                null
            );
        }
        catch (FarmApiException error)
        {
            return (Seen.Nothing, error.Message);
        }
    }

    private IEnumerable<ControlLine> Show(Seen seen, string? trouble)
    {
        var view = ViewOf(seen);
        if (call.Request.Width is { } width)
        {
            var bars = LiveView.Render(view, Math.Clamp(width, 20, 400), call.Request.Color);
            yield return new ControlLine(Live: trouble is null ? bars : $"{bars}⚠ {trouble}\n");
            yield break;
        }
        var lines = seen
            .Jobs.Where(job => !job.Finished)
            .Zip(PlainView.Of(view), (job, text) => Line.Of($"{job.Id} {text}", job))
            .ToList();
        if (trouble is not null)
        {
            lines.Add(Line.Text($"⚠ {trouble}"));
        }
        foreach (var line in lines.Where(line => !_written.Contains(line.Text!)))
        {
            yield return line;
        }
        _written.Clear();
        _written.UnionWith(lines.Select(line => line.Text!));
    }

    private static FarmView ViewOf(Seen seen) =>
        new([.. seen.Jobs.Where(job => !job.Finished).Select(Job)], [])
        {
            Nodes =
            [
                .. seen
                    .Nodes.Where(node => node.Slots is not null)
                    .Select(node => new NodeView(
                        node.Member.Name,
                        node.Running,
                        node.Slots!.Value,
                        node.Attempts.Sum(attempt => attempt.Fps),
                        node.Closed,
                        [.. node.Attempts.Select(Slot)]
                    )),
            ],
        };

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
            FormattableString.Invariant(
                $"{attempt.Job[..Math.Min(6, attempt.Job.Length)]} segment {attempt.Segment} of {attempt.Rendition}"
            ),
            attempt.Phase,
            attempt.Fraction,
            attempt.Fps
        );
}
