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
}
