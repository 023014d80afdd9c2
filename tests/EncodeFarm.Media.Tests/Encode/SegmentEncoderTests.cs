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
        var asked = 0;
        var spare = await EncodeAsync(
            task,
            new EncodeLimits { EncoderThreads = () => 3 + asked++ }
        );

        one.Frames.ShouldBe(50);
        one.Crf.ShouldBe(40);
        one.Tier.ShouldBeNull();
        one.Scores.ShouldBeNull();
        one.SizeBytes.ShouldBe(new FileInfo(one.Path).Length);
        again.Sha256.ShouldBe(one.Sha256);
        two.Sha256.ShouldBe(one.Sha256);
        spare.Sha256.ShouldBe(one.Sha256);
        asked.ShouldBe(1);
        one.Cpu.Encode!.Value.ShouldBeGreaterThan(0);
        one.Cpu.Measure!.Value.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public async Task Where_a_device_fails_the_attempt_is_repeated_in_software(int? tier)
    {
        Assert.SkipWhen(Directory.Exists("/dev/dri"), "This machine has a device for VAAPI.");
        var clip = await TestSourceAsync();
        var video = tier is null ? Fixed : EncodeFixture.FastAv1;
        var task = Task(clip, 31, 50, video, tier);

        var software = await EncodeAsync(task, new EncodeLimits());
        var hardware = await EncodeAsync(task, new EncodeLimits(HardwareDecoder: "vaapi"));

        software.HardwareFailure.ShouldBeNull();
        hardware.HardwareFailure.ShouldNotBeNull();
        hardware.HardwareFailure.ShouldStartWith("vaapi: ffmpeg failed (exit code 1)");
        (hardware.Sha256, hardware.Frames, hardware.Crf).ShouldBe(
            (software.Sha256, software.Frames, software.Crf)
        );
    }

    [Fact]
    public async Task Where_ffmpeg_finds_no_device_by_itself_the_outcome_says_so()
    {
        Assert.SkipWhen(Directory.Exists("/dev/dri"), "This machine has a device for VAAPI.");
        var task = Task(await TestSourceAsync(), 31, 50, Fixed);

        var software = await EncodeAsync(task, new EncodeLimits());
        var hardware = await EncodeAsync(task, new EncodeLimits(HardwareDecoder: "auto"));

        hardware.HardwareFailure.ShouldBe("auto: ffmpeg found no device that decodes it");
        hardware.Sha256.ShouldBe(software.Sha256);
    }

    /// <summary>A stand-in for ffmpeg plays the device: with -hwaccel it does this, and without what ffmpeg does.</summary>
    [Theory]
    [InlineData("stops in the middle", "run \"$@\"; truncate -s 3000 \"$out\"; exit 1")]
    [InlineData("loses pictures", "lost=3; run \"$@\"")]
    [InlineData("crashes", "kill -SEGV $$")]
    [InlineData("hangs", "while :; do read line; done </dev/zero")]
    public async Task Where_a_device_that_is_there_fails_the_attempt_is_repeated_in_software(
        string what,
        string action
    )
    {
        var wrapper = Path.Combine(farm.NewDirectory(), "ffmpeg");
        await File.WriteAllTextAsync(
            wrapper,
            $$"""
            #!/bin/sh
            # {{what}}
            real='{{farm.Tools.Ffmpeg.Path}}'
            for last; do :; done
            out=${last#file:} lost=0 previous=
            case " $* " in *" -hwaccel "*) ;; *) exec "$real" "$@" ;; esac
            set -f
            IFS='
            '
            # There is no device: the decoder itself stays in software.
            run() {
                "$real" $(for argument; do
                    case $previous in
                        -hwaccel) ;;
                        -frames:v) echo $((argument - lost)) ;;
                        *) [ "$argument" = -hwaccel ] || printf '%s\n' "$argument" ;;
                    esac
                    previous=$argument
                done)
            }
            {{action}}
            """
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(wrapper, (UnixFileMode)0b111_101_101);
        }
        var task = Task(await TestSourceAsync(), 31, 50, Fixed);
        var tools = farm.Tools with { Ffmpeg = farm.Tools.Ffmpeg with { Path = wrapper } };

        var software = await EncodeAsync(task, new EncodeLimits());
        var outcome = await new SegmentEncoder(tools, farm.Runner).EncodeAsync(
            task,
            farm.NewDirectory(),
            new ProgressLog(),
            // All programs have it, also those that work: on a busy machine they may need seconds to show something.
            new EncodeLimits(
                HardwareDecoder: "vaapi",
                Stall: what == "hangs" ? TimeSpan.FromSeconds(30) : null
            ),
            TestContext.Current.CancellationToken
        );

        var hardware = outcome.ShouldBeOfType<SegmentOutcome.Encoded>();
        hardware.HardwareFailure.ShouldNotBeNull();
        hardware.HardwareFailure.ShouldStartWith("vaapi: ");
        hardware.Sha256.ShouldBe(software.Sha256);
    }

    [Fact]
    public async Task Target_vmaf_is_met_and_the_accepted_probe_is_the_result()
    {
        var clip = await TestSourceAsync();
        var task = Task(clip, 24, 72, EncodeFixture.FastAv1, tier: 1);
        var log = new ProgressLog();

        var outcome = await EncodeAsync(task, new EncodeLimits(), log);
        var again = await EncodeAsync(task, new EncodeLimits(Threads: 2));

        again.Sha256.ShouldBe(outcome.Sha256);
        again.Points.ShouldBe(outcome.Points);
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

    [Fact]
    public async Task A_long_segment_is_probed_by_samples_and_then_encoded_whole()
    {
        var clip = await farm.ClipAsync("long", $"{Mandelbrot},fps=24", 192);
        var task = Task(clip, 0, 192, EncodeFixture.FastAv1, tier: 1);

        var outcome = await EncodeAsync(task, new EncodeLimits());

        outcome.Frames.ShouldBe(192);
        outcome.Scores!.HarmonicMean.ShouldBeInRange(92, 94);
        outcome.Points[0].SampleKey.ShouldBe("3x1");
        outcome
            .Points[^1]
            .ShouldBe(
                new MeasuredPoint(
                    outcome.Crf!.Value,
                    Math.Round(outcome.Scores.HarmonicMean, 2),
                    outcome.SizeBytes,
                    Whole: true,
                    "whole"
                )
            );
        Directory.GetFiles(Path.GetDirectoryName(outcome.Path)!).ShouldBe([outcome.Path]);
    }

    [Fact]
    public async Task What_can_not_reach_the_target_goes_through_the_tiers_and_ends_as_best_effort()
    {
        var clip = await TestSourceAsync();
        var video = EncodeFixture.FastAv1 with
        {
            Quality = new() { CrfMin = 54, Target = 96 },
        };
        SegmentTask Tier(int number, IReadOnlyList<MeasuredPoint> known) =>
            Task(clip, 0, 24, video, number, known);

        var first = (await RunAsync(Tier(1, []))).ShouldBeOfType<SegmentOutcome.QualityMissed>();
        var second = (
            await RunAsync(Tier(2, first.Points))
        ).ShouldBeOfType<SegmentOutcome.QualityMissed>();
        var third = (
            await RunAsync(Tier(3, second.Points))
        ).ShouldBeOfType<SegmentOutcome.QualityMissed>();
        var last = await EncodeAsync(Tier(4, third.Points), new EncodeLimits());

        first.Reason.ShouldContain("CRF 54, the lowest allowed; wanted 96");
        first.Cpu.Search!.Value.ShouldBeGreaterThan(0);
        second.ShouldSatisfyAllConditions(
            () => second.Probes.ShouldBe(0),
            () => second.Points.ShouldBe(first.Points),
            () => third.Probes.ShouldBe(0)
        );
        last.BelowTarget.ShouldBeTrue();
        last.Tier.ShouldBe(4);
        last.Probes.ShouldBe(1);
        last.Scores!.HarmonicMean.ShouldBe(first.Points.Max(point => point.Vmaf), 2);
    }

    [Fact]
    public async Task A_parameter_that_the_encoder_does_not_take_is_an_error_although_ffmpeg_ignores_it()
    {
        var task = Task(await TestSourceAsync(), 0, 5, Fixed with { Parameters = "bogus=1" });

        var error = await Should.ThrowAsync<FarmException>(() => RunAsync(task));

        error.Error.ShouldBe(FarmError.BadConfiguration);
        error.Message.ShouldContain("Error parsing option bogus");
    }

    [Fact]
    public async Task A_source_that_gives_too_few_frames_is_an_error_that_names_both_counts()
    {
        var task = Task(await TestSourceAsync(), 110, 20, Fixed);

        var error = await Should.ThrowAsync<FarmException>(() => RunAsync(task));

        error.Error.ShouldBe(FarmError.ToolFailed);
        error.Message.ShouldContain("has 10 frames instead of 20");
    }

    [Fact]
    public async Task Another_file_than_planned_is_refused()
    {
        var task = Task(await TestSourceAsync(), 0, 5, Fixed);
        var changed = task with { Source = task.Source with { Size = 1 } };
        var missing = task with { Source = task.Source with { Path = "/nowhere/at all" } };

        foreach (var bad in new[] { changed, missing })
        {
            var error = await Should.ThrowAsync<FarmException>(() => RunAsync(bad));
            error.Error.ShouldBe(FarmError.BadInput);
        }
    }

    [Fact]
    public async Task A_failing_tool_is_an_environment_failure_with_its_last_words()
    {
        var task = Task(await TestSourceAsync(), 0, 5, Fixed with { Preset = "14" });

        var error = await Should.ThrowAsync<ToolFailedException>(() => RunAsync(task));

        error.Kind.ShouldBe(ToolFailureKind.ExitCode);
        error.ErrorTail.ShouldContain("preset", Case.Insensitive);
    }

    private const string Mandelbrot = "mandelbrot=s=320x180:r=24:start_scale=0.4";

    private Task<string> TestSourceAsync() => farm.ClipAsync("mandelbrot", Mandelbrot, 120);

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
