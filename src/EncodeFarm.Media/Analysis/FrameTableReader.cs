using System.Text.Json;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <summary>What ffprobe says of one file: container, packets of the main video, its first frames.</summary>
internal sealed record FileReading(
    string Path,
    JsonElement Container,
    JsonElement Stream,
    PacketReading Packets,
    JsonElement FirstFrames
)
{
    public Rational TimeBase => Stream.Ratio("time_base") ?? new Rational(1, 1000);

    public string Format => Container.Member("format")?.Text("format_name") ?? "unknown";
}

/// <param name="Working">The file that decoders open: the source, or its remux.</param>
/// <param name="Cut">True where the source was cut off.</param>
/// <param name="Uncuttable">Why seeking in it is not exact; null where it is.</param>
internal sealed record FrameReading(
    FileReading Working,
    FrameTable Frames,
    bool Cut,
    IReadOnlyList<string> Warnings,
    string? Uncuttable
);

/// <summary>
/// Gets the exact frame table of a source. Packets alone prove it for most; where they don't, the doubtful part is
/// decoded: a start or end with pictures whose references are missing, and codecs with packets that show nothing.
/// </summary>
internal sealed class FrameTableReader(MediaProbe probe, Remuxer remuxer)
{
    /// <summary>One packet of these is one shown frame, always.</summary>
    private static readonly string[] OneFrameAPacket =
    [
        "h264",
        "hevc",
        "mpeg1video",
        "mpeg2video",
        "av1",
        "vp9",
        "prores",
        "dnxhd",
        "ffv1",
        "mjpeg",
        "rawvideo",
        "utvideo",
        "huffyuv",
        "ffvhuff",
        "v210",
        "cfhd",
        "jpeg2000",
        "dvvideo",
    ];

    /// <summary>Frames decoded to confirm a doubtful start.</summary>
    private const int Confirmed = 48;

    /// <summary>Containers without decoding timestamps have them guessed; a clock that starts again differs by more.</summary>
    private const double LargestJumpBackSeconds = 1;

    public async Task<FrameReading> ReadAsync(
        InputFile file,
        FileReading source,
        AnalysisOptions options,
        string workDirectory,
        CancellationToken ct
    )
    {
        var cut =
            Completeness.IsCutOff(file, source.Packets)
            || await LacksPicturesAsync(file, source, ct);
        if (source.Packets.Scan.Packets == 0)
        {
            throw InputFile.Bad(
                file.Identity.Path,
                cut ? "is cut off before its first picture" : "holds no picture",
                "Copy it again."
            );
        }
        RefuseJumps(file, source);
        var working = source;
        var frames = await TryAsync(source, options, lastResort: false, ct);
        if (frames is null)
        {
            var remux = await RemuxAsync(file, source, workDirectory, ct);
            frames = await TryAsync(remux, options, lastResort: true, ct);
            if (frames is null)
            {
                File.Delete(remux.Path);
                throw InputFile.Bad(
                    file.Identity.Path,
                    "holds no picture that can be decoded",
                    "It is damaged, or not a video."
                );
            }
            working = remux;
        }
        var warnings = new List<string>();
        if (working.Packets.Scan.Pts.Count - frames.Count is > 0 and var lost)
        {
            warnings.Add(
                $"{lost} of {lost + frames.Count} pictures can't be decoded, are hidden, or share their timestamp with another; they are left out."
            );
        }
        // Damage changes what decoders show later on, so that it depends on where they have begun.
        var holes = options.AllowDamaged && warnings.Count > 0;
        return new FrameReading(
            working,
            frames,
            cut,
            warnings,
            holes ? "pictures in the middle can't be decoded" : null
        );
    }

    /// <summary>What an edit list cuts off the demuxer may leave out: that is no loss.</summary>
    private async Task<bool> LacksPicturesAsync(
        InputFile file,
        FileReading source,
        CancellationToken ct
    ) =>
        Completeness.LacksPictures(file, source.Stream, source.Packets)
        && Completeness.LacksPictures(
            file,
            source.Stream,
            await probe.PacketsAsync(source.Path, ct, edited: false)
        );

    /// <summary>Pictures of two recordings would be mixed, for they are told apart by their time alone.</summary>
    private static void RefuseJumps(InputFile file, FileReading source)
    {
        var seconds = source.Packets.Scan.LargestJumpBack * source.TimeBase.Value;
        if (seconds > LargestJumpBackSeconds)
        {
            throw InputFile.Bad(
                file.Identity.Path,
                $"is several recordings in one: its clock jumps back by {seconds:0.0} s",
                "Give it one clock with: ffmpeg -i <it> -map 0 -c copy <new>.mkv"
            );
        }
    }

