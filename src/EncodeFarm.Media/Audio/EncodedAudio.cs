using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Audio;

/// <summary>One audio track of the source, encoded whole.</summary>
/// <param name="StreamIndex">Of the track in the source.</param>
/// <param name="Path">A Matroska file with this track alone, on the output's clock.</param>
/// <param name="Sha256">Lower-case hex of the file; equal sources and settings give equal bytes.</param>
/// <param name="Layout">ffmpeg's name of the channel layout that is stored.</param>
/// <param name="StartSeconds">When its first sample is heard, on the output's clock.</param>
/// <param name="DurationSeconds">What is heard, without warm-up and padding.</param>
/// <param name="Samples">The same in samples of each channel.</param>
/// <param name="Warnings">Whole sentences for the report.</param>
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
