using EncodeFarm.Farm;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Embedded;

/// <summary>Makes the view of what the monitor holds. It remembers who sits in which slot, and where this run began.</summary>
public sealed class ViewBuilder(IReadOnlyList<JobSpec> jobs, int slots, TimeProvider time)
{
    private readonly string?[] _seats = new string?[slots];
    private readonly Dictionary<string, (double Frames, long Clock)> _starts = [];

    public FarmView Build(FarmMonitor monitor)
    {
        var (videos, dispatch) = (monitor.Videos, monitor.Dispatch);
        return new FarmView(
            [
                .. jobs.Select(job =>
                    Job(job, videos.GetValueOrDefault(job.Id, VideoState.Empty), dispatch)
                ),
            ],
            Slots(dispatch)
        );
    }

    private JobView Job(JobSpec spec, VideoState state, DispatchSnapshot dispatch)
    {
        var name = Path.GetFileName(spec.Source.Path);
        var phase = state.State.ToString().ToLowerInvariant();
        var delivered = state.Renditions.Count(rendition => rendition.Delivered);
        var waiting = dispatch.Waiting.GetValueOrDefault(spec.Id);
        if (state.Plan is not { } plan)
        {
            return new JobView(
                name,
                phase,
                null,
                null,
                null,
                null,
                null,
                delivered,
                spec.Destinations.Count,
                waiting
            );
        }
        var wanted = state.Renditions.Count(rendition => rendition.Skipped is null);
        double total = (double)plan.Segments.Sum(segment => segment.Frames) * wanted;
        var settled = state
            .Renditions.SelectMany(rendition => rendition.Segments)
            .Sum(segment => segment.Done?.Figures.Frames ?? 0);
        var done = settled + InWork(spec.Id, state, dispatch);
        var start = StartOf(spec.Id, settled);
        var (fps, left) =
            state.State == JobState.Encoding
                ? Eta.Of(start.Frames, done, total, time.GetElapsedTime(start.Clock))
                : (null, null);
        return new JobView(
            name,
            phase,
            Math.Min(1, done / total),
            fps,
            left,
            state.Renditions.Sum(rendition =>
                rendition.Segments.Count(segment => segment.Done is not null)
            ),
            state.Renditions.Sum(rendition => rendition.Segments.Length),
            delivered,
            wanted,
            waiting
        );
    }

    private (double Frames, long Clock) StartOf(string job, double frames)
    {
        if (!_starts.TryGetValue(job, out var start))
        {
            _starts[job] = start = (frames, time.GetTimestamp());
        }
        return start;
    }

    private static double InWork(string job, VideoState state, DispatchSnapshot dispatch) =>
        dispatch
            .Leases.Where(lease =>
                lease.Video == job
                && state.Has(lease.Segment)
                && state.Segment(lease.Segment).Done is null
            )
            .Sum(lease =>
                (lease.Progress?.Fraction ?? 0) * state.Plan!.Segments[lease.Segment.Index].Frames
            );

    private IReadOnlyList<SlotView> Slots(DispatchSnapshot dispatch)
    {
        var leases = dispatch
            .Leases.Where(lease => !lease.Finished)
            .ToDictionary(lease => lease.Attempt);
        var present = leases.Keys.Concat(dispatch.Tasks).ToList();
        for (var seat = 0; seat < _seats.Length; seat++)
        {
            if (_seats[seat] is { } sitting && !present.Contains(sitting))
            {
                _seats[seat] = null;
            }
        }
        foreach (var newcomer in present.Except(_seats))
        {
            var free = Array.IndexOf(_seats, null);
            if (free >= 0)
            {
                _seats[free] = newcomer;
            }
        }
        return [.. _seats.Select((sitting, seat) => Slot(seat + 1, sitting, leases))];
    }

    private SlotView Slot(int number, string? sitting, Dictionary<string, Lease> leases)
    {
        if (sitting is null)
        {
            return new SlotView(number, null, null, null, null);
        }
        if (!leases.TryGetValue(sitting, out var lease))
        {
            // "<job>/audio-0-1", "<job>/muxer-0"
            return new SlotView(
                number,
                sitting[(sitting.LastIndexOf('/') + 1)..],
                null,
                null,
                null
            );
        }
        var spec = jobs.First(job => job.Id == lease.Video);
        var rendition =
            spec.Destinations.Count > 1
                ? $" of {spec.Profile.Renditions[lease.Segment.Rendition].Name}"
                : "";
        return new SlotView(
            number,
            $"segment {lease.Segment.Index}{rendition}",
            lease.Progress?.Phase,
            lease.Progress?.Fraction,
            lease.Progress?.Fps
        );
    }
}
