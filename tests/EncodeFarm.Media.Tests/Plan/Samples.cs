using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Plan;

/// <summary>Made-up sources for tests of pure functions.</summary>
internal static class Samples
{
    public static SourceAnalysis Analysis(VideoStream video) =>
        new(
            new SourceIdentity("/films/a.mkv", 1000, DateTimeOffset.UnixEpoch),
            "/films/a.mkv",
            "matroska,webm",
            0,
            10,
            240,
            0,
            "",
            video,
            [],
            [],
            [],
            [],
            new Dictionary<string, string>(),
            new CropDecision(null, 1, "off"),
            []
        );
}
