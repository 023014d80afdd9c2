using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Plan;

public sealed class PictureGeometryTests
{
    private const string Flags = "flags=bicubic+accurate_rnd+bitexact";

    [Fact]
    public void A_plain_picture_goes_through_as_it_is()
    {
        var picture = PictureGeometry.Resolve(Source(1920, 1080), new VideoSettings());

        picture.ShouldBe(new PictureGeometry("", 1920, 1080, Square, NoColor));
    }

    [Theory]
    [InlineData(161, 91, "crop=160:90:0:0", 160, 90)]
    [InlineData(160, 91, "crop=160:90:0:0", 160, 90)]
    public void Odd_sides_lose_a_pixel(int width, int height, string filters, int w, int h)
    {
        var picture = PictureGeometry.Resolve(Source(width, height), new VideoSettings());

        picture.ShouldBe(new PictureGeometry(filters, w, h, Square, NoColor));
    }

    [Theory]
    [InlineData("tt", "tff")]
    [InlineData("bb", "bff")]
    [InlineData("tb", "auto")]
    [InlineData("bt", "auto")]
    public void Interlaced_pictures_keep_their_number(string fieldOrder, string parity)
    {
        var source = Source(1920, 1080);
        source = source with
        {
            Video = source.Video with { Interlaced = true, FieldOrder = fieldOrder },
            Crop = new CropDecision(new CropRectangle(1440, 1080, 240, 0), 1, ""),
        };

        PictureGeometry
            .Resolve(source, new VideoSettings())
            .Filters.ShouldBe(
                $"bwdif=mode=send_frame:parity={parity}:deint=all,crop=1440:1080:240:0"
            );
    }

    [Fact]
    public void Turned_pictures_are_scaled_upright()
    {
        var source = Source(1920, 1080);
        source = source with
        {
            Video = source.Video with { Rotation = 90, SampleAspect = new Rational(4, 3) },
        };

        PictureGeometry
            .Resolve(source, new VideoSettings { MaxHeight = 960 })
            .ShouldBe(
                new PictureGeometry(
                    $"transpose=clock,scale=540:960:{Flags}",
                    540,
                    960,
                    new Rational(3, 4),
                    NoColor
                )
            );
    }

    [Theory]
    [InlineData(1920, 1080, 1280, 720, 1280, 720)]
    [InlineData(1920, 800, 1280, 720, 1280, 534)]
    [InlineData(640, 360, 1280, 720, 640, 360)]
    [InlineData(1920, 1080, null, 144, 256, 144)]
    [InlineData(1000, 1000, 333, null, 332, 332)]
    public void Pictures_fit_into_the_limits_and_never_grow(
        int width,
        int height,
        int? maxWidth,
        int? maxHeight,
        int w,
        int h
    )
    {
        var settings = new VideoSettings { MaxWidth = maxWidth, MaxHeight = maxHeight };

        var picture = PictureGeometry.Resolve(Source(width, height), settings);

        (picture.Width, picture.Height).ShouldBe((w, h));
    }

    [Fact]
    public void Full_range_stays_full_and_rgb_becomes_bt709()
    {
        var full = Source(1920, 1080);
        full = full with { Video = full.Video with { Color = NoColor with { Range = "pc" } } };
        var rgb = full with
        {
            Video = full.Video with
            {
                PixelFormat = "gbrp",
                Color = NoColor with { Range = "pc", Matrix = "gbr" },
            },
        };

        PictureGeometry
            .Resolve(full, new VideoSettings())
            .Filters.ShouldBe($"scale=in_range=full:out_range=full:{Flags}");
        PictureGeometry
            .Resolve(rgb, new VideoSettings())
            .ShouldBe(
                new PictureGeometry(
                    $"scale=out_color_matrix=bt709:out_range=limited:{Flags}",
                    1920,
                    1080,
                    Square,
                    NoColor with
                    {
                        Range = "tv",
                        Matrix = "bt709",
                    }
                )
            );
    }

    /// <summary>What ffmpeg does by itself with a display matrix, we do by filters.</summary>
    [Theory]
    [InlineData(0, 1, -1, 0, 90, false)]
    [InlineData(-1, 0, 0, -1, 180, false)]
    [InlineData(0, -1, 1, 0, 270, false)]
    [InlineData(-1, 0, 0, 1, 0, true)]
    [InlineData(0, -1, -1, 0, 90, true)]
    [InlineData(1, 0, 0, -1, 180, true)]
    [InlineData(0, 1, 1, 0, 270, true)]
    public async Task Turning_and_mirroring_give_the_pictures_that_players_show(
        int a,
        int b,
        int c,
        int d,
        int rotation,
        bool mirrored
    )
    {
        using var work = new TestDirectory();
        var path = await TestClips.Oriented(a, b, c, d);
        var source = await Analyze.FileAsync(path, work);
        var settings = EncodeSettingsResolver.Resolve(
            new Rendition { Video = new VideoSettings { PixelFormat = "yuv420p" } },
            source.Analysis
        );
        (source.Analysis.Video.Rotation, source.Analysis.Video.Mirrored).ShouldBe(
            (rotation, mirrored)
        );
        (settings.Width, settings.Height).ShouldBe(a == 0 ? (90, 160) : (160, 90));
        var range = SourceRanges.Create(
            source.Analysis,
            source.Frames,
            SegmentPlanner.Plan(source.Frames, 300).Segments[0]
        );

        var ours = await FrameExactTests.DecodeAsync(range, settings);

        var shown = await TestTools.FfmpegAsync("-i", path, "-an", "-f", "framemd5", "-");
        ours.ShouldBe(FrameExactTests.Hashes(shown));
    }

    /// <summary>The frame before a segment takes part in deinterlacing its first one.</summary>
    [Theory]
    [InlineData(nameof(TestClips.InterlacedTs))]
    [InlineData(nameof(TestClips.Mpeg2InterlacedTs))]
    public async Task Deinterlaced_segments_are_those_of_the_whole(string clip)
    {
        using var work = new TestDirectory();
        var source = await Analyze.FileAsync(await AllClips.PathAsync(clip), work);
        var settings = EncodeSettingsResolver.Resolve(
            new Rendition { Video = new VideoSettings { PixelFormat = "yuv420p" } },
            source.Analysis
        );
        settings.Filters.ShouldContain("bwdif");
        var whole = await FrameExactTests.WholeAsync(source, settings);

        var segments = new List<string>();
        foreach (var segment in SegmentPlanner.Plan(source.Frames, 1).Segments)
        {
            segments.AddRange(
                await FrameExactTests.DecodeAsync(
                    SourceRanges.Create(source.Analysis, source.Frames, segment),
                    settings
                )
            );
        }

        segments.ShouldBe(whole);
    }

    private static readonly Rational Square = new(1, 1);
    private static readonly ColorTags NoColor = new(null, null, null, null, null);

    private static SourceAnalysis Source(int width, int height) =>
        Samples.Analysis(
            new VideoStream(
                0,
                "h264",
                width,
                height,
                "yuv420p",
                8,
                new Rational(1, 1000),
                new Rational(24, 1),
                false,
                Square,
                0,
                false,
                "progressive",
                NoColor,
                Hdr.None,
                null,
                null,
                null,
                false,
                null,
                null
            )
        );
}
