using System.Text.Json;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <summary>Finds out everything about a source that planning, encoding and muxing need.</summary>
public sealed class SourceAnalyzer(ToolSet tools, IToolRunner runner)
{
    /// <summary>SVT-AV1 takes no smaller pictures.</summary>
    private const int SmallestSide = 64;

    /// <summary>The bitstream of these can't say whether pictures are combed; all others are believed.</summary>
    private static readonly string[] WithoutFieldFlag =
    [
        "rawvideo",
        "huffyuv",
        "ffvhuff",
        "utvideo",
        "magicyuv",
        "v210",
        "v410",
        "mjpeg",
        "cfhd",
        "jpeg2000",
    ];

    private readonly MediaProbe probe = new(tools, runner);
    private readonly PictureSampler sampler = new(tools, runner);

    /// <summary>
    /// Analyses a file: its exact frames, its streams, and what the picture needs (crop, deinterlacing, HDR).
    /// </summary>
    /// <param name="workDirectory">Where a remux is put, if the source lacks timestamps; made if it is missing.</param>
    /// <exception cref="FarmException">BadInput: the file can't be used; the message names it, the reason, and what to do.</exception>
    /// <exception cref="ToolFailedException">A tool could not be run, stalled or was killed.</exception>
    public async Task<AnalyzedSource> AnalyzeAsync(
        string path,
        AnalysisOptions options,
        string workDirectory,
        CancellationToken ct
    )
    {
        var file = InputFile.Open(path);
        var source = file.Identity.Path;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var mediaInfo = probe.MediaInfoAsync(source, stop.Token);
        var matroska = file.IsMatroska
            ? probe.MatroskaAsync(source, stop.Token)
            : Task.FromResult(ProbeJson.Parse(""));
        try
        {
            return await AnalyzeAsync(file, options, workDirectory, mediaInfo, matroska, ct);
        }
        finally
        {
            await stop.CancelAsync();
            Task both = Task.WhenAll(mediaInfo, matroska);
            await both.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<AnalyzedSource> AnalyzeAsync(
        InputFile file,
        AnalysisOptions options,
        string workDirectory,
        Task<JsonElement> mediaInfo,
        Task<JsonElement> matroska,
        CancellationToken ct
    )
    {
        var source = file.Identity.Path;
        var reading = await ReadAsync(file, ct);
        RefuseTiny(source, reading.Stream);
        var frames = await new FrameTableReader(probe, new Remuxer(tools, runner)).ReadAsync(
            file,
            reading,
            options,
            workDirectory,
            ct
        );
        RefuseStill(source, reading, frames);
        var warnings = new List<string>(frames.Warnings);
        warnings.AddRange(JudgeCut(source, reading, frames, options));

        var catalog = await WithoutEmptyAsync(
            source,
            StreamCatalog.Read(reading.Container, await matroska),
            ct
        );
        var video = Describe(reading, frames, catalog, await mediaInfo, await matroska);
        var shown = PixelCrop.Read(
            await matroska,
            StreamCatalog.IndexOf(reading.Stream),
            video.Width,
            video.Height
        );
        if (shown is { } part)
        {
            video = video with
            {
                SampleAspect = part.Aspect(video.SampleAspect, video.Width, video.Height),
            };
        }
        warnings.AddRange(catalog.Warnings);
        warnings.AddRange(JudgeHdr(source, video, await mediaInfo));
        warnings.AddRange(JudgePulldown(reading));
        warnings.AddRange(JudgeTurn(reading));
        warnings.AddRange(JudgeAlpha(reading, video));
        var words = await SampleAsync(frames, ct);
        warnings.AddRange(words.Warnings());
        video = await JudgeFieldsAsync(frames, words.Fields(video), ct);
        var crop = await JudgeCropAsync(frames, video, shown, options.Crop, ct);

        return new AnalyzedSource(
            Summarize(file, reading, frames, video, catalog, crop, warnings),
            frames.Frames
        );
    }

    private async Task<FileReading> ReadAsync(InputFile file, CancellationToken ct)
    {
        try
        {
            return await probe.ReadAsync(file.Identity.Path, ct)
                ?? throw InputFile.Bad(
                    file.Identity.Path,
                    "holds no video stream",
                    "Give a file with a picture."
                );
        }
        catch (ToolFailedException error)
        {
            throw ProbeFailure.Explain(file, error);
        }
    }

    private static void RefuseTiny(string path, JsonElement stream)
    {
        var (width, height) = (stream.Integer("width") ?? 0, stream.Integer("height") ?? 0);
        if (width == 0 || height == 0)
        {
            throw InputFile.Bad(
                path,
                $"holds video that can't be decoded ({stream.Text("codec_name") ?? "unknown codec"})",
                "Convert it to H.264 first."
            );
        }
        if (width < SmallestSide || height < SmallestSide)
        {
            throw InputFile.Bad(
                path,
                $"has a picture of {width}x{height}, and the AV1 encoder needs at least {SmallestSide}x{SmallestSide}",
                "Use ffmpeg with libx264 for pictures as small as that."
            );
        }
    }

    private static void RefuseStill(string path, FileReading reading, FrameReading frames)
    {
        if (Demuxers.IsAnimation(reading.Format) && frames.Frames.Count == 1)
        {
            throw InputFile.Bad(path, "is an image, not a video", "Give a video file.");
        }
    }

    private static IEnumerable<string> JudgeCut(
        string path,
        FileReading reading,
        FrameReading frames,
        AnalysisOptions options
    )
    {
        if (!frames.Cut)
        {
            return Completeness.EndsInsidePacket(reading)
                ? ["The transport stream ends inside a packet: it may have been cut off."]
                : [];
        }
        var usable = Completeness.Usable(
            frames.Frames,
            reading.Container.Member("format")?.Number("duration")
        );
        return options.AllowTruncated
            ? [$"The source is cut off: {usable}."]
            : throw InputFile.Bad(
                path,
                $"is cut off: {usable}",
                "Copy it again, or allow truncated sources to encode what is there."
            );
    }

    private static VideoStream Describe(
        FileReading source,
        FrameReading frames,
        StreamCatalog catalog,
        JsonElement mediaInfo,
        JsonElement matroska
    )
    {
        Rational?[] claims =
        [
            source.Stream.Ratio("avg_frame_rate"),
            source.Stream.Ratio("r_frame_rate"),
        ];
        var video = VideoReader.Read(
            source.Stream,
            source.FirstFrames,
            frames.Working.TimeBase,
            FrameRates.Judge(frames.Frames, [.. claims.OfType<Rational>()]),
            StreamCatalog.Language(source.Stream, StreamCatalog.IetfLanguages(matroska))
        );
        return video with
        {
            StreamIndex = StreamCatalog.IndexOf(frames.Working.Stream),
            DolbyVision = DolbyVisionReader.Read(source.Stream, source.FirstFrames, mediaInfo),
            ClosedCaptions = source
                .FirstFrames.Items("frames")
                .Any(frame => frame.SideData("Closed Captions") is not null),
        };
    }

    private static IEnumerable<string> JudgeHdr(
        string path,
        VideoStream video,
        JsonElement mediaInfo
    )
    {
        if (video.DolbyVision is { } vision)
        {
            yield return DolbyVisionReader.Judge(path, vision);
            if (DolbyVisionReader.Contradiction(vision, mediaInfo) is { } contradiction)
            {
                yield return contradiction;
            }
        }
        if (video.Hdr10Plus)
        {
            yield return "The source carries HDR10+: its dynamic metadata is dropped, the static HDR10 metadata is kept.";
        }
    }

    private static IEnumerable<string> JudgePulldown(FileReading reading)
    {
        if (reading.FirstFrames.Items("frames").Any(frame => frame.Integer("repeat_pict") > 0))
        {
            yield return "Pictures of the source ask players to repeat a field (pulldown): each picture is encoded once, at its own time.";
        }
    }

    /// <summary>WebM keeps it as a second picture beside each, which ffprobe shows as no more than a tag.</summary>
    private static IEnumerable<string> JudgeAlpha(FileReading reading, VideoStream video)
    {
        if (PixelFormats.HasAlpha(video.PixelFormat) || reading.Stream.Tag("alpha_mode") == "1")
        {
            yield return "The picture has an alpha channel (transparency), which no encoder here can keep: it is dropped, and the colours are encoded as they are stored.";
        }
    }

    /// <summary>
    /// Recordings of television announce tracks that never come: there is nothing of them to keep. Whether that is so
    /// is asked where the headers know nothing of the sound, or say that it lasts no time.
    /// </summary>
    private async Task<StreamCatalog> WithoutEmptyAsync(
        string path,
        StreamCatalog catalog,
        CancellationToken ct
    )
    {
        var empty = new List<AudioTrack>();
        foreach (var track in catalog.Audio.Where(MayBeEmpty))
        {
            if (!await probe.HasPacketsAsync(path, track.Track.StreamIndex, ct))
            {
                empty.Add(track);
            }
        }
        return catalog with
        {
            Audio = [.. catalog.Audio.Except(empty)],
            Warnings =
            [
                .. catalog.Warnings,
                .. empty.Select(track =>
                    $"Audio stream {track.Track.StreamIndex} ({track.Track.Codec}) is announced, but the source holds nothing of it; it is left out."
                ),
            ],
        };
    }

    private static bool MayBeEmpty(AudioTrack track) =>
        track.Channels == 0 || track.SampleRate == 0 || track.Track.DurationSeconds is 0;

    private static IEnumerable<string> JudgeTurn(FileReading reading)
    {
        var frame = reading.FirstFrames.Items("frames").FirstOrDefault();
        if (Orientation.Read(reading.Stream, frame) is { Oblique: true } turn)
        {
            yield return $"The source asks players to turn the picture by {turn.Asked:0.#}°; it is turned by {turn.Rotation}°, since only quarter turns are made.";
        }
    }

    private Task<PictureWords> SampleAsync(FrameReading frames, CancellationToken ct)
    {
        var table = frames.Frames;
        return probe.SampleAsync(
            frames.Working,
            CropSampling
                .Keyframes(table)
                .Select(keyframe => table.Pts[keyframe] * table.TimeBase.Value),
            ct
        );
    }

    /// <summary>Where neither container nor codec says whether pictures are combed, they are looked at.</summary>
    private async Task<VideoStream> JudgeFieldsAsync(
        FrameReading frames,
        VideoStream video,
        CancellationToken ct
    )
    {
        if (video.FieldOrder is not null || !WithoutFieldFlag.Contains(video.Codec))
        {
            return video;
        }
        var order = await sampler.FieldOrderAsync(frames.Working, frames.Frames, ct);
        return video with { Interlaced = order is not null, FieldOrder = order };
    }

    private async Task<CropDecision> JudgeCropAsync(
        FrameReading frames,
        VideoStream video,
        PixelCrop? shown,
        CropSetting setting,
        CancellationToken ct
    )
    {
        if (setting.Rectangle is { } given)
        {
            return new CropDecision(CheckGiven(given, video), 1, "as given");
        }
        var bars = setting.Auto
            ? await sampler.CropAsync(frames.Working, frames.Frames, video, ct)
            : new CropDecision(null, 1, "off");
        return shown?.Within(bars) is { Rectangle: { } kept } both && IsEncodable(kept)
            ? both
            : bars;
    }

    private static bool IsEncodable(CropRectangle picture) =>
        picture is { Width: >= SmallestSide, Height: >= SmallestSide };

    private static CropRectangle CheckGiven(CropRectangle given, VideoStream video)
    {
        var fits =
            given.X >= 0
            && given.Y >= 0
            && IsEncodable(given)
            && (long)given.X + given.Width <= video.Width
            && (long)given.Y + given.Height <= video.Height;
        return fits
            ? given
            : throw new FarmException(
                FarmError.BadConfiguration,
                $"The crop {given} does not lie within the picture of {video.Width}x{video.Height}, or leaves less than {SmallestSide}x{SmallestSide}.",
                "Give width:height:x:y in pixels of the source, or 'auto', or 'off'."
            );
    }

    private static SourceAnalysis Summarize(
        InputFile file,
        FileReading source,
        FrameReading frames,
        VideoStream video,
        StreamCatalog catalog,
        CropDecision crop,
        IReadOnlyList<string> warnings
    )
    {
        var format = source.Container.Member("format") ?? default;
        var table = frames.Frames;
        var remuxed = frames.Working.Path != source.Path;
        var first = table.Pts[0] * table.TimeBase.Value;
        var start = frames.Working.Container.Member("format")?.Number("start_time") ?? 0;
        return new SourceAnalysis(
            file.Identity,
            frames.Working.Path,
            source.Format,
            start,
            format.Number("duration") ?? (table.EndPts - table.Pts[0]) * table.TimeBase.Value,
            table.Count,
            // A remux has a clock of its own; sound keeps to the source's.
            remuxed ? source.Stream.Number("start_time") ?? first : first,
            table.Hash,
            video,
            catalog.Audio,
            catalog.Subtitles,
            catalog.Attachments,
            catalog.Chapters,
            catalog.Metadata,
            crop,
            warnings,
            frames.Uncuttable
        );
    }
}
