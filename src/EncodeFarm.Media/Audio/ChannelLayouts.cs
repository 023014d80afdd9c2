using System.Text.RegularExpressions;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Audio;

/// <summary>What is made of a track whose channels change in the middle, as broadcasts' do between programmes. Pure.</summary>
internal static partial class ChannelLayouts
{
    /// <summary>The track as its widest part is, for which all others are narrower; null where it was taken for that already.</summary>
    /// <param name="heard">ffmpeg's names of all layouts that were decoded.</param>
    public static AudioTrack? Wider(AudioTrack track, IReadOnlyCollection<string> heard)
    {
        var widest = heard.MaxBy(Count);
        return widest is not null && Count(widest) > track.Channels
            ? track with
            {
                Channels = Count(widest),
                ChannelLayout = widest,
            }
            : null;
    }

    /// <summary>Channels of a layout by ffmpeg's name for it; 0 where it says nothing.</summary>
    public static int Count(string name) =>
        name switch
        {
            "mono" => 1,
            "stereo" or "downmix" => 2,
            "quad" or "quad(side)" => 4,
            "hexagonal" => 6,
            "octagonal" or "cube" => 8,
            "hexadecagonal" => 16,
            _ when Counted().Match(name) is { Success: true } match => Number(match.Groups[1]),
            // Loudspeakers around, of the low frequencies, and above: 5.1, 22.2, 7.1.4.
            _ when Dotted().Match(name) is { Success: true } match => match
                .Groups[1]
                .Captures.Sum(Number),
            _ => name.Contains('+') ? name.Split('+').Length : 0,
        };

    private static int Number(Capture digits) => int.Parse(digits.Value);

    [GeneratedRegex(@"^(\d{1,4}) channels")]
    private static partial Regex Counted();

    [GeneratedRegex(@"^(?:(\d{1,2})(?:\.|\(|$)){2,3}")]
    private static partial Regex Dotted();
}
