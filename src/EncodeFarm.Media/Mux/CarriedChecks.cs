namespace EncodeFarm.Media.Mux;

/// <summary>Holds subtitles, chapters, attachments and the file itself against the source.</summary>
internal static class CarriedChecks
{
    private const double ChapterTolerance = 0.002;

    /// <summary>Requirement W5: the whole file's duration within a second.</summary>
    private const double DurationTolerance = 1;

    public static IEnumerable<ValidationCheck> Of(
        ValidationRequest request,
        CarryPlan plan,
        OutputFacts found
    ) =>
        [
            .. WholeFile(request, found),
            .. found.Tracks.OfType("video") is [var video, ..]
                ? LabelChecks.Of("video", plan.Video, video)
                : [],
            .. Subtitles(plan, found),
            .. Chapters(request, found),
            Check.Equal("attachments", plan.Attachments.Count, found.OfType("attachment").Count),
        ];

    private static IEnumerable<ValidationCheck> WholeFile(
        ValidationRequest request,
        OutputFacts found
    )
    {
        var content = request.Video.SizeBytes + request.Audio.Sum(audio => audio.SizeBytes);
        // IVF spends 12 bytes on a frame, Matroska at least 6; nothing else can be saved.
        var least = content * 9 / 10 - 14L * request.Video.Frames - 32;
        yield return new ValidationCheck(
            "file size",
            $"at least {least} bytes",
            $"{found.SizeBytes} bytes",
            found.SizeBytes >= least
        );
        var streams = found
            .Streams.Where(stream => stream.Type != "attachment")
            .Select(stream => found.Packets.GetValueOrDefault(stream.Index) ?? new StreamPackets())
            .Where(packets => packets.Count > 0)
            .ToList();
        // mkvmerge counts from the first packet, wherever that is.
        var span =
            streams.Select(packets => packets.EndSeconds).DefaultIfEmpty(0).Max()
            - streams.Select(packets => packets.StartSeconds).DefaultIfEmpty(0).Min();
        yield return Check.Near(
            "duration of the file",
            span,
            found.DurationSeconds,
            DurationTolerance
        );
    }

    private static IEnumerable<ValidationCheck> Subtitles(CarryPlan plan, OutputFacts found)
    {
        var tracks = found.Tracks.OfType("subtitles");
        yield return Check.Equal("subtitle tracks", plan.Subtitles.Count, tracks.Count);
        foreach (
            var (subtitle, index) in plan.Subtitles.Take(tracks.Count).Select((s, i) => (s, i))
        )
        {
            foreach (
                var check in LabelChecks.Of(
                    $"subtitle track {index}",
                    subtitle.Labels,
                    tracks[index]
                )
            )
            {
                yield return check;
            }
        }
    }

    private static IEnumerable<ValidationCheck> Chapters(
        ValidationRequest request,
        OutputFacts found
    )
    {
        var planned = request.Analysis.Chapters;
        yield return Check.Equal("chapters", planned.Count, found.Chapters.Count);
        var zero = OutputClock.ZeroSeconds(request.Analysis);
        foreach (var (chapter, index) in planned.Zip(found.Chapters).Select((pair, i) => (pair, i)))
        {
            yield return Check.Near(
                $"chapter {index} start",
                Math.Max(0, chapter.First.StartSeconds - zero),
                chapter.Second.StartSeconds,
                ChapterTolerance
            );
            yield return Check.Equal(
                $"chapter {index} title",
                chapter.First.Title ?? "",
                chapter.Second.Title ?? ""
            );
        }
    }
}
