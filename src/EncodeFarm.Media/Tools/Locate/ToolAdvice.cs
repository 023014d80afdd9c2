namespace EncodeFarm.Media.Tools.Locate;

/// <summary>What to do about a missing tool.</summary>
internal static class ToolAdvice
{
    internal static string For(string tool) =>
        tool switch
        {
            "ffmpeg" or "ffprobe" => Install(tool, "ffmpeg", "ffmpeg"),
            "mkvmerge" => Install(tool, "mkvtoolnix", "mkvtoolnix"),
            "mediainfo" => Install(tool, "mediainfo", "media-info"),
            "vmaf" => "Run ./farm setup, or install an ffmpeg that has the libvmaf filter, or set "
                + "ENCODEFARM_VMAF to such an ffmpeg or ffprobe. Without it no profile with a VMAF target works.",
            _ => "",
        };

    internal static string ForSlow(string tool) =>
        "The machine may be very busy, or the disk slow: try again. "
        + $"ENCODEFARM_{tool.ToUpperInvariant()} can name another one.";

    private static string Install(string tool, string debian, string homebrew) =>
        $"Run ./farm setup, or install it (Debian and Ubuntu: apt-get install {debian}; macOS: brew install {homebrew}), "
        + $"or set ENCODEFARM_{tool.ToUpperInvariant()} to its path.";
}
