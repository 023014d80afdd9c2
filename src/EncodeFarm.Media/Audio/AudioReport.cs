using System.Globalization;
using System.Text.RegularExpressions;

namespace EncodeFarm.Media.Audio;

/// <summary>What ffmpeg says of an audio track at its end (log level verbose).</summary>
/// <param name="Decoded">Samples that came out of the decoder; null where nothing was decoded.</param>
/// <param name="Encoded">Samples that went into the encoder; null where nothing was encoded.</param>
/// <param name="DecodeErrors">Packets that could not be decoded, as far as the log shows.</param>
internal sealed partial record AudioReport(long? Decoded, long? Encoded, int DecodeErrors)
{
    /// <param name="log">The end of standard error.</param>
    public static AudioReport Parse(string log) =>
        new(
            Samples(DecodedSamples().Match(log)),
            Samples(EncodedSamples().Match(log)),
            DecodeError().Count(log)
        );

    private static long? Samples(Match match) =>
        match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"frames decoded \((\d+) samples\)")]
    private static partial Regex DecodedSamples();

    [GeneratedRegex(@"frames encoded \((\d+) samples\)")]
    private static partial Regex EncodedSamples();

    [GeneratedRegex("Error while decoding stream")]
    private static partial Regex DecodeError();
}
