using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Mux;

/// <param name="Path">The file to check; a temporary one, before delivery.</param>
public sealed record ValidationRequest(
    string Path,
    SourceAnalysis Analysis,
    FrameTable Frames,
    EncodeSettings Settings,
    Container Container,
    JoinedVideo Video,
    IReadOnlyList<EncodedAudio> Audio
);

/// <param name="Name">What was looked at: "video frames", "audio stream 2 language".</param>
public sealed record ValidationCheck(string Name, string Expected, string Found, bool Ok)
{
    public override string ToString() =>
        Ok ? $"{Name}: {Found}." : $"{Name}: expected {Expected}, found {Found}.";
}

/// <param name="Checks">Everything that was looked at, in order.</param>
public sealed record ValidationReport(IReadOnlyList<ValidationCheck> Checks, double? CpuSeconds)
{
    public bool Ok => Checks.All(check => check.Ok);

    /// <summary>What is wrong, a sentence each.</summary>
    public IReadOnlyList<string> Findings =>
        [.. Checks.Where(check => !check.Ok).Select(check => check.ToString())];
}
