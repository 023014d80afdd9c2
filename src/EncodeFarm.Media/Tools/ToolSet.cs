namespace EncodeFarm.Media.Tools;

/// <param name="Path">Absolute path.</param>
public sealed record Tool(string Name, string Path, string Version);

/// <summary>The external programs of one node, found and checked once at start.</summary>
/// <param name="Vmaf">The ffprobe or ffmpeg whose libavfilter has libvmaf; null where there is none.</param>
/// <param name="Encoders">ffmpeg's names of the encoders that are built in: libsvtav1, libx264, libopus, …</param>
public sealed record ToolSet(
    Tool Ffmpeg,
    Tool Ffprobe,
    Tool Mkvmerge,
    Tool? MediaInfo,
    Tool? Vmaf,
    bool VmafIsFfmpeg,
    IReadOnlyList<string> Encoders,
    IReadOnlyList<string> Filters
)
{
    /// <summary>
    /// Names everything that can change an encoded bit or a score. A job is pinned to it; only nodes with the same
    /// fingerprint get its work.
    /// </summary>
    public required string Fingerprint { get; init; }
}
