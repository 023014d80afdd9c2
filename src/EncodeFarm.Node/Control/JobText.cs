using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Control;

/// <summary>Jobs as people read them.</summary>
public static class JobText
{
    public static string State(JobInfo job)
    {
        var state = job.State.ToLowerInvariant();
        return job is { Paused: true, Finished: false } ? $"{state} (paused)" : state;
    }

    public static IEnumerable<string> Lines(JobDetail detail)
    {
        var job = detail.Job;
        yield return $"{job.Id}  {State(job)}  {Words.Name(job.Source)}";
        yield return $"  profile {job.Profile}, priority {job.Priority}, submitted {job.SubmittedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";
        if (job.Segments > 0)
        {
            var speed = job.Fps is null ? "" : $", {Words.Number(job.Fps, 1)} fps";
            var left = job.EtaSeconds is { } seconds
                ? $", {Words.Time(TimeSpan.FromSeconds(seconds))} left"
                : "";
            yield return $"  {Words.Percent(job.Fraction)}, {job.SegmentsDone} of {Words.Count(job.Segments, "segment")}, {job.Running} running{speed}{left}";
        }
        if (detail.AudioTracks > 0)
        {
            yield return $"  audio {detail.AudioTracksDone} of {Words.Count(detail.AudioTracks, "track")}";
        }
        foreach (var rendition in detail.Renditions)
        {
            var size = rendition.SizeBytes is null ? "" : $", {Words.Bytes(rendition.SizeBytes)}";
            yield return $"  {rendition.Name} → {Words.Name(rendition.Output)} ({rendition.State.ToLowerInvariant()}{size})";
            if (rendition.Error is not null)
            {
                var mark = rendition.State == "Failed" ? "✗" : "⚠";
                yield return $"    {mark} {rendition.Error}";
            }
        }
        foreach (var task in detail.Tasks)
        {
            yield return $"  runs {task}";
        }
        foreach (var attempt in detail.Attempts)
        {
            yield return $"  runs {NodeText.Attempt(attempt)} on {attempt.Node}";
        }
        if (job.Waiting is not null)
        {
            yield return $"  waits: {job.Waiting}";
        }
        foreach (var warning in detail.Warnings)
        {
            yield return $"  ⚠ {warning}";
        }
        if (job.Error is not null)
        {
            yield return $"  ✗ {job.Error}";
        }
    }
}

public static class SegmentText
{
    public static TextTable Table(IReadOnlyList<SegmentInfo> segments)
    {
        var table = new TextTable(
            "rendition",
            ">seg",
            ">start",
            ">frames",
            "state",
            "node",
            ">tries",
            ">CRF",
            ">VMAF",
            ">size",
            ""
        );
        foreach (var segment in segments)
        {
            table.Add(
                segment.Rendition,
                $"{segment.Index}",
                $"{segment.StartFrame}",
                $"{segment.Frames}",
                segment.State,
                segment.Node ?? "",
                $"{segment.Attempts}",
                Words.Number(segment.Crf, 1),
                Words.Number(segment.Vmaf, 2),
                Words.Bytes(segment.SizeBytes),
                segment.Phase is { } phase
                    ? $"{phase} {Words.Percent(segment.Fraction)}"
                    : segment.Waiting ?? ""
            );
        }
        return table;
    }

    /// <summary>A letter for each segment: # done, &gt; running, x failed, ! tried before, . waiting.</summary>
    public static IEnumerable<SegmentMapRow> Map(IReadOnlyList<SegmentInfo> segments) =>
        segments
            .GroupBy(segment => segment.Rendition)
            .Select(rendition => new SegmentMapRow(
                rendition.Key,
                string.Concat(rendition.Select(Letter)),
                rendition.Count(segment => segment.State == "done"),
                rendition.Count()
            ));

    /// <summary>"r0 [#>.!] 1/4".</summary>
    public static string Line(SegmentMapRow row) =>
        $"{row.Rendition} [{row.Map}] {row.Done}/{row.Segments}";

    private static char Letter(SegmentInfo segment) =>
        segment.State switch
        {
            "done" => '#',
            "running" => '>',
            "failed" => 'x',
            _ => segment.Failures + segment.Losses > 0 ? '!' : '.',
        };
}
