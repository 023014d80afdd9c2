using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Encode;

public sealed class SegmentEncoderTests(EncodeFixture farm) : IClassFixture<EncodeFixture>
{
    private static readonly VideoSettings Fixed = EncodeFixture.FastAv1 with
    {
        Rate = RateControl.Crf,
        Crf = 40,
    };

    [Fact]
    public async Task Fixed_crf_gives_the_planned_frames_and_the_same_bytes_with_any_number_of_threads()
    {
        var clip = await TestSourceAsync();
        var task = Task(clip, 31, 50, Fixed);

        var one = await EncodeAsync(task, new EncodeLimits(Threads: 1));
        var again = await EncodeAsync(task, new EncodeLimits(Threads: 1));
        var two = await EncodeAsync(task, new EncodeLimits(Threads: 2));

        one.Frames.ShouldBe(50);
        one.Crf.ShouldBe(40);
        one.Tier.ShouldBeNull();
        one.Scores.ShouldBeNull();
        one.SizeBytes.ShouldBe(new FileInfo(one.Path).Length);
        again.Sha256.ShouldBe(one.Sha256);
        two.Sha256.ShouldBe(one.Sha256);
        one.Cpu.Encode!.Value.ShouldBeGreaterThan(0);
        one.Cpu.Measure!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Target_vmaf_is_met_and_the_accepted_probe_is_the_result()
    {
        var clip = await TestSourceAsync();
        var task = Task(clip, 24, 72, EncodeFixture.FastAv1, tier: 1);
        var log = new ProgressLog();

        var outcome = await EncodeAsync(task, new EncodeLimits(), log);

        outcome.Scores!.HarmonicMean.ShouldBeInRange(92, 94);
        outcome.Scores.Model.ShouldBe("vmaf_v0.6.1");
        outcome.Tier.ShouldBe(1);
        outcome.BelowTarget.ShouldBeFalse();
        outcome.Points.Count.ShouldBe(outcome.Probes);
        outcome.Points[^1].Whole.ShouldBeTrue();
        Directory.GetFiles(Path.GetDirectoryName(outcome.Path)!, "*.ivf").ShouldBe([outcome.Path]);
        var fractions = log.Reports.Select(report => report.Fraction).ToList();
        fractions.ShouldBe(fractions.Order());
        fractions[^1].ShouldBe(1);
    }

    private Task<string> TestSourceAsync() =>
        farm.ClipAsync("mandelbrot", "mandelbrot=s=320x180:r=24:start_scale=0.4", 120);

    private static SegmentTask Task(
        string clip,
        int start,
        int frames,
        VideoSettings video,
        int? tier = null,
        IReadOnlyList<MeasuredPoint>? known = null
    ) =>
        new(
            EncodeFixture.Range(clip, start, frames),
            EncodeFixture.Settings(320, 180, video),
            tier is { } number ? QualityTiers.For(video.Quality)[number - 1] : null,
            known ?? []
        );

    private async Task<SegmentOutcome.Encoded> EncodeAsync(
        SegmentTask task,
        EncodeLimits limits,
        ProgressLog? log = null
    ) => (await RunAsync(task, limits, log)).ShouldBeOfType<SegmentOutcome.Encoded>();

    private Task<SegmentOutcome> RunAsync(
        SegmentTask task,
        EncodeLimits? limits = null,
        ProgressLog? log = null
    ) =>
        new SegmentEncoder(farm.Tools, farm.Runner).EncodeAsync(
            task,
            farm.NewDirectory(),
            log ?? new ProgressLog(),
            limits ?? new EncodeLimits(),
            CancellationToken.None
        );
}
