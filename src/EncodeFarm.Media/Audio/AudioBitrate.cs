namespace EncodeFarm.Media.Audio;

/// <summary>Bit rates of the house, bit/s.</summary>
public static class AudioBitrate
{
    /// <summary>
    /// Opus: 64k mono, 128k stereo, 256k for 6 channels, 384k for 8; 32k for each channel between 2 and 6, 64k for each
    /// above (48k from the ninth on, where channels carry less).
    /// </summary>
    public static int Opus(int channels) =>
        channels switch
        {
            1 => 64_000,
            <= 6 => 128_000 + 32_000 * (channels - 2),
            <= 8 => 256_000 + 64_000 * (channels - 6),
            _ => 384_000 + 48_000 * (channels - 8),
        };

    /// <summary>AAC-LC: 64k for each channel, the usual transparent rate of ffmpeg's encoder.</summary>
    public static int Aac(int channels) => 64_000 * channels;
}
