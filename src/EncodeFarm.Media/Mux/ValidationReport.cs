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
    /// <summary>False where a difference is told of, but is no reason to throw away hours of encoding: a tag, a title.</summary>
    public bool Grave { get; init; } = true;

    public override string ToString() =>
        Ok ? $"{Name}: {Found}." : $"{Name}: expected {Expected}, found {Found}.";
}

/// <param name="Checks">Everything that was looked at, in order.</param>
public sealed record ValidationReport(IReadOnlyList<ValidationCheck> Checks, double? CpuSeconds)
{
    public bool Ok => Findings.Count == 0;

    /// <summary>What is wrong, a sentence each: nothing of it may be delivered.</summary>
    public IReadOnlyList<string> Findings => Told(grave: true);

    /// <summary>What came out otherwise than planned, and is delivered with a warning.</summary>
    public IReadOnlyList<string> Warnings => Told(grave: false);

    private string[] Told(bool grave) =>
        [
            .. Checks
                .Where(check => !check.Ok && check.Grave == grave)
                .Select(check => check.ToString()),
        ];
}
