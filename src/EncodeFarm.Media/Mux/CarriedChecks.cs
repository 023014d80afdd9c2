namespace EncodeFarm.Media.Mux;

/// <summary>Holds subtitles, chapters, attachments and the file itself against the source.</summary>
internal static class CarriedChecks
{
    private const double ChapterTolerance = 0.002;

    /// <summary>Requirement W5: the whole file's duration within a second.</summary>
    private const double DurationTolerance = 1;

    /// <summary>Seconds by which the subtitles of a damaged source may end earlier: two demuxers give up at different places.</summary>
    private const double SpanTolerance = 10;

    /// <param name="source">The packets of the source's subtitles.</param>
    public static IEnumerable<ValidationCheck> Of(
        ValidationRequest request,
        CarryPlan plan,
        IReadOnlyDictionary<int, StreamPackets> source,
        OutputFacts found
    ) =>
        [
            .. WholeFile(request, found),
            .. found.Tracks.OfType("video") is [var video, ..]
                ? LabelChecks.Of("video", plan.Video, video)
                : [],
            .. Subtitles(plan, source, found),
            .. Chapters(request, found),
            .. Attachments(plan, found),
            .. Tags(plan, found),
        ];

    private static IEnumerable<ValidationCheck> Attachments(CarryPlan plan, OutputFacts found)
    {
        yield return Check.Equal(
            "attachments",
            plan.Attachments.Count,
            found.OfType("attachment").Count
        );
        if (plan.Files is { } files)
        {
            yield return Check.Equal(
                "names and bytes of attachments",
                List(files),
                List(found.Tracks.Attachments)
            );
        }

        static string List(IEnumerable<MkvAttachment> files) =>
            string.Join(", ", files.Select(file => $"{file.FileName} ({file.SizeBytes})"));
    }

    private static IEnumerable<ValidationCheck> Tags(CarryPlan plan, OutputFacts found)
    {
        yield return Check.Equal(
            "title",
            Plain(plan.Title ?? ""),
            Plain(found.Tracks.Title ?? "")
        ) with
        {
            Grave = false,
        };
        foreach (var (name, value) in plan.Tags)
        {
            var values = found.Tags[name].Concat(found.Tags[MatroskaXml.TagName(name)]);
            yield return new ValidationCheck(
                $"tag {name}",
                value,
                string.Join(", ", values.DefaultIfEmpty("nothing")),
                values.Any(one => Plain(one) == Plain(value))
            )
            {
                Grave = false,
            };
        }
    }

    /// <summary>Muxers trim, and have their own idea of line ends and of characters that are none.</summary>
    internal static string Plain(string text) =>
        string.Concat(
            MatroskaXml
                .Printable(text)
                .Where(character => !char.IsWhiteSpace(character) && !char.IsControl(character))
        );

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

    private static IEnumerable<ValidationCheck> Subtitles(
        CarryPlan plan,
        IReadOnlyDictionary<int, StreamPackets> source,
        OutputFacts found
    )
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
            // Kinds of text are divided in their own ways: one has packets for the time when there is none.
            if (!subtitle.Converted)
            {
                yield return Span(
                    $"seconds from first to last packet of subtitle track {index}",
                    source.GetValueOrDefault(subtitle.Track.StreamIndex),
                    found.Packets.GetValueOrDefault(tracks[index].Id)
                );
            }
        }
    }

    /// <summary>
    /// Containers join the parts of a picture in their own ways, and clocks begin elsewhere; but a source that was not read
    /// to its end lacks all that comes late.
    /// </summary>
    internal static ValidationCheck Span(string name, StreamPackets? planned, StreamPackets? found)
    {
        var missing = Seconds(planned) - Seconds(found);
        return new ValidationCheck(
            name,
            Text(planned),
            Text(found),
            missing <= SpanTolerance && (planned is null) == (found is null)
        );

        static double Seconds(StreamPackets? stream) =>
            stream is null ? 0 : (stream.Pts.Max() - stream.Pts.Min()) * stream.TimeBase.Value;

        static string Text(StreamPackets? stream) =>
            stream is null ? "no packet" : $"{Seconds(stream):0.0}";
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
                Plain(chapter.First.Title ?? ""),
                Plain(chapter.Second.Title ?? "")
            );
        }
    }
}
