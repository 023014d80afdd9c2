using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Audio;

/// <summary>One audio track, encoded whole.</summary>
/// <param name="StreamIndex">Index of the track in the source.</param>
/// <param name="StartSeconds">Timestamp of its first sample on the source's clock.</param>
/// <param name="Warnings">Whole sentences: what could not be kept.</param>
public sealed record EncodedAudio(
    int StreamIndex,
    string Path,
    long SizeBytes,
    string Sha256,
    AudioCodec Codec,
    int Channels,
    string Layout,
    double StartSeconds,
    double DurationSeconds,
    long Samples,
    double? CpuSeconds,
    IReadOnlyList<string> Warnings
);
