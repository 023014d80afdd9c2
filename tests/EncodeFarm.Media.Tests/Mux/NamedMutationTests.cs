using System.Text;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Profiles;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

/// <summary>
/// The nine mutations that no output may survive, in every container and at a variable rate: each is found, and the
/// report says what it is.
/// </summary>
public sealed class NamedMutationTests(MutationBenches benches)
    : IClassFixture<MutationBenches>,
        IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static readonly string[] Named =
    [
        "drop one frame",
        "duplicate one frame",
        "swap two segments",
        "shift the second track by 100 ms",
        "drop a track",
        "wrong colour tag",
        "truncate the last segment by one frame",
        "flip one bit",
        "other sequence header",
    ];

    public static TheoryData<string, string> Mutations =>
        [
            .. new[] { "mkv, variable rate", "mp4", "webm", "mp4, nothing moves" }
                .SelectMany(place => Named.Select(mutation => (place, mutation)))
                // Segments of the same still are the same bytes: exchanged, they are the same file.
                .Where(row => row is not ("mp4, nothing moves", "swap two segments")),
        ];

    [Theory]
    [MemberData(nameof(Mutations))]
    public async Task A_mutation_is_found_and_named(string place, string mutation)
    {
        var good = await benches.InAsync(place);
        var size = good.Segments[0].Frames;
        var frame = size + 4;
        var frames = MutantVideo.Read(good.Video.Path);
        var last = frames.Count - 1;

        var (report, finding) = mutation switch
        {
            "drop one frame" => (
                await WithVideoAsync(good, [.. frames[..frame], .. frames[(frame + 1)..]]),
                $"frame {frame} (segment 1) is missing"
            ),
            "duplicate one frame" => (
                await WithVideoAsync(good, [.. frames[..frame], .. frames[(frame - 1)..]]),
                $"frame {frame - 1} (segment 1) comes twice"
            ),
            "swap two segments" => (
                await WithVideoAsync(
                    good,
                    [.. frames[..size], .. frames[(2 * size)..], .. frames[size..(2 * size)]]
                ),
                $"frame {2 * size} (segment 2) stands in the place of frame {size} (segment 1)"
            ),
            "shift the second track by 100 ms" => (
                await WithLateSoundAsync(good),
                "audio track 1 start: expected"
            ),
            "drop a track" => (
                await MuxAndCheckAsync(good, bench => bench.Audio = [good.Audio[0]]),
                "audio tracks: expected 2, found 1."
            ),
            "wrong colour tag" => (
                await TamperAsync(good),
                "container's colour primaries, as a number: expected 1, found 9."
            ),
            "truncate the last segment by one frame" => (
                await WithVideoAsync(good, frames[..last]),
                $"the last frame is missing, frame {last} (segment 2)"
            ),
            "flip one bit" => (
                await WithVideoAsync(good, Flipped(frames, frame)),
                $"frame {frame} (segment 1) differs from what was accepted"
            ),
            _ => (
                await WithVideoAsync(
                    good,
                    [.. frames[..size], .. await OtherAsync(good, size), .. frames[(2 * size)..]]
                ),
                $"frame {size} (segment 1) differs from what was accepted"
            ),
        };

        report.Findings.ShouldContain(
            text => text.Contains(finding),
            string.Join('\n', report.Findings)
        );
    }

    /// <summary>The bitstream keeps saying it; the container is silent, or contradicts.</summary>
    [Theory]
    [InlineData("colr", "container's colour transfer, as a number: expected 16, found none.")]
    [InlineData("mdcv", "container's mastering display: expected 0.68 ")]
    [InlineData("clli", "container's content light level: expected 1000/400, found none.")]
    public async Task A_tag_that_the_container_lost(string box, string finding)
    {
        var good = await benches.InAsync("mp4, HDR");
        (await good.ValidateAsync()).Findings.ShouldBeEmpty();

        var report = await good.ValidateAsync(Patch(good.Output, box, "free"));

        report.Findings.ShouldContain(
            text => text.StartsWith(finding),
            string.Join('\n', report.Findings)
        );
    }

    [Fact]
    public async Task Mediainfo_finds_HDR_in_the_bitstream_and_in_the_container_of_an_MP4()
    {
        var good = await benches.InAsync("mp4, HDR");

        var info = await StreamOracle.MediaInfoAsync(good.Output);

        foreach (
            var name in new[]
            {
                "colour_primaries",
                "transfer_characteristics",
                "matrix_coefficients",
                "MasteringDisplay_ColorPrimaries",
                "MasteringDisplay_Luminance",
                "MaxCLL",
                "MaxFALL",
            }
        )
        {
            info.ShouldContain(StreamOracle.InBoth(name));
        }
    }

    /// <summary>The container says it right; decoders would see another thing.</summary>
    [Theory]
    [InlineData("", "bitstream's mastering display: expected 0.68 ", "found none.")]
    [InlineData("", "bitstream's content light level: expected 1000/400, ", "found none.")]
    [InlineData(
        ":transfer-characteristics=18",
        "bitstream's colour transfer: expected smpte2084, ",
        "found arib-std-b67."
    )]
    public async Task A_tag_that_the_bitstream_lost(string parameters, string start, string end)
    {
        var good = await benches.InAsync("mp4, HDR");
        using var mutant = good.Twin();
        mutant.Settings = good.Settings with { Mastering = null, Light = null };
        mutant.UseSegments([
            await mutant.EncodeSegmentAsync(
                _directory.File("silent.ivf"),
                0,
                good.Analysis.Frames,
                parameters: "tune=0" + parameters
            ),
        ]);
        await mutant.JoinAsync();
        mutant.Settings = good.Settings;
        await mutant.MuxAsync();

        var report = await mutant.ValidateAsync();

        report.Findings.ShouldContain(
            text => text.StartsWith(start) && text.EndsWith(end),
            string.Join('\n', report.Findings)
        );
    }

    private Task<ValidationReport> WithVideoAsync(MuxBench good, IReadOnlyList<byte[]> frames) =>
        MuxAndCheckAsync(
            good,
            bench =>
                bench.UseVideo(
                    MutantVideo.Write(frames, good.Video.Path, _directory.File("mutant.ivf"))
                )
        );

    private async Task<ValidationReport> WithLateSoundAsync(MuxBench good)
    {
        var late = _directory.File("late.mka");
        await TestTools.MkvmergeAsync("-o", late, "--sync", "0:100", good.Audio[1].Path);
        return await MuxAndCheckAsync(
            good,
            bench => bench.Audio = [good.Audio[0], good.Audio[1] with { Path = late }]
        );
    }

    private static async Task<ValidationReport> MuxAndCheckAsync(
        MuxBench good,
        Action<MuxBench> mutate
    )
    {
        using var bench = good.Twin();
        mutate(bench);
        await bench.MuxAsync();
        return await good.ValidateAsync(bench.Output);
    }

    private async Task<ValidationReport> TamperAsync(MuxBench good)
    {
        if (good.Container == Container.Mp4)
        {
            return await good.ValidateAsync(Patch(good.Output, "nclx\0\u0001", "nclx\0\u0009"));
        }
        var tampered = _directory.File("tampered.mkv");
        await TestTools.MkvmergeAsync([
            .. good.Container == Container.WebM ? ["--webm"] : Array.Empty<string>(),
            "-o",
            tampered,
            "--colour-primaries",
            "0:9",
            good.Output,
        ]);
        return await good.ValidateAsync(tampered);
    }

    /// <summary>A copy of the file with other bytes of the same number in the place of some in its index.</summary>
    private string Patch(string file, string from, string to)
    {
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().IndexOf(Encoding.Latin1.GetBytes(from));
        at.ShouldBePositive($"{from} is not in the file");
        Encoding.Latin1.GetBytes(to).CopyTo(bytes, at);
        var path = _directory.File("patched.mp4");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static List<byte[]> Flipped(List<byte[]> frames, int frame)
    {
        frames[frame] = [.. frames[frame]];
        frames[frame][^1] ^= 4;
        return frames;
    }

    private async Task<IReadOnlyList<byte[]>> OtherAsync(MuxBench good, int size)
    {
        var other = await good.EncodeSegmentAsync(
            _directory.File("other.ivf"),
            size,
            size,
            parameters: "film-grain=8"
        );
        return MutantVideo.Read(other.Path);
    }
}

