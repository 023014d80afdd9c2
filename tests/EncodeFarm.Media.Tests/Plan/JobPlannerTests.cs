using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Media.Tests.Plan;

public sealed class JobPlannerTests
{
    private static readonly int[] Rungs = [144, 240, 360, 480, 720, 1080];

    [Theory]
    [InlineData(1920, 1080, 0, 6)]
    [InlineData(3840, 2160, 0, 6)]
    [InlineData(1280, 720, 0, 5)]
    [InlineData(1918, 1078, 0, 5)]
    [InlineData(640, 480, 0, 4)]
    [InlineData(1080, 1920, 90, 6)]
    [InlineData(720, 480, 270, 5)]
    [InlineData(160, 144, 0, 1)]
    [InlineData(160, 90, 0, 1)]
    public void Rungs_above_the_source_are_skipped(int width, int height, int rotation, int made)
    {
        var plan = Plan(Ladder, Video(width, height) with { Rotation = rotation });

        plan.Skipped.Count(reason => reason is null).ShouldBe(made);
        plan.Skipped.Take(made).ShouldAllBe(reason => reason == null);
        var shown = rotation == 0 ? height : width;
        plan.Settings.Zip(plan.Skipped)
            .Where(rung => rung.Second is null)
            .ShouldAllBe(rung => rung.First.Height <= shown);
    }

    [Fact]
    public void The_reason_names_both_heights() =>
        Plan(Ladder, Video(1280, 720))
            .Skipped[^1]
            .ShouldBe("its 1080 lines are more than the source's 720");

    [Fact]
    public void Other_profiles_skip_nothing_and_never_upscale()
    {
        var random = new Random(1);
        for (var run = 0; run < 2000; run++)
        {
            var video = Video(64 + random.Next(4000), 64 + random.Next(4000)) with
            {
                Rotation = random.Next(4) * 90,
            };
            var plan = Plan(Ladder with { Ladder = false }, video);

            plan.Skipped.ShouldAllBe(reason => reason == null);
            var (width, height) = video.Rotation is 90 or 270
                ? (video.Height, video.Width)
                : (video.Width, video.Height);
            plan.Settings.ShouldAllBe(settings =>
                settings.Width <= width && settings.Height <= height
            );
        }
    }

    [Fact]
    public void A_source_is_one_segment_for_a_reason()
    {
        var dolby = Video(1280, 720) with { DolbyVision = new DolbyVision(8, 1, 1, false) };

        Plan(Ladder, Video(1280, 720)).Segments.Unchunked.ShouldBeNull();
        Whole(Plan(Ladder, dolby)).ShouldBe("the source is Dolby Vision profile 8");
        Whole(Plan(Ladder with { Unchunked = true }, Video(1280, 720)))
            .ShouldBe("segment.unchunked is set");
        var source = Source(Video(1280, 720));
        var jumping = source with
        {
            Analysis = source.Analysis with { Uncuttable = "its timestamps jump back" },
        };
        Whole(JobPlanner.Plan(jumping, Ladder)).ShouldBe("its timestamps jump back");

        static string? Whole(PlannedJob plan)
        {
            var segment = plan.Segments.Segments.ShouldHaveSingleItem();
            (segment.StartFrame, segment.Frames, segment.DurationSeconds).ShouldBe((0, 240, 10));
            return plan.Segments.Unchunked;
        }
    }

    [Theory]
    [InlineData(AudioCodec.Aac, 6, "5.1(side)", "")]
    [InlineData(AudioCodec.Opus, 16, null, "all are kept without places")]
    [InlineData(AudioCodec.Aac, 7, "6.1", "many players can't play them")]
    [InlineData(AudioCodec.Copy, 16, null, "")]
    public void Sound_that_a_codec_has_no_places_for_is_told_before_work_begins(
        AudioCodec codec,
        int channels,
        string? layout,
        string warning
    )
    {
        var plan = JobPlanner.Plan(Sounding(channels, layout), With(codec));

        string.Join(' ', plan.Warnings).ShouldContain(warning);
        plan.Warnings.Count.ShouldBe(warning.Length > 0 ? 1 : 0);
    }

