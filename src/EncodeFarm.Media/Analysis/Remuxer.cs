using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <param name="Format">ffprobe's format_name.</param>
/// <param name="OutOfOrder">The codec, where timestamps are there and contradict the pictures; else null.</param>
/// <param name="Rate">Frames a second by the container.</param>
internal sealed record RemuxSource(
    string Path,
    string Format,
    int Stream,
    string? OutOfOrder,
    Rational? Rate
);

/// <summary>
/// Copies the picture of a source into Matroska, where its container gives frames no timestamps of their own
/// (program streams, AVI, elementary streams). The decoded pictures stay the same.
/// </summary>
internal sealed class Remuxer(ToolSet tools, IToolRunner runner)
{
    private const int MkvmergeWarnings = 1;

    /// <summary>mkvmerge does not know these containers, and may take what is in them for an elementary stream.</summary>
    private static readonly string[] UnknownToMkvmerge =
    [
        "mxf",
        "gxf",
        "asf",
        "nut",
        "nsv",
        "wtv",
        "dv",
    ];

    /// <returns>Path of the copy, in <paramref name="workDirectory"/>.</returns>
    /// <exception cref="ToolFailedException">Neither mkvmerge nor ffmpeg can do it.</exception>
    public async Task<string> RemuxAsync(
        RemuxSource source,
        string workDirectory,
        CancellationToken ct
    )
    {
        Directory.CreateDirectory(workDirectory);
        var target = Path.Combine(workDirectory, "remux.mkv");
        var temporary = target + ".part";
        try
        {
            await CopyAsync(source, temporary, ct);
            File.Move(temporary, target, overwrite: true);
            return target;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task CopyAsync(RemuxSource source, string target, CancellationToken ct)
    {
        if (source.OutOfOrder is "h264" or "hevc")
        {
            await CopyBareAsync(source, target, ct);
            return;
        }
        if (UnknownToMkvmerge.Contains(source.Format))
        {
            await runner.RunAsync(ByFfmpeg(source, target), ct);
            return;
        }
        try
        {
            await runner.RunAsync(ByMkvmerge(source.Path, target), ct);
        }
        catch (ToolFailedException error) when (error.Kind == ToolFailureKind.ExitCode)
        {
            await runner.RunAsync(ByFfmpeg(source, target), ct);
        }
    }

    /// <summary>By way of the bare bitstream, whose pictures tell their order; they are evenly spaced then.</summary>
    private async Task CopyBareAsync(RemuxSource source, string target, CancellationToken ct)
    {
        var bare = target + ".bare";
        try
        {
            await runner.RunAsync(ByFfmpeg(source, bare, format: source.OutOfOrder!), ct);
            await runner.RunAsync(ByMkvmerge(bare, target, source.Rate), ct);
        }
        finally
        {
            File.Delete(bare);
        }
    }

    private ToolCommand ByMkvmerge(string source, string target, Rational? rate = null) =>
        new(
            tools.Mkvmerge.Path,
            [
                "-q",
                "-o",
                target,
                "-A",
                "-S",
                "-B",
                "-M",
                "-T",
                "--no-chapters",
                "--no-global-tags",
                .. rate is { } known
                    ? ["--default-duration", $"0:{known.Numerator}/{known.Denominator}p"]
                    : Array.Empty<string>(),
                // "=": this file alone, not VTS_01_2.VOB and so on after VTS_01_1.VOB.
                "=" + source,
            ],
            WorkKind.Analyze
        )
        {
            GoodExitCodes = [0, MkvmergeWarnings],
        };

    private ToolCommand ByFfmpeg(RemuxSource source, string target, string format = "matroska") =>
        new(
            tools.Ffmpeg.Path,
            [
                "-nostdin",
                "-hide_banner",
                "-v",
                "error",
                "-y",
                .. Demuxers.Opening(source.Path),
                "-fflags",
                "+genpts",
                "-i",
                DecodeArguments.FileArgument(source.Path),
                "-map",
                $"0:{source.Stream}",
                "-c",
                "copy",
                "-f",
                format,
                DecodeArguments.FileArgument(target),
            ],
            WorkKind.Analyze
        );
}
