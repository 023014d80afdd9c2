using System.Text.RegularExpressions;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <summary>Turns what ffprobe prints about a file that it can't open into one clear sentence.</summary>
internal static partial class ProbeFailure
{
    /// <summary>The error to throw instead; the original one where it is not the file's fault.</summary>
    public static Exception Explain(InputFile file, ToolFailedException error)
    {
        if (error.Kind != ToolFailureKind.ExitCode)
        {
            return error;
        }
        var (reason, advice) = Reason(file, error.ErrorTail);
        return InputFile.Bad(file.Identity.Path, reason, advice);
    }

    private static (string Reason, string Advice) Reason(InputFile file, string complaints)
    {
        if (NotAllowed().Match(complaints) is { Success: true } format)
        {
            return Demuxers.Refusal(format.Groups[1].Value);
        }
        if (file.IsMp4 && complaints.Contains("moov atom not found"))
        {
            return (
                "is an MP4 file without its index (no 'moov' box): it was cut off, nothing of it is usable",
                "Copy or record it again."
            );
        }
        if (file.IsMatroska)
        {
            return ("is a Matroska file that is damaged at its start", "Copy it again.");
        }
        return ("is not a video that can be read", "Give a video file.");
    }

    [GeneratedRegex(@"\[([\w,]+) @ [^\]]*\] Format not on whitelist")]
    private static partial Regex NotAllowed();
}
