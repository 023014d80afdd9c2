namespace EncodeFarm.Node.Display;

/// <summary>A view as lines for logs and pipes: one line per job.</summary>
public static class PlainView
{
    public static IEnumerable<string> Of(FarmView view) => view.Jobs.Select(Line);

    private static string Line(JobView job)
    {
        var parts = new List<string>
        {
            job.Waiting is null ? job.Phase : $"{job.Phase}: {job.Waiting}",
        };
        if (job.Fraction is not null)
        {
            parts.Add(Words.Percent(job.Fraction));
        }
        if (job is { SegmentsDone: { } done, SegmentsTotal: { } total })
        {
            parts.Add($"segments {done}/{total}");
        }
        if (job.RenditionsTotal > 1)
        {
            parts.Add($"files {job.RenditionsDelivered}/{job.RenditionsTotal}");
        }
        if (job.Fps is not null)
        {
            parts.Add($"{Words.Number(job.Fps, 1)} fps");
        }
        if (job.Eta is not null)
        {
            parts.Add($"{Words.Time(job.Eta)} left");
        }
        return $"{Words.Name(job.Name)}: {string.Join(", ", parts)}";
    }
}