    /// <summary>Null where this file does not give every frame a timestamp that decoders confirm.</summary>
    /// <param name="lastResort">There is no other file to try: decode all of it where its packets prove nothing.</param>
    private async Task<FrameTable?> TryAsync(
        FileReading reading,
        AnalysisOptions options,
        bool lastResort,
        CancellationToken ct
    )
    {
        var scan = reading.Packets.Scan;
        var proves = OneFrameAPacket.Contains(reading.Stream.Text("codec_name"));
        var table = FrameTableBuilder.Build(scan, reading.TimeBase);
        if (!lastResort && (Demuxers.IsRaw(reading.Format) || (proves && table is null)))
        {
            return null;
        }
        if (
            options.AllowDamaged
            || table is null
            || !proves
            || table.Count < scan.Pts.Count
            || table.Keyframes.Length == 0
        )
        {
            return await DecodeAsync(reading, ct);
        }
        return await ConfirmStartAsync(reading, table, ct) switch
        {
            { } confirmed => await ConfirmEndAsync(reading, confirmed, options, ct),
            null => lastResort ? await DecodeAsync(reading, ct) : null,
        };
    }

    private async Task<FrameTable?> DecodeAsync(FileReading reading, CancellationToken ct) =>
        FrameTableBuilder.FromDecode(
            reading.Packets.Scan,
            await ShownAsync(reading, null, null, ct),
            reading.TimeBase
        );

    /// <summary>
    /// Leading pictures before the first keyframe may lack what they refer to; field pictures in packets of their own
    /// make two packets a frame; containers made of older ones may give decoding times for presentation. ffprobe's first
    /// frames tell whether there is any doubt.
    /// </summary>
    private async Task<FrameTable?> ConfirmStartAsync(
        FileReading reading,
        FrameTable table,
        CancellationToken ct
    )
    {
        var scan = reading.Packets.Scan;
        var leading = table.Keyframes[0];
        var decoded = reading.FirstFrames.Items("frames").Count();
        if (
            leading == 0
            && scan.Discarded == 0
            && !MayBeOutOfOrder(reading)
            && decoded == Math.Min(scan.Packets, MediaProbe.FirstPackets)
        )
        {
            return table;
        }
        var shown = await ShownAsync(reading, null, leading + Confirmed, ct);
        var kept = FrameTableBuilder.Keep(table, shown, 0, leading);
        var prefix = kept.Pts.AsSpan(0, Math.Min(shown.Count, kept.Count));
        return shown.Count > 0 && prefix.SequenceEqual(shown.ToArray().AsSpan(0, prefix.Length))
            ? kept
            : null;
    }

    /// <summary>The stream says that its pictures change places, and its timestamps do not show it.</summary>
    private static bool MayBeOutOfOrder(FileReading reading) =>
        reading.Stream.Integer("has_b_frames") > 0 && !reading.Packets.Scan.Reordered;

    /// <summary>Recordings and cut files often end in a damaged picture; frames from the last keyframe on are decoded.</summary>
    private async Task<FrameTable> ConfirmEndAsync(
        FileReading reading,
        FrameTable table,
        AnalysisOptions options,
        CancellationToken ct
    )
    {
        if (!options.AllowTruncated && reading.Format is not ("mpegts" or "mpeg"))
        {
            return table;
        }
        var last = table.Keyframes[^1];
        var start = reading.Container.Member("format")?.Number("start_time") ?? 0;
        var seek = table.Pts[last] * table.TimeBase.Value - start - 1;
        var shown = await ShownAsync(reading, seek > 0 ? seek : null, null, ct);
        return FrameTableBuilder.Keep(table, shown, last, table.Count);
    }

    private Task<IReadOnlyList<long>> ShownAsync(
        FileReading reading,
        double? seek,
        int? frames,
        CancellationToken ct
    ) => probe.ShownAsync(reading.Path, StreamCatalog.IndexOf(reading.Stream), seek, frames, ct);

    private async Task<FileReading> RemuxAsync(
        InputFile file,
        FileReading source,
        string workDirectory,
        CancellationToken ct
    )
    {
        try
        {
            var path = await remuxer.RemuxAsync(
                new RemuxSource(
                    source.Path,
                    source.Format,
                    StreamCatalog.IndexOf(source.Stream),
                    // Timestamps that are there and wrong would be kept.
                    MayBeOutOfOrder(source) && source.Packets.Scan.WithoutPts == 0
                        ? source.Stream.Text("codec_name")
                        : null,
                    source.Stream.Ratio("avg_frame_rate")
                ),
                workDirectory,
                ct
            );
            return await probe.ReadAsync(path, ct)
                ?? throw InputFile.Bad(file.Identity.Path, "lost its picture in a remux", "");
        }
        catch (ToolFailedException error) when (error.Kind == ToolFailureKind.ExitCode)
        {
            throw InputFile.Bad(
                file.Identity.Path,
                "has pictures without timestamps, and can't be remuxed to get them",
                "Convert it to MKV first."
            );
        }
    }
}
