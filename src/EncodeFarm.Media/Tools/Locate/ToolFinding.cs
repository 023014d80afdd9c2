namespace EncodeFarm.Media.Tools.Locate;

/// <summary>What is known of one tool or encoder, for <c>doctor</c>.</summary>
/// <param name="Ok">Found and fit for its work.</param>
/// <param name="Required">Nothing can be encoded without it.</param>
/// <param name="Advice">What is wrong, and what to do about it; null when it is fit.</param>
public sealed record ToolFinding(
    string Name,
    string? Path,
    string? Version,
    bool Ok,
    bool Required,
    string? Advice
)
{
    /// <summary>The name of what measures VMAF.</summary>
    public const string Vmaf = "vmaf";

    /// <summary>The name of an encoder of ffmpeg's.</summary>
    public static string Encoder(string encoder) => $"encoder {encoder}";
}
