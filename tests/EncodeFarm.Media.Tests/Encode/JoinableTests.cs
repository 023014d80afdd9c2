using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Analysis;
using EncodeFarm.Media.Tests.Mux;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Encode;

/// <summary>Segments of one source have the same headers, however its pictures change: else they can't be joined.</summary>
public sealed class JoinableTests : IDisposable
{
    private static readonly VideoSettings Av1 = new()
    {
        Preset = "12",
        Rate = RateControl.Crf,
        Crf = 50,
    };

    private static readonly VideoSettings X264 = new()
    {
        Codec = VideoCodec.H264,
        Preset = "medium",
        PixelFormat = "yuv420p",
        Rate = RateControl.Bitrate,
        Bitrate = 200_000,
    };

    private static readonly VideoSettings X265 = X264 with
    {
        Codec = VideoCodec.H265,
        Preset = "ultrafast",
    };

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(VideoCodec.Av1)]
    [InlineData(VideoCodec.H264)]
    [InlineData(VideoCodec.H265)]
    public async Task Where_colour_tags_begin_in_the_middle(VideoCodec codec) =>
        await JoinAsync(await HardPictures.ChangesColors(), codec, seconds: 1);

    [Theory]
    [InlineData(VideoCodec.H264)]
    [InlineData(VideoCodec.H265)]
    public async Task Where_pixels_change_their_shape(VideoCodec codec) =>
        await JoinAsync(await HardPictures.ChangesPixels(), codec, seconds: 1);

    /// <summary>Keyframes lie 2 pictures apart in segments of 3; the last one has 2.</summary>
    [Theory]
    [InlineData(VideoCodec.H264)]
    [InlineData(VideoCodec.H265)]
    public async Task Of_a_slide_show(VideoCodec codec) =>
        await JoinAsync(await HardPictures.Slides(), codec, seconds: 15);

    /// <summary>Nothing tells the rate of a copied piece, by which the bits are shared out.</summary>
    [Theory]
    [InlineData(VideoCodec.H264)]
    [InlineData(VideoCodec.H265)]
    public async Task A_variable_rate_gives_the_same_from_a_piece_and_from_the_source(
        VideoCodec codec
    )
    {
        var source = await Analyze.FileAsync(await TestClips.VariableRate(), _directory);
        var segment = SegmentPlanner.Plan(source.Frames, 1).Segments[1];
        var piece = await new PieceCutter(await TestTools.SetAsync(), TestTools.Runner).CutAsync(
            source.Analysis,
            source.Frames,
            segment,
            _directory.File("piece.mkv"),
            TestContext.Current.CancellationToken
        );

        var joined = await JoinAsync(
            source,
            codec,
            [SourceRanges.Create(source.Analysis, source.Frames, segment), piece]
        );

        var hashes = joined.PacketHashes;
        hashes.Skip(segment.Frames).ShouldBe(hashes.Take(segment.Frames));
    }

    private async Task JoinAsync(string path, VideoCodec codec, double seconds)
    {
        var source = await Analyze.FileAsync(path, _directory);
        var segments = SegmentPlanner.Plan(source.Frames, seconds).Segments;
        segments.Count.ShouldBeGreaterThan(2);

        var joined = await JoinAsync(
            source,
            codec,
            segments.Select(segment => SourceRanges.Create(source.Analysis, source.Frames, segment))
        );

        joined.Frames.ShouldBe(source.Frames.Count);
    }

    private async Task<JoinedVideo> JoinAsync(
        AnalyzedSource source,
        VideoCodec codec,
        IEnumerable<SourceRange> ranges
    )
    {
        var video = new[] { Av1, X264, X265 }.Single(video => video.Codec == codec);
        var settings = EncodeSettingsResolver.Resolve(
            new Rendition { Video = video },
            source.Analysis
        );
        var encoder = new SegmentEncoder(await TestTools.SetAsync(), TestTools.Runner);
        var encoded = new List<JoinInput>();
        foreach (var range in ranges)
        {
            var outcome = await encoder.EncodeAsync(
                new SegmentTask(range, settings, Tier: null, Known: []),
                Directory.CreateDirectory(_directory.File($"{encoded.Count}")).FullName,
                new ProgressLog(),
                new EncodeLimits(),
                TestContext.Current.CancellationToken
            );
            var done = outcome.ShouldBeOfType<SegmentOutcome.Encoded>();
            encoded.Add(MuxBench.Record(done.Path, range.Frames));
        }
        return await SegmentJoiner.JoinAsync(
            encoded,
            _directory.File("joined"),
            codec,
            settings.FrameRate,
            TestContext.Current.CancellationToken
        );
    }
}
