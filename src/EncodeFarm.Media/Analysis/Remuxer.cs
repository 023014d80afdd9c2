using System.Globalization;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

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
    /// <param name="format">ffprobe's format_name of the source.</param>
    public async Task<string> RemuxAsync(
        string source,
        string format,
        int stream,
        string workDirectory,
        CancellationToken ct
    )
    {
        Directory.CreateDirectory(workDirectory);
        var target = Path.Combine(workDirectory, "remux.mkv");
        var temporary = target + ".part";
        try
        {
            await CopyAsync(source, format, stream, temporary, ct);
            File.Move(temporary, target, overwrite: true);
            return target;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task CopyAsync(
        string source,
        string format,
        int stream,
        string target,
        CancellationToken ct
    )
    {
        if (UnknownToMkvmerge.Contains(format))
        {
            await runner.RunAsync(ByFfmpeg(source, stream, target), ct);
            return;
        }
        try
        {
            await runner.RunAsync(ByMkvmerge(source, target), ct);
        }
        catch (ToolFailedException error) when (error.Kind == ToolFailureKind.ExitCode)
        {
            await runner.RunAsync(ByFfmpeg(source, stream, target), ct);
        }
    }

    private ToolCommand ByMkvmerge(string source, string target) =>
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
                // "=": this file alone, not VTS_01_2.VOB and so on after VTS_01_1.VOB.
                "=" + source,
            ],
            WorkKind.Analyze
        )
        {
            GoodExitCodes = [0, MkvmergeWarnings],
        };

    private ToolCommand ByFfmpeg(string source, int stream, string target) =>
        new(
            tools.Ffmpeg.Path,
            [
                "-nostdin",
                "-hide_banner",
                "-v",
                "error",
                "-y",
                .. Demuxers.Restriction,
                "-fflags",
                "+genpts",
                "-i",
                DecodeArguments.FileArgument(source),
                "-map",
                string.Create(CultureInfo.InvariantCulture, $"0:{stream}"),
                "-c",
                "copy",
                "-f",
                "matroska",
                DecodeArguments.FileArgument(target),
            ],
            WorkKind.Analyze
        );
}
