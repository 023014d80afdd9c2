using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.TestDoubles;

/// <summary>Plausible records, for tests that care about decisions and not about pictures.</summary>
public static class Samples
{
    public const string Fingerprint = "tools-1";
    public static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static readonly ColorTags Sdr = new("tv", "bt709", "bt709", "bt709", "left");

    public static JobSpec Job(int renditions = 1, bool bestEffort = true, bool pieces = false) =>
        new(
            "job",
            new SourceIdentity("/films/a.mkv", 1_000_000, Start),
            new Profile
            {
                Name = "test",
                Renditions =
                [
                    .. Enumerable
                        .Range(0, renditions)
                        .Select(index => new Rendition
                        {
                            Name = $"r{index}",
                            Video = new VideoSettings
                            {
                                Quality = new QualitySettings { BestEffort = bestEffort },
                            },
                            // The first two share their sound.
                            Audio = new AudioSettings
                            {
                                Bitrate = index < 2 ? null : 64_000 * index,
                            },
                        }),
                ],
            },
            [.. Enumerable.Range(0, renditions).Select(index => $"/out/{index}.mkv")],
            false,
            0,
            new JobOptions(Pieces: pieces)
        );

    /// <param name="skipped">Renditions that the plan leaves out, from the last one on.</param>
    public static PlanMade Plan(JobSpec spec, int segments, int audio, int skipped = 0)
    {
        var planned = Enumerable
            .Range(0, segments)
            .Select(index => new PlannedSegment(
                index,
                index * 48,
                48,
                index * 48 * 1001,
                index * 2,
                2
            ))
            .ToList();
        var analysis = new SourceAnalysis(
            spec.Source,
            spec.Source.Path,
            "matroska,webm",
            0,
            segments * 2,
            segments * 48,
            0,
            "frames",
            new VideoStream(
                0,
                "h264",
                1280,
                720,
                "yuv420p",
                8,
                new Rational(1, 24000),
                new Rational(24000, 1001),
                false,
                new Rational(1, 1),
                0,
                false,
                "progressive",
                Sdr,
                Hdr.None,
                null,
                null,
                null,
                false,
                null,
                null
            ),
            [
                .. Enumerable
                    .Range(1, audio)
                    .Select(index => new AudioTrack(
                        new MediaTrack(index, "aac", "eng", null, [], 0, segments * 2),
                        2,
                        "stereo",
                        48000,
                        128000
                    )),
            ],
            [],
            [],
            [],
            new Dictionary<string, string>(),
            new CropDecision(null, 1, "no bars"),
            []
        );
        return new PlanMade(
            analysis,
            new SegmentPlan(planned, "plan-1"),
            [.. planned.Select(Range)],
            [.. spec.Profile.Renditions.Select(rendition => Settings(rendition.Video))],
            0.5,
            [
                .. spec.Profile.Renditions.Select(
                    (_, index) =>
                        index >= spec.Profile.Renditions.Count - skipped ? "too high" : null
                ),
            ]
        );
    }

    public static SourceRange Range(PlannedSegment segment) =>
        new(
            "/films/a.mkv",
            1_000_000,
            0,
            new Rational(1, 24000),
            null,
            segment.StartFrame,
            segment.StartPts,
            segment.Frames,
            segment.DurationSeconds
        );

    public static EncodeSettings Settings(VideoSettings video) =>
        new(video, "", 1280, 720, new Rational(24000, 1001), false, Sdr, Hdr.None, null, null);

    public static EncodedAudio Audio(int stream) =>
        new(stream, "/a.mka", 10, "aa", AudioCodec.Opus, 2, "stereo", 0, 10, 480000, 0.1, []);

    public static AttemptOutcome.Encoded Encoded(SegmentId id, string attempt) =>
        new(
            new StoredArtifact($"job/encoded/{id.Rendition}/{id.Index}.{attempt}.ivf", 1000, "bb"),
            new SegmentFigures(
                48,
                31,
                1,
                false,
                new QualityScores("vmaf_v0.6.1", 93, 93, 90, 91, 92, null, null),
                2,
                new AttemptCpu(1, 1, 1),
                1
            )
        );

    public static Delivering Muxed(int rendition) =>
        new(
            $"/out/.{rendition}.tmp",
            $"/out/{rendition}.mkv",
            "cc",
            5000,
            "dd",
            96,
            new TaskCpu(0.1, 0.1),
            []
        );
}