/// <summary>A good output for each place, made once.</summary>
public sealed class MutationBenches : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly Dictionary<string, Lazy<Task<MuxBench>>> _benches = [];

    public ValueTask InitializeAsync()
    {
        var rich = new Lazy<Task<MuxBench>>(async () =>
            await MuxBench.PrepareAsync(await RichSource.MakeAsync(_directory), segments: 3)
        );
        _benches["rich"] = rich;
        Add("mp4", async () => await InContainerAsync((await rich.Value).Twin(), Container.Mp4));
        Add("webm", async () => await InContainerAsync((await rich.Value).Twin(), Container.WebM));
        Add(
            "mkv, variable rate",
            async () =>
                await InContainerAsync(
                    await MuxBench.PrepareAsync(
                        await WithTwoTracksAsync("vfr.mkv", await TestClips.VariableRate()),
                        segments: 3
                    ),
                    Container.Mkv
                )
        );
        Add(
            "mp4, nothing moves",
            async () =>
                await InContainerAsync(
                    await MuxBench.PrepareAsync(
                        await WithTwoTracksAsync("still.mkv", await StillAsync()),
                        segments: 3
                    ),
                    Container.Mp4
                )
        );
        Add(
            "mp4, HDR",
            async () =>
                await InContainerAsync(
                    await MuxBench.PrepareAsync(await TestClips.Hdr10(), segments: 1),
                    Container.Mp4
                )
        );
        return ValueTask.CompletedTask;
    }

    internal Task<MuxBench> InAsync(string place) => _benches[place].Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var bench in _benches.Values.Where(bench => bench.IsValueCreated))
        {
            (await bench.Value).Dispose();
        }
        _directory.Dispose();
    }

    private void Add(string place, Func<Task<MuxBench>> make) =>
        _benches[place] = new Lazy<Task<MuxBench>>(make);

    private static async Task<MuxBench> InContainerAsync(MuxBench bench, Container container)
    {
        bench.Container = container;
        await bench.MuxAsync();
        (await bench.ValidateAsync()).Findings.ShouldBeEmpty();
        return bench;
    }

    /// <summary>The picture of a clip, two sounds, and colours that it names.</summary>
    private async Task<string> WithTwoTracksAsync(string name, string clip)
    {
        var path = _directory.File(name);
        await TestTools.FfmpegAsync([
            "-i",
            "file:" + clip,
            .. Sine(440),
            .. Sine(550),
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-map",
            "2:a",
            "-c:v",
            "copy",
            "-bsf:v",
            "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1",
            "-c:a",
            "flac",
            "file:" + path,
        ]);
        return path;
    }

    private static string[] Sine(int frequency) => ["-f", "lavfi", "-i", $"sine=f={frequency}:d=2"];

    /// <summary>48 times the same picture.</summary>
    private async Task<string> StillAsync()
    {
        var path = _directory.File("picture.mkv");
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "color=gray:s=160x90:r=24",
            "-frames:v",
            "48",
            "-c:v",
            "libx264",
            "file:" + path
        );
        return path;
    }
}

/// <summary>The frames of an elementary stream, to be put together in other ways.</summary>
internal static class MutantVideo
{
    public static List<byte[]> Read(string path)
    {
        using var reader = IvfReader.Open(path);
        var frames = new List<byte[]>();
        while (reader.TryRead(out var frame))
        {
            frames.Add(frame.Payload.ToArray());
        }
        return frames;
    }

    /// <param name="good">The stream whose header is taken.</param>
    public static string Write(IReadOnlyList<byte[]> frames, string good, string path)
    {
        using var reader = IvfReader.Open(good);
        using var output = File.Create(path);
        var writer = new IvfWriter(output);
        writer.WriteHeader(reader.Header);
        for (var frame = 0; frame < frames.Count; frame++)
        {
            writer.WriteFrame((ulong)frame, frames[frame]);
        }
        return path;
    }
}
