namespace EncodeFarm.Media.Analysis;

/// <summary>What ffmpeg's names of pixel formats tell.</summary>
internal static class PixelFormats
{
    private static readonly string[] WithAlpha =
    [
        "yuva",
        "gbrap",
        "rgba",
        "bgra",
        "argb",
        "abgr",
        "ayuv",
        "ya8",
        "ya16",
    ];

    /// <summary>True for yuva420p, gbrap12le, argb, ya8, …; of palettes (pal8) it is not known.</summary>
    public static bool HasAlpha(string pixelFormat) =>
        WithAlpha.Any(start => pixelFormat.StartsWith(start, StringComparison.Ordinal));

    /// <summary>True for yuv420p and nv12, false for yuv420p10le and p010le.</summary>
    public static bool HasEightBits(string pixelFormat) =>
        !pixelFormat.EndsWith("le", StringComparison.Ordinal)
        && !pixelFormat.EndsWith("be", StringComparison.Ordinal);
}
