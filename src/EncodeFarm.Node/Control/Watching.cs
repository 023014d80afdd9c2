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
    /// <summary>Between two pictures on a terminal.</summary>
    private static readonly TimeSpan Moving = TimeSpan.FromSeconds(0.5);

    /// <summary>Between two lines about the same.</summary>
    private static readonly TimeSpan Writing = TimeSpan.FromSeconds(2);

    private readonly ClusterLooks _looks = new(call.Api, Moving, call.Context.Time);
    private readonly HashSet<string> _written = [];
    private long? _writtenAt;

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
        }
    }

    private static string Ended(JobInfo job) =>
        job.State == "Completed"
            ? $"✓ {job.Id} completed: {Words.Name(job.Source)}"
            : $"✗ {job.Id} {job.State.ToLowerInvariant()}: {Words.Name(job.Source)}{(job.Error is null ? "" : $": {job.Error}")}";

    /// <summary>A coordinator that does not answer for a while is a line on the screen, and no end.</summary>
    private async Task<(ClusterSeen Seen, string? Trouble)> LookAsync(
        IReadOnlyList<string> wanted,
        CancellationToken cancellation
    )
    {
        try
        {
            return (await _looks.NextAsync(wanted, cancellation), null);
        }
        catch (FarmApiException error)
        {
            return (ClusterSeen.Nothing, error.Message);
        }
    }

    private IEnumerable<ControlLine> Show(ClusterSeen seen, string? trouble)
    {
        var view = ClusterView.Of(seen);
        if (call.Request.Width is { } width)
        {
            var bars = LiveView.Render(view, Math.Clamp(width, 20, 400), call.Request.Color);
            yield return new ControlLine(Live: trouble is null ? bars : $"{bars}⚠ {trouble}\n");
            yield break;
        }
        if (_writtenAt is { } last && call.Context.Time.GetElapsedTime(last) < Writing)
        {
            yield break;
        }
        _writtenAt = call.Context.Time.GetTimestamp();
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
}