    [Fact]
    public void Sound_that_a_codec_cant_hold_is_refused_before_work_begins() =>
        Should
            .Throw<FarmException>(() => JobPlanner.Plan(Sounding(16, null), With(AudioCodec.Aac)))
            .Message.ShouldBe(
                "Audio stream 1 of /films/a.mkv has 16 channels, and AAC holds 8 at most. Take a profile whose audio is opus or copy."
            );

    [Theory]
    [InlineData(Hdr.Pq, "yuv420p", true)]
    [InlineData(Hdr.Hlg, "yuv420p", true)]
    [InlineData(Hdr.Pq, "yuv420p10le", false)]
    [InlineData(Hdr.None, "yuv420p", false)]
    public void HDR_in_8_bits_is_told(Hdr hdr, string pixelFormat, bool told)
    {
        var rendition = new Rendition
        {
            Name = "film",
            Video = new VideoSettings { Codec = VideoCodec.H264, PixelFormat = pixelFormat },
        };

        var plan = Plan(
            new Profile { Renditions = [rendition] },
            Video(1280, 720) with
            {
                Hdr = hdr,
            }
        );

        plan.Warnings.Any(warning => warning.Contains("gradients of film will show bands"))
            .ShouldBe(told);
    }

    [Theory]
    [InlineData(VideoCodec.Av1, true)]
    [InlineData(VideoCodec.H265, true)]
    [InlineData(VideoCodec.H264, false)]
    public void Closed_captions_that_are_lost_are_told(VideoCodec codec, bool lost)
    {
        var rendition = new Rendition
        {
            Name = "film",
            Video = new VideoSettings { Codec = codec },
        };

        var plan = Plan(
            new Profile { Renditions = [rendition] },
            Video(1280, 720) with
            {
                ClosedCaptions = true,
            }
        );

        plan.Warnings.Any(warning => warning.EndsWith("they are lost in film.")).ShouldBe(lost);
    }

    private static Profile With(AudioCodec codec) =>
        new() { Renditions = [new Rendition { Audio = new AudioSettings { Codec = codec } }] };

    private static AnalyzedSource Sounding(int channels, string? layout)
    {
        var source = Source(Video(1280, 720));
        var track = new MediaTrack(1, "pcm_s24le", null, null, [], 0, 10);
        return source with
        {
            Analysis = source.Analysis with
            {
                Audio = [new AudioTrack(track, channels, layout, 48_000, null)],
            },
        };
    }

    private static Profile Ladder { get; } =
        new()
        {
            Name = "ladder",
            SegmentSeconds = 3,
            Ladder = true,
            Renditions =
            [
                .. Rungs.Select(height => new Rendition
                {
                    Name = $"{height}p",
                    Video = new VideoSettings { Codec = VideoCodec.H264, MaxHeight = height },
                }),
            ],
        };

    private static PlannedJob Plan(Profile profile, VideoStream video) =>
        JobPlanner.Plan(Source(video), profile);

    private static AnalyzedSource Source(VideoStream video) =>
        new(
            Samples.Analysis(video),
            new FrameTable(
                new Rational(1, 24),
                [.. Enumerable.Range(0, 240).Select(frame => (long)frame)],
                [0, 72, 144],
                240
            )
        );

    private static VideoStream Video(int width, int height) =>
        new(
            0,
            "h264",
            width,
            height,
            "yuv420p",
            8,
            new Rational(1, 24),
            new Rational(24, 1),
            VariableFrameRate: false,
            new Rational(1, 1),
            Rotation: 0,
            Interlaced: false,
            FieldOrder: "progressive",
            new ColorTags(null, null, null, null, null),
            Hdr.None,
            Mastering: null,
            Light: null,
            DolbyVision: null,
            Hdr10Plus: false,
            Language: null,
            Title: null
        );
}
