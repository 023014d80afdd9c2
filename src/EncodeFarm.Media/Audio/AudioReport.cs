using System.Text.RegularExpressions;

namespace EncodeFarm.Media.Audio;

/// <summary>What ffmpeg says of an audio track at its end (log level verbose).</summary>
/// <param name="Decoded">Samples that came out of the decoder; null where nothing was decoded.</param>
/// <param name="Encoded">Samples that went into the encoder; null where nothing was encoded.</param>
internal sealed partial record AudioReport(long? Decoded, long? Encoded)
{
    /// <param name="log">The end of standard error.</param>
    public static AudioReport Parse(string log) =>
        new(Samples(DecodedSamples().Match(log)), Samples(EncodedSamples().Match(log)));

    /// <summary>Whether a line of the log says that a packet could not be decoded. Newer versions have the second wording.</summary>
    public static bool IsDecodeError(string line) => DecodeError().IsMatch(line);

    /// <summary>
    /// The channel layout that a line of the log says decoded sound to have from there on; null for other lines. ffmpeg
    /// tells it at the begin and at each change.
    /// </summary>
    public static string? LayoutIn(string line) =>
        DecodedLayout().Match(line) is { Success: true } match
            ? match.Groups[1].Value.Trim()
            : null;

    private static long? Samples(Match match) =>
        match.Success ? long.Parse(match.Groups[1].Value) : null;

    [GeneratedRegex(@"frames decoded \((\d+) samples\)")]
    private static partial Regex DecodedSamples();

    [GeneratedRegex(@"frames encoded \((\d+) samples\)")]
    private static partial Regex EncodedSamples();

    [GeneratedRegex(@"\[graph_\d+_in_.* samplerate:\d+ chlayout:(.+)$")]
    private static partial Regex DecodedLayout();

    [GeneratedRegex("Error while decoding stream|Error submitting packet to decoder")]
    private static partial Regex DecodeError();
}
