using System.Text.Json;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Plan;

/// <summary>
/// Copies the part of a source that a segment needs into a file of its own, for workers that can't open the source:
/// no re-encoding, with the pictures before it that decoding needs and some after it.
/// </summary>
public sealed class PieceCutter(ToolSet tools, IToolRunner runner)
{
    /// <summary>Pictures are coded in another order than they are shown: so much more than the segment is copied.</summary>
    private const double PostRollSeconds = 1;

    /// <summary>A piece must begin this much before its first frame, or where the source begins.</summary>
    private const double NeededPreRollSeconds = SourceRanges.MarginSeconds - 1;

    private readonly MediaProbe probe = new(tools, runner, WorkKind.Cut);

    /// <summary>
    /// Cuts the piece, checks that it holds every frame of the segment, and says how to decode it: to the same frames
    /// as the source. Where copying can't do it (packets without timestamps, edit lists), nothing is cut, and the range is
    /// one of the whole working file: one copy of that serves all such segments.
    /// </summary>
    /// <param name="destinationPath">Written under a temporary name and renamed; an existing file is replaced.</param>
    /// <exception cref="ToolFailedException">A tool stalled, was killed, or the disk is full.</exception>
    public async Task<SourceRange> CutAsync(
        SourceAnalysis analysis,
        FrameTable frames,
        PlannedSegment segment,
        string destinationPath,
        CancellationToken ct
    )
    {
        var temporary = destinationPath + ".part";
        try
        {
            if (await TryCopyAsync(analysis, frames, segment, temporary, ct) is not { } piece)
            {
                return SourceRanges.Create(analysis, frames, segment);
            }
            File.Move(temporary, destinationPath, overwrite: true);
            return piece with { Path = destinationPath, ModifiedUtc = null };
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<SourceRange?> TryCopyAsync(
        SourceAnalysis analysis,
        FrameTable frames,
        PlannedSegment segment,
        string target,
        CancellationToken ct
    )
    {
        var source = SourceRanges.Create(analysis, frames, segment);
        try
        {
            await runner.RunAsync(
                new ToolCommand(
                    tools.Ffmpeg.Path,
                    CopyArguments(source, segment, target),
                    WorkKind.Cut
                ),
                ct
            );
            var packets = probe.PacketsAsync(target, ct);
            var container = await probe.ContainerAsync(target, ct);
            return Verify(container, (await packets).Scan, source, frames) is { } piece
                ? piece with
                {
                    Size = new FileInfo(target).Length,
                }
                : null;
        }
        catch (Exception error)
            when (error is ToolFailedException { Kind: ToolFailureKind.ExitCode } or JsonException)
        {
            return null;
        }
    }

    internal static IReadOnlyList<string> CopyArguments(
        SourceRange source,
        PlannedSegment segment,
        string target
    ) =>
        [
            "-nostdin",
            "-hide_banner",
            "-v",
            "error",
            "-y",
            .. DecodeArguments.Input(source),
            "-to",
            (segment.StartSeconds + segment.DurationSeconds + PostRollSeconds).ToString("0.000000"),
            "-map",
            $"0:{source.StreamIndex}",
            "-c",
            "copy",
            "-avoid_negative_ts",
            "disabled",
            // NUT keeps any time base exactly; Matroska rounds to 1 ms, and TS shifts by 1.4 s.
            "-f",
            "nut",
            DecodeArguments.FileArgument(target),
        ];

    /// <summary>Null where the piece lacks a frame of the segment, or the pictures before it.</summary>
    private static SourceRange? Verify(
        JsonElement piece,
        PacketScan packets,
        SourceRange source,
        FrameTable frames
    )
    {
        if (
            StreamCatalog.MainVideo(piece) is not { } stream
            || stream.Ratio("time_base") is not { } timeBase
            || FrameTableBuilder.Build(packets, timeBase) is not { } table
        )
        {
            return null;
        }
        var tick = table.TimeBase.Value;
        var first = source.FirstPts * frames.TimeBase.Value;
        var at = Array.FindIndex(table.Pts, pts => Math.Abs(pts * tick - first) <= tick);
        var startsWithSource =
            Math.Abs(table.Pts[0] * tick - frames.Pts[0] * frames.TimeBase.Value) <= tick;
        if (
            at < 0
            || at + source.Frames > table.Count
            || (!startsWithSource && first - table.Pts[0] * tick < NeededPreRollSeconds)
        )
        {
            return null;
        }
        for (var i = 0; i < source.Frames; i++)
        {
            var expected = frames.Pts[source.StartFrame + i] * frames.TimeBase.Value;
            if (Math.Abs(table.Pts[at + i] * tick - expected) > tick)
            {
                return null;
            }
        }
        return source with
        {
            StreamIndex = StreamCatalog.IndexOf(stream),
            TimeBase = table.TimeBase,
            SeekSeconds = null,
            FirstPts = table.Pts[at],
            EndPts = at + source.Frames < table.Count ? table.Pts[at + source.Frames] : null,
        };
    }
}
