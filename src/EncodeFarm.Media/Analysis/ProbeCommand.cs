using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Analysis;

/// <summary>Builds ffprobe's commands about sources and outputs.</summary>
internal static class ProbeCommand
{
    /// <param name="questions">What to look at, and in which form to print it.</param>
    public static ToolCommand Of(
        ToolSet tools,
        string path,
        IReadOnlyList<string> questions,
        WorkKind kind
    ) =>
        new(
            tools.Ffprobe.Path,
            [
                "-v",
                "error",
                .. Demuxers.Opening(path),
                .. questions,
                "-i",
                DecodeArguments.FileArgument(path),
            ],
            kind
        );
}
