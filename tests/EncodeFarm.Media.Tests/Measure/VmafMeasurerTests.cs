using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Measure;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tests.Encode;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Measure;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class VmafMeasurerTests(EncodeFixture farm) : IClassFixture<EncodeFixture>
{
    private const int Frames = 40;

    private static readonly VideoSettings Video = EncodeFixture.FastAv1 with
    {
        Rate = RateControl.Crf,
        Crf = 30,
    };

    private VmafMeasurer Measurer => new(farm.Tools, farm.Runner);

    [Fact]
    public async Task Segment_is_compared_with_the_frames_that_its_encoder_saw()
    {
        var path = await EncodeAsync(Video, Frames);

        var all = await MeasureAsync(path, Video, subsample: 1);
        var third = await MeasureAsync(path, Video, subsample: 3);

        all.Frames.ShouldBe(Frames);
        all.Scores.HarmonicMean.ShouldBeInRange(85, 99.9);
        third.Scores.HarmonicMean.ShouldBe(all.Scores.HarmonicMean, 1.5);
        all.Scores.Min.ShouldBeLessThanOrEqualTo(all.Scores.P1);
        all.Scores.P1.ShouldBeLessThanOrEqualTo(all.Scores.P5);
        all.Scores.Psnr!.Value.ShouldBeInRange(25, 60);
        all.Scores.Ssim!.Value.ShouldBeInRange(0.7, 1);
        all.CpuSeconds!.Value.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(Frames - 1)]
    [InlineData(Frames + 1)]
    public async Task A_frame_too_few_or_too_many_is_noticed(int frames)
    {
        var path = await EncodeAsync(Video, frames);

        var error = await Should.ThrowAsync<FarmException>(() => MeasureAsync(path, Video, 3));

        error.Error.ShouldBe(FarmError.ToolFailed);
        error.Message.ShouldContain($"saw 40 frames of the source and {frames} encoded ones");
    }

    [Fact]
    public async Task Synthesised_film_grain_is_left_out()
    {
        var grainy = Video with { FilmGrain = 50 };
        var path = await EncodeAsync(grainy, Frames);

        var without = await MeasureAsync(path, grainy, 1);
        var with = await Measurer.MeasureFilesAsync(
            await ReferenceAsync(),
            path,
            1,
            CancellationToken.None
        );

        without.Scores.HarmonicMean.ShouldBeGreaterThan(with.Scores.HarmonicMean + 1);
    }

    [Theory]
    [InlineData("kill -SEGV $$", ToolFailureKind.Signal)]
    [InlineData("echo no memory here >&2; exit 3", ToolFailureKind.ExitCode)]
    public async Task A_vmaf_tool_that_dies_before_it_reads_is_a_tool_failure(
        string script,
        ToolFailureKind kind
    )
    {
        var path = await EncodeAsync(Video, Frames);

        var error = await Should.ThrowAsync<ToolFailedException>(() =>
            MeasureAsync(path, Video, 3, Script(script))
        );

        error.Kind.ShouldBe(kind);
        error.Command.Program.ShouldEndWith("vmaf.sh");
    }

    [Fact]
    public async Task A_vmaf_tool_that_writes_no_log_is_not_believed()
    {
        var path = await EncodeAsync(Video, Frames);

        var error = await Should.ThrowAsync<FarmException>(() =>
            MeasureAsync(
                path,
                Video,
                3,
                Script("cat distorted.y4m >/dev/null & cat reference.y4m >/dev/null; wait")
            )
        );

        error.Message.ShouldContain("wrote no scores");
    }

    [Fact]
    public async Task A_log_with_other_frames_than_planned_is_not_believed()
    {
        var path = await EncodeAsync(Video, Frames);

        var error = await Should.ThrowAsync<FarmException>(() =>
            MeasureAsync(
                path,
                Video,
                3,
                Script(
                    "cat distorted.y4m >/dev/null & cat reference.y4m >/dev/null; wait; "
                        + """echo '{"frames":[{"metrics":{"vmaf":99}}]}' >vmaf.json"""
                )
            )
        );

        error.Message.ShouldContain("scored 1 frames instead of 14");
    }

    [Fact]
    public async Task Cancelling_leaves_no_pipe_behind()
    {
        var path = await EncodeAsync(Video, Frames);
        var directory = farm.NewDirectory();
        using var cancellation = new CancellationTokenSource();

        var measuring = MeasureAsync(
            path,
            Video,
            1,
            Script(
                "cat distorted.y4m >/dev/null & cat reference.y4m >/dev/null; wait; exec sleep 1000"
            ),
            directory,
            onProgress: _ => cancellation.Cancel(),
            cancellation.Token
        );

        await Should.ThrowAsync<OperationCanceledException>(() => measuring);
        Directory.GetFiles(directory, "*.y4m").ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_vmaf_tool_the_error_says_so()
    {
        var path = await EncodeAsync(Video, Frames);

        var error = await Should.ThrowAsync<FarmException>(() =>
            new VmafMeasurer(farm.Tools with { Vmaf = null }, farm.Runner).MeasureAsync(
                Segment(path, Video, 3, farm.NewDirectory()),
                CancellationToken.None
            )
        );

        error.Error.ShouldBe(FarmError.ToolMissing);
    }

    [Fact]
    public async Task Files_are_compared_at_the_size_of_the_reference_whatever_they_are_called()
    {
        var directory = farm.NewDirectory();
        var small = Path.Combine(directory, "-klein: 100%'s \"Größe\"\n[1];,.mkv");
        var reference = await ReferenceAsync();
        await farm.FfmpegAsync([
            "-i",
            reference,
            "-vf",
            "scale=160:90",
            "-c:v",
            "ffv1",
            "file:" + small,
        ]);

        var same = await Measurer.MeasureFilesAsync(reference, reference, 1, default);
        var scaled = await Measurer.MeasureFilesAsync(reference, small, 1, default);

        same.Frames.ShouldBe(Frames);
        same.Scores.HarmonicMean.ShouldBeGreaterThan(97);
        scaled.Frames.ShouldBe(Frames);
        scaled.Scores.HarmonicMean.ShouldBeInRange(5, 90);
    }

    [Fact]
    public async Task Files_with_other_counts_are_refused_by_naming_both()
    {
        var reference = await ReferenceAsync();
        var longer = await ClipAsync();

        var error = await Should.ThrowAsync<FarmException>(() =>
            Measurer.MeasureFilesAsync(reference, longer, 3, default)
        );

        error.Error.ShouldBe(FarmError.BadInput);
        error.Message.ShouldContain("has 40 frames and");
        error.Message.ShouldContain("has 60");
    }

    [Fact]
    public async Task What_is_no_video_is_refused()
    {
        var text = Path.Combine(farm.NewDirectory(), "text.mkv");
        await File.WriteAllTextAsync(text, "not a video");

        foreach (var bad in new[] { text, "/nowhere/a.mkv", Path.GetDirectoryName(text)! })
        {
            var error = await Should.ThrowAsync<FarmException>(() =>
                Measurer.MeasureFilesAsync(bad, bad, 3, default)
            );
            error.Error.ShouldBe(FarmError.BadInput);
            error.Message.ShouldContain(bad);
        }
    }

    private Task<string> ClipAsync() =>
        farm.ClipAsync(
            "source",
            "mandelbrot=s=320x180:r=24:start_scale=0.4,noise=alls=12:allf=t:all_seed=1",
            60
        );

    /// <summary>The first frames of the clip as a file of their own.</summary>
    private async Task<string> ReferenceAsync()
    {
        var path = Path.Combine(farm.NewDirectory(), "reference.mkv");
        await farm.FfmpegAsync([
            "-i",
            await ClipAsync(),
            "-frames:v",
            $"{Frames}",
            "-c:v",
            "ffv1",
            path,
        ]);
        return path;
    }

    private async Task<string> EncodeAsync(VideoSettings video, int frames)
    {
        var outcome = await new SegmentEncoder(farm.Tools, farm.Runner).EncodeAsync(
            new SegmentTask(
                EncodeFixture.Range(await ClipAsync(), 0, frames),
                EncodeFixture.Settings(320, 180, video),
                Tier: null,
                Known: []
            ),
            farm.NewDirectory(),
            new ProgressLog(),
            new EncodeLimits(),
            CancellationToken.None
        );
        return outcome.ShouldBeOfType<SegmentOutcome.Encoded>().Path;
    }

    private async Task<Measurement> MeasureAsync(
        string path,
        VideoSettings video,
        int subsample,
        Tool? vmaf = null,
        string? directory = null,
        Action<FfmpegProgress>? onProgress = null,
        CancellationToken cancellation = default
    )
    {
        await ClipAsync();
        var tools = vmaf is null ? farm.Tools : farm.Tools with { Vmaf = vmaf };
        return await new VmafMeasurer(tools, farm.Runner).MeasureAsync(
            Segment(path, video, subsample, directory ?? farm.NewDirectory()) with
            {
                OnProgress = onProgress,
            },
            cancellation
        );
    }

    private SegmentMeasure Segment(
        string path,
        VideoSettings video,
        int subsample,
        string directory
    ) =>
        new(
            EncodeFixture.Range(ClipAsync().Result, 0, Frames),
            EncodeFixture.Settings(
                320,
                180,
                video with
                {
                    Quality = new QualitySettings { Subsample = subsample },
                }
            ),
            path,
            ProbeFrames.Whole(Frames),
            directory,
            new EncodeLimits()
        )
        {
            PsnrAndSsim = true,
        };

    private Tool Script(string body)
    {
        var path = Path.Combine(farm.NewDirectory(), "vmaf.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(
            path,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        return new Tool("vmaf", path, "1");
    }
}
