using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Audio;

/// <summary>How a channel layout is held by a codec that has places for some layouts only.</summary>
/// <param name="Name">ffmpeg's name of the layout that is encoded.</param>
/// <param name="Channels">Number of channels encoded.</param>
/// <param name="Remix">A filter that gives each channel its place, all at full level; null where the names fit.</param>
/// <param name="Discrete">True where Opus stores the channels without any places (mapping family 255).</param>
/// <param name="Warning">What a listener may notice; null for nothing.</param>
public sealed record StoredLayout(
    string Name,
    int Channels,
    string? Remix,
    bool Discrete,
    string? Warning
)
{
    /// <summary>Null where the codec can't hold the track's channels at all, and for copies, which keep what they have.</summary>
    public static StoredLayout? Of(AudioTrack track, AudioCodec codec) =>
        codec switch
        {
            AudioCodec.Opus => LayoutRules.Opus.For(track.ChannelLayout, track.Channels),
            AudioCodec.Aac => LayoutRules.Aac.For(track.ChannelLayout, track.Channels),
            _ => null,
        };
}
