using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>An output with one thing wrong is found out, and the report says what it is.</summary>
public sealed class MutationTests(RichOutput rich) : IClassFixture<RichOutput>, IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly MuxBench _good = rich.Bench;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("drop", "frame 20 (segment 1) is missing")]
    [InlineData("duplicate", "frame 20 (segment 1) comes twice")]
    [InlineData(
        "swap segments",
        "frame 32 (segment 2) stands in the place of frame 16 (segment 1)"
    )]
    [InlineData("truncate", "the last 5 frames are missing, from frame 43 (segment 2) on")]
    [InlineData("bit flip", "frame 20 (segment 1) differs from what was accepted")]
    [InlineData("other settings", "frame 16 (segment 1) differs from what was accepted")]
    public async Task Other_video_than_was_accepted(string mutation, string finding)
    {
        var frames = MutantVideo.Read(_good.Video.Path);
        switch (mutation)
        {
            case "drop":
                frames.RemoveAt(20);
                break;
            case "duplicate":
                frames.Insert(20, frames[20]);
                break;
            case "swap segments":
                frames = [.. frames[..16], .. frames[32..], .. frames[16..32]];
                break;
            case "truncate":
                frames = frames[..^5];
                break;
            case "bit flip":
                frames[20] = [.. frames[20]];
                frames[20][^1] ^= 4;
                break;
            default:
                var segment = await _good.EncodeSegmentAsync(
                    _directory.File("other.ivf"),
                    16,
                    16,
                    parameters: "film-grain=8"
                );
                frames = [.. frames[..16], .. MutantVideo.Read(segment.Path), .. frames[32..]];
                break;
        }

        var report = await MuxAndCheckAsync(bench =>
            bench.UseVideo(
                MutantVideo.Write(frames, _good.Video.Path, _directory.File("mutant.ivf"))
            )
        );

        report.Ok.ShouldBeFalse();
        report.Findings.ShouldContain(
            text => text.StartsWith("video packets") && text.Contains(finding),
            string.Join('\n', report.Findings)
        );
        report
            .Findings.Any(text => text.StartsWith("video frames: expected 48"))
            .ShouldBe(frames.Count != 48);
    }

    [Fact]
    public async Task Frames_at_the_wrong_time()
    {
        var pts = _good.Source.Frames.Pts.ToArray();
        for (var frame = 30; frame < pts.Length; frame++)
        {
            pts[frame] += 20;
        }

        var report = await MuxAndCheckAsync(bench =>
            bench.UseFrames(_good.Source.Frames.TimeBase, pts)
        );

        report.Findings.ShouldContain(text =>
            text.StartsWith("distance of video timestamps")
            && text.Contains("found 20.")
            && text.Contains("at frame ")
        );
    }

    [Fact]
    public async Task Sound_100_ms_late()
    {
        var late = _directory.File("late.mka");
        await TestTools.MkvmergeAsync("-o", late, "--sync", "0:100", _good.Audio[0].Path);

        var report = await MuxAndCheckAsync(bench =>
            bench.Audio = [_good.Audio[0] with { Path = late }, _good.Audio[1]]
        );

        report.Findings.ShouldContain(
            "audio track 0 start: expected -0.007 (within 0.003), found 0.093."
        );
    }

    [Fact]
    public async Task A_lost_audio_track()
    {
        var report = await MuxAndCheckAsync(bench => bench.Audio = [_good.Audio[0]]);

        report.Findings.ShouldContain("audio tracks: expected 2, found 1.");
    }

    [Fact]
    public async Task Audio_tracks_exchanged()
    {
        var report = await MuxAndCheckAsync(bench =>
            bench.Audio = [_good.Audio[1], _good.Audio[0]]
        );

        report.Findings.ShouldContain("audio track 0 channels: expected 1, found 6.");
        report.Findings.ShouldContain("audio track 0 language: expected de-CH, found pt-BR.");
    }

    /// <summary>Containers have their own ideas of them: what is lost is told, and the film delivered.</summary>
    [Theory]
    [InlineData("--title x", "title: expected Titlewith")]
    [InlineData("--no-global-tags", "tag DIRECTOR: expected Somebody, found nothing.")]
    public async Task A_lost_tag_is_a_warning(string options, string warning)
    {
        var tampered = _directory.File("tampered.mkv");
        await TestTools.MkvmergeAsync(["-o", tampered, .. options.Split(' ', 2), _good.Output]);

        var report = await _good.ValidateAsync(tampered);

        report.Ok.ShouldBeTrue(string.Join('\n', report.Findings));
        report.Warnings.ShouldContain(
            text => text.StartsWith(warning),
            string.Join('\n', report.Warnings)
        );
    }

    [Theory]
    [InlineData("-S", "subtitle tracks: expected 2, found 0.")]
    [InlineData("--no-chapters", "chapters: expected 2, found 0.")]
    [InlineData("-M", "attachments: expected 2, found 0.")]
    [InlineData("-m 1", "names and bytes of attachments: expected font.ttf (2000), cover.png (")]
    [InlineData("-A", "audio tracks: expected 2, found 0.")]
    [InlineData("-D", "video streams: expected 1, found 0.")]
    [InlineData("--language 1:fr", "audio track 0 language: expected de-CH, found fr.")]
    [InlineData("--track-name 2:x", "audio track 1 title: expected Comentário, found x.")]
    [InlineData("--default-track-flag 1:0", "audio track 0 flags: expected default, found none.")]
    [InlineData(
        "--forced-display-flag 3:0",
        "subtitle track 0 flags: expected default+forced+hearing impaired, found default+hearing impaired."
    )]
    [InlineData(
        "--chapter-sync 50",
        "chapter 1 start: expected 1.250 (within 0.002), found 1.300."
    )]
    [InlineData(
        "--sync 0:40",
        "distance of video timestamps from the source's: expected at most 1.0 ms, found 40."
    )]
    [InlineData(
        "--colour-primaries 0:9",
        "container's colour primaries, as a number: expected 1, found 9."
    )]
    [InlineData(
        "--colour-transfer-characteristics 0:16",
        "container's colour transfer, as a number: expected 1, found 16."
    )]
    [InlineData(
        "--colour-matrix 0:9",
        "container's colour matrix, as a number: expected 1, found 9."
    )]
    [InlineData(
        "--colour-range 0:2",
        "container's colour range, as a number: expected 1, found 2."
    )]
    [InlineData(
        "--display-dimensions 0:200x90",
        "display aspect: expected 1.778 (within 0.010), found 2.222."
    )]
    public async Task A_file_that_was_tampered_with(string options, string finding)
    {
        var tampered = _directory.File("tampered.mkv");
        await TestTools.MkvmergeAsync(["-o", tampered, .. options.Split(' ', 2), _good.Output]);

        var report = await _good.ValidateAsync(tampered);

        report.Findings.ShouldContain(
            text => text.StartsWith(finding),
            string.Join('\n', report.Findings)
        );
    }

    [Fact]
    public async Task A_wrong_colour_tag()
    {
        var color = _good.Settings.Color with { Primaries = "bt2020", Transfer = "smpte2084" };

        var report = await CheckAsync(bench =>
            bench.Settings = _good.Settings with
            {
                Color = color,
                Light = new ContentLight(1000, 400),
                Mastering = new MasteringDisplay(
                    0.68,
                    0.32,
                    0.265,
                    0.69,
                    0.15,
                    0.06,
                    0.3127,
                    0.329,
                    0.005,
                    1000
                ),
            }
        );

        report.Findings.ShouldContain("colour primaries: expected bt2020, found bt709.");
        report.Findings.ShouldContain("colour transfer: expected smpte2084, found bt709.");
        report.Findings.ShouldContain("content light level: expected 1000/400, found none.");
        report.Findings.ShouldContain(text =>
            text.StartsWith("mastering display") && text.EndsWith("found none.")
        );
    }

    [Fact]
    public async Task A_wrong_picture()
    {
        var report = await CheckAsync(bench =>
            bench.Settings = _good.Settings with
            {
                Width = 128,
                Height = 72,
                Video = _good.Settings.Video with
                {
                    PixelFormat = "yuv420p",
                    Codec = Profiles.VideoCodec.H265,
                },
            }
        );

        report.Findings.ShouldContain("video resolution: expected 128x72, found 160x90.");
        report.Findings.ShouldContain("pixel format: expected yuv420p, found yuv420p10le.");
        report.Findings.ShouldContain("video codec: expected hevc, found av1.");
    }

    [Theory]
    [InlineData("missing", "found nothing")]
    [InlineData("empty", "found an empty file")]
    [InlineData("text", "expected a readable file")]
    [InlineData("half", "the last ")]
    public async Task A_file_that_is_none(string what, string finding)
    {
        var path = _directory.File("output.mkv");
        var bytes = await File.ReadAllBytesAsync(_good.Output);
        if (what != "missing")
        {
            await File.WriteAllBytesAsync(
                path,
                what switch
                {
                    "empty" => [],
                    "text" => "no video"u8.ToArray(),
                    _ => bytes[..(bytes.Length / 2)],
                }
            );
        }

        var report = await _good.ValidateAsync(path);

        report.Findings.ShouldContain(
            text => text.Contains(finding),
            string.Join('\n', report.Findings)
        );
    }

    /// <summary>Muxes with something wrong, and checks against what is right.</summary>
    private async Task<ValidationReport> MuxAndCheckAsync(Action<MuxBench> mutate)
    {
        using var bench = _good.Twin();
        mutate(bench);
        await bench.MuxAsync(_directory.File("mutant.mkv"));
        return await _good.ValidateAsync(_directory.File("mutant.mkv"));
    }

    /// <summary>Checks the good file against other wishes.</summary>
    private async Task<ValidationReport> CheckAsync(Action<MuxBench> mutate)
    {
        using var bench = _good.Twin();
        mutate(bench);
        return await bench.ValidateAsync(_good.Output);
    }
}
