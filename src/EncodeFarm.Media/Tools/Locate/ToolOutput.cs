using System.Text.RegularExpressions;

namespace EncodeFarm.Media.Tools.Locate;

/// <summary>Reads what the tools print about themselves.</summary>
internal static partial class ToolOutput
{
    /// <summary>"5.1.9-0+deb12u1" of "ffmpeg version 5.1.9-0+deb12u1 Copyright …"; null when it is something else.</summary>
    internal static string? FfmpegVersion(string text) => Group(FfmpegVersionLine().Match(text));

    /// <summary>True when the text is ffmpeg's own, false when it is ffprobe's.</summary>
    internal static bool IsFfmpeg(string versionText) =>
        versionText.StartsWith("ffmpeg ", StringComparison.Ordinal);

    /// <summary>
    /// Major and minor of libavutil, which also builds from the repository have, whose own version is only a hash.
    /// </summary>
    internal static Version? LibavutilVersion(string text)
    {
        var match = LibavutilLine().Match(text);
        return match.Success ? new Version(Number(match.Groups[1]), Number(match.Groups[2])) : null;
    }

    /// <summary>"74.0.0" of "mkvmerge v74.0.0 ('You Oughta Know') 64-bit", "23.04" of "MediaInfoLib - v23.04".</summary>
    internal static string? PrefixedVersion(string text) =>
        Group(PrefixedVersionWord().Match(text));

    /// <summary>The names in the tables of <c>-encoders</c> and <c>-filters</c>: the second word of each row.</summary>
    internal static IReadOnlyList<string> Names(string table) =>
        [
            .. TableRow()
                .Matches(table)
                .Select(row => row.Groups[1].Value)
                .Where(name => name != "=")
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The files in the dynamic linker's list: "libx264.so.164 => /lib/libx264.so.164 (0x7f…)".</summary>
    internal static IReadOnlyList<string> LinkedFiles(string list) =>
        [.. LinkedFile().Matches(list).Select(line => line.Groups[1].Value)];

    private static string? Group(Match match) => match.Success ? match.Groups[1].Value : null;

    private static int Number(Group group) => int.Parse(group.Value);

    [GeneratedRegex(@"\Aff(?:mpeg|probe) version (\S+)")]
    private static partial Regex FfmpegVersionLine();

    [GeneratedRegex(@"^libavutil\s+(\d+)\.\s*(\d+)", RegexOptions.Multiline)]
    private static partial Regex LibavutilLine();

    [GeneratedRegex(@"\bv(\d+(?:\.\d+)+)")]
    private static partial Regex PrefixedVersionWord();

    [GeneratedRegex(@"^ [A-Z.|]{2,6} (\S+)", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex(@"=> (/\S.*) \(0x[0-9a-f]+\)\s*$", RegexOptions.Multiline)]
    private static partial Regex LinkedFile();
}
