using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Analysis;

public sealed class BadInputTests
{
    public static TheoryData<string> Names => [.. BadInputs.All.Select(bad => bad.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bad_input_gets_one_clear_sentence(string name)
    {
        var bad = BadInputs.All.Single(input => input.Name == name);
        using var home = new TestDirectory();
        using var work = new TestDirectory();
        var path = await bad.MakeAsync(home);

        var error = await Should.ThrowAsync<FarmException>(AnalyzeAsync(path, work));

        error.Error.ShouldBe(FarmError.BadInput);
        error.Message.ShouldStartWith($"'{path}' ");
        error.Message.ShouldContain(bad.Says);
        error.Message.ShouldNotContain("\n");
        Directory.GetFiles(work.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cut_file_says_how_much_is_usable_and_is_taken_on_request()
    {
        using var home = new TestDirectory();
        using var work = new TestDirectory();
        var path = await BadInputs.All.Single(bad => bad.Name == "MKV cut").MakeAsync(home);

        var error = await Should.ThrowAsync<FarmException>(AnalyzeAsync(path, work));
        var accepted = await AnalyzeAsync(path, work, allowTruncated: true);

        error.Message.ShouldMatch(@"is cut off: 2\.\d of 5\.0 seconds are usable\.");
        accepted.Analysis.Warnings.ShouldContain(w => w.Contains("of 5.0 seconds are usable"));
        var decoded = await FrameOracle.DecodeAsync(path);
        accepted.Frames.Pts.ShouldBe(decoded.Pts);
    }

    [Fact]
    public async Task A_cut_mp4_is_taken_on_request()
    {
        using var home = new TestDirectory();
        using var work = new TestDirectory();
        var path = await BadInputs
            .All.Single(bad => bad.Name == "MP4 with moov first, cut")
            .MakeAsync(home);

        var accepted = await AnalyzeAsync(path, work, allowTruncated: true);

        var decoded = await FrameOracle.DecodeAsync(path);
        accepted.Frames.Pts.ShouldBe(decoded.Pts);
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_says_so()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "An administrator may read everything.");
        using var home = new TestDirectory();
        var path = home.File("secret.mkv");
        await File.WriteAllTextAsync(path, "secret");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        var error = await Should.ThrowAsync<FarmException>(AnalyzeAsync(path, home));

        error.Error.ShouldBe(FarmError.BadInput);
        error.Message.ShouldContain("may not be read by this user");
    }

    [Theory]
    [InlineData("it's a \"film\".mp4")]
    [InlineData("100% : sure.mp4")]
    [InlineData("-y.mp4")]
    [InlineData("two\nlines.mp4")]
    [InlineData("日本語 фильм.mp4")]
    [InlineData("@file.mp4")]
    [InlineData("a%03d.mp4")]
    [InlineData("http:x,y;z[0]=\\'.mp4")]
    public async Task Any_file_name_works(string name)
    {
        using var home = new TestDirectory();
        using var work = new TestDirectory();
        var path = home.File(name);
        File.Copy(await TestClips.NineFrames(), path);

        var source = await AnalyzeAsync(path, work);

        source.Frames.Count.ShouldBe(9);
        source.Analysis.Source.Path.ShouldBe(path);
    }

    [Fact]
    public async Task Cancelling_ends_the_tools()
    {
        using var work = new TestDirectory();
        using var stop = new CancellationTokenSource();
        var path = await TestClips.H264ClosedGop();
        var analyzer = new SourceAnalyzer(await TestTools.SetAsync(), new StoppingRunner(stop));

        await Should.ThrowAsync<OperationCanceledException>(() =>
            analyzer.AnalyzeAsync(path, new AnalysisOptions(), work.Path, stop.Token)
        );
    }

    /// <summary>Somebody interrupts as soon as the first tool is started.</summary>
    private sealed class StoppingRunner(CancellationTokenSource stop) : IToolRunner
    {
        public async Task<ToolResult> RunAsync(ToolCommand command, CancellationToken cancellation)
        {
            var run = TestTools.Runner.RunAsync(command, cancellation);
            await stop.CancelAsync();
            return await run;
        }
    }

    private static Task<AnalyzedSource> AnalyzeAsync(
        string path,
        TestDirectory work,
        bool allowTruncated = false
    ) => Analyze.FileAsync(path, work, new AnalysisOptions { AllowTruncated = allowTruncated });
}
