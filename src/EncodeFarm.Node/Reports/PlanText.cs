using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Reports;

/// <summary>The plan for people.</summary>
public static class PlanText
{
    public static IEnumerable<string> Lines(PlanReport plan)
    {
        var analysis = plan.Analysis;
        yield return $"{Words.Name(plan.Source)} ({plan.Container}, {Words.Bytes(plan.SourceBytes)})";
        yield return $"  {analysis.Frames} frames, {Words.Rate(analysis.FrameRate)} fps{(analysis.VariableFrameRate ? " on average (variable)" : "")}, {Words.Time(TimeSpan.FromSeconds(analysis.DurationSeconds))}";
        yield return $"  HDR: {analysis.Hdr}{(analysis.DolbyVision is null ? "" : $", Dolby Vision {analysis.DolbyVision}")}{(analysis.Interlaced ? "; interlaced: each frame becomes one progressive picture, pulldown is kept" : "")}";
        yield return $"  crop: {analysis.Crop ?? "none"}, confidence {Words.Number(plan.CropConfidence, 2)}: {plan.CropReason}";
        yield return "";
        foreach (var line in Streams(plan.Streams))
        {
            yield return line;
        }
        if (plan.Chapters > 0)
        {
            yield return $"  {Words.Count(plan.Chapters, "chapter")}";
        }
        foreach (var rendition in plan.Renditions)
        {
            yield return "";
            if (rendition.Skipped is not null)
            {
                yield return $"{rendition.Name} (skipped: {rendition.Skipped})";
                continue;
            }
            yield return $"{rendition.Name} → {Words.Name(rendition.Destination)} ({rendition.Width}x{rendition.Height})";
            yield return $"  {string.Join(", ", rendition.Settings.Select(setting => $"{setting.Key} {setting.Value}"))}";
        }
        yield return "";
        if (plan.Unchunked is not null)
        {
            yield return $"in one piece: {plan.Unchunked}";
        }
        foreach (var line in Segments(plan.Segments))
        {
            yield return line;
        }
        foreach (var warning in plan.Warnings)
        {
            yield return $"⚠ {warning}";
        }
    }

    private static IEnumerable<string> Streams(IReadOnlyList<StreamReport> streams)
    {
        var table = new TextTable(">#", "stream", "codec", "language", "title", "");
        foreach (var stream in streams)
        {
            table.Add(
                Words.Number(stream.Index, 0),
                stream.Kind,
                stream.Codec ?? Words.Unknown,
                stream.Language ?? Words.Unknown,
                Words.Name(stream.Title ?? Words.Unknown),
                Words.Name(stream.Detail)
            );
        }
        return table.Lines("  ");
    }

    private static IEnumerable<string> Segments(IReadOnlyList<PlannedSegmentReport> segments)
    {
        var table = new TextTable(">seg", ">first frame", ">frames", ">at", ">length");
        foreach (var segment in segments)
        {
            table.Add(
                Words.Number(segment.Index, 0),
                Words.Number(segment.StartFrame, 0),
                Words.Number(segment.Frames, 0),
                $"{Words.Number(segment.StartSeconds, 3)} s",
                $"{Words.Number(segment.DurationSeconds, 3)} s"
            );
        }
        return table.Lines("  ").Prepend(Words.Count(segments.Count, "segment"));
    }
}
