using System.Diagnostics;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Locate;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>Machines that this one is not: short scripts stand for their tools.</summary>
public sealed class FakeToolsTests : IDisposable
{
    private const string Ffmpeg = """
        #!/bin/sh
        case "$*" in
            *-encoders) printf ' V..... = Video\n ------\n V....D libsvtav1  SVT\n A....D libopus  Opus\n' ;;
            *-filters) printf '  T.. = Timeline support\n ... scale  V->V  Scale\n%s' "$FILTER" ;;
            -version) printf 'ffmpeg version 7.1 Copyright\nlibavutil      59. 39.100 / 59. 39.100\n' ;;
            *libvmaf*) exit 0 ;;
            *) exit 1 ;;
        esac
        """;

    /// <summary>For tools that never answer. The others have to meanwhile, on a machine that may stand still for seconds.</summary>
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(10);

    private readonly TestDirectory scratch = new();
    private readonly Dictionary<string, string> variables = [];
    private TimeSpan answerLimit = new ToolLocatorOptions().AnswerLimit;
    private int started;

    public FakeToolsTests()
    {
        scratch.Program("ffmpeg", Ffmpeg.Replace("$FILTER", ""));
        scratch.Program(
            "ffprobe",
            "#!/bin/sh\nprintf 'ffprobe version 7.1 Copyright\\nlibavutil      59. 39.100 / 59. 39.100\\n'\n"
        );
        scratch.Program("mkvmerge", "#!/bin/sh\necho \"mkvmerge v90.0 ('Hanging On') 64-bit\"\n");
    }

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task What_is_not_required_may_be_missing()
    {
        var tools = await Locate();

        tools.Ffmpeg.ShouldBe(new Tool("ffmpeg", scratch.File("ffmpeg"), "7.1"));
        tools.Mkvmerge.Version.ShouldBe("90.0");
        tools.MediaInfo.ShouldBeNull();
        tools.Vmaf.ShouldBeNull();
        tools.Encoders.ShouldBe(["libopus", "libsvtav1"]);
        tools.Filters.ShouldBe(["scale"]);
    }

    [Fact]
    public async Task A_missing_tool_is_named_with_what_to_install()
    {
        File.Delete(scratch.File("mkvmerge"));

        var failure = await Should.ThrowAsync<FarmException>(() => Locate());

        failure.Error.ShouldBe(FarmError.ToolMissing);
        failure.Message.ShouldStartWith("mkvmerge was not found. Run ./farm setup");
        failure.Message.ShouldContain("apt-get install mkvtoolnix");
        failure.Message.ShouldContain("ENCODEFARM_MKVMERGE");
        var finding = (await Locator().ExamineAsync()).Single(found => found.Name == "mkvmerge");
        (finding.Ok, finding.Required, finding.Path).ShouldBe((false, true, null));
        finding.Advice.ShouldBe(failure.Message);
    }

    [Fact]
    public async Task A_variable_says_where_a_tool_is()
    {
        var elsewhere = Directory.CreateDirectory(scratch.File("else where")).FullName;
        File.Move(scratch.File("mkvmerge"), Path.Combine(elsewhere, "my merge"));
        variables["ENCODEFARM_MKVMERGE"] = Path.Combine(elsewhere, "my merge");

        (await Locate()).Mkvmerge.Path.ShouldBe(Path.Combine(elsewhere, "my merge"));
    }

    [Fact]
    public async Task A_variable_that_names_nothing_is_an_error_although_the_path_has_the_tool()
    {
        variables["ENCODEFARM_FFPROBE"] = "/no/such/ffprobe";

        var failure = await Should.ThrowAsync<FarmException>(() => Locate());

        failure.Message.ShouldStartWith(
            "ENCODEFARM_FFPROBE names /no/such/ffprobe, which is not a program that can be run."
        );
    }

    [Fact]
    public async Task An_ffmpeg_that_is_too_old_or_broken_is_refused()
    {
        scratch.Replace(
            "ffmpeg",
            "#!/bin/sh\nprintf 'ffmpeg version 4.3.9 Copyright\\nlibavutil      56. 51.100 / 56. 51.100\\n'\n"
        );
        var old = await Should.ThrowAsync<FarmException>(() => Locate());
        scratch.Replace("ffmpeg", "#!/bin/sh\necho 'cannot open shared object file' >&2; exit 1\n");
        var broken = await Should.ThrowAsync<FarmException>(() => Locate());

        old.Message.ShouldContain("version 4.3.9 is too old, 5.1 is the oldest that fits.");
        broken.Message.ShouldContain("cannot open shared object file");
        broken.Error.ShouldBe(FarmError.ToolMissing);
    }

    [Fact]
    public async Task The_systems_ffmpeg_measures_when_it_can()
    {
        scratch.Replace("ffmpeg", Ffmpeg.Replace("$FILTER", " ... libvmaf  VV->V  Score\\n"));
        Package("#!/bin/sh\necho 'ffprobe version N-1-static Copyright'\n");

        var tools = await Locate();

        tools.Vmaf.ShouldBe(new Tool("vmaf", scratch.File("ffmpeg"), "ffmpeg 7.1"));
        tools.VmafIsFfmpeg.ShouldBeTrue();
    }

    [Fact]
    public async Task Otherwise_the_repositorys_tool_does_and_a_chosen_one_before_both()
    {
        var package = Package("#!/bin/sh\necho 'ffprobe version N-1-static Copyright'\n");
        var tools = await Locate();
        var chosen = scratch.Program("chosen", "#!/bin/sh\necho 'ffprobe version 8.0 Copyright'\n");
        variables["ENCODEFARM_VMAF"] = chosen;
        var withChosen = await Locate();

        tools.Vmaf.ShouldBe(new Tool("vmaf", package, "ffprobe N-1-static"));
        tools.VmafIsFfmpeg.ShouldBeFalse();
        withChosen.Vmaf.ShouldBe(new Tool("vmaf", chosen, "ffprobe 8.0"));
        withChosen.Fingerprint.ShouldNotBe(tools.Fingerprint);
    }

    [Fact]
    public async Task A_measuring_tool_without_a_model_is_not_taken()
    {
        Package(
            "#!/bin/sh\n[ \"$1\" = -version ] || { echo 'could not load model' >&2; exit 1; }\necho 'ffprobe version 7.1 Copyright'\n"
        );

        var tools = await Locate();
        var finding = (await Locator().ExamineAsync()).Single(found => found.Name == "vmaf");

        tools.Vmaf.ShouldBeNull();
        finding.Advice.ShouldNotBeNull().ShouldContain("could not load model");
    }

    [Fact]
    public async Task The_second_start_asks_no_program_until_a_file_changes()
    {
        var first = await Locate(remember: true);
        var askedFirst = Interlocked.Exchange(ref started, 0);
        var second = await Locate(remember: true);
        var askedSecond = Interlocked.Exchange(ref started, 0);
        scratch.Replace("ffmpeg", Ffmpeg.Replace("$FILTER", " ... crop  V->V  Crop\\n"));
        var third = await Locate(remember: true);

        askedFirst.ShouldBeGreaterThan(4);
        askedSecond.ShouldBe(0);
        second.Fingerprint.ShouldBe(first.Fingerprint);
        second.Filters.ShouldBe(first.Filters);
        second.Mkvmerge.ShouldBe(first.Mkvmerge);
        third.Filters.ShouldBe(["crop", "scale"]);
        third.Fingerprint.ShouldNotBe(first.Fingerprint);
    }

    [Fact]
    public async Task A_tool_that_is_installed_later_is_found_in_spite_of_the_memory()
    {
        var before = await Locate(remember: true);
        scratch.Program("mediainfo", "#!/bin/sh\necho 'MediaInfoLib - v23.04'; exit 255\n");
        var after = await Locate(remember: true);

        before.MediaInfo.ShouldBeNull();
        after.MediaInfo.ShouldNotBeNull().Version.ShouldBe("23.04");
    }

    [Fact]
    public async Task A_damaged_memory_is_no_memory()
    {
        await Locate(remember: true);
        await File.WriteAllTextAsync(scratch.File("tools.json"), "{ \"format\": ");

        (await Locate(remember: true)).Ffmpeg.Version.ShouldBe("7.1");
    }

    [Theory]
    [InlineData("ffmpeg", "-version")]
    [InlineData("ffmpeg", "-hide_banner")]
    [InlineData("mkvmerge", "--version")]
    public async Task A_tool_that_is_too_slow_is_not_called_missing(string tool, string question)
    {
        var script = await File.ReadAllTextAsync(scratch.File(tool));
        scratch.Replace(
            tool,
            script.Replace("#!/bin/sh\n", $"#!/bin/sh\n[ \"$1\" = {question} ] && sleep 60\n")
        );
        answerLimit = Impatience;

        var failure = await Should.ThrowAsync<FarmException>(() => Locate());

        failure.Message.ShouldStartWith($"{scratch.File(tool)} did not answer within 10 s. ");
        failure.Message.ShouldNotContain("nstall");
    }

    [Fact]
    public async Task What_was_too_slow_once_is_asked_again()
    {
        scratch.Program(
            "mediainfo",
            "#!/bin/sh\n[ -e \"$0.quick\" ] || sleep 60\necho 'MediaInfoLib - v23.04'; exit 255\n"
        );
        answerLimit = Impatience;
        var slow = await Locate(remember: true);
        await File.WriteAllTextAsync(scratch.File("mediainfo.quick"), "");
        var quick = await Locate(remember: true);

        slow.MediaInfo.ShouldBeNull();
        quick.MediaInfo.ShouldNotBeNull();
        File.Exists(scratch.File("tools.json")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_tool_that_says_nothing_is_refused_in_a_whole_sentence()
    {
        scratch.Replace("mkvmerge", "#!/bin/sh\nexit 0\n");

        (await Should.ThrowAsync<FarmException>(() => Locate())).Message.ShouldStartWith(
            $"{scratch.File("mkvmerge")} can't be used: it says nothing when it is asked for its version. Run ./farm setup"
        );
    }

    [Fact]
    public async Task An_interrupted_search_ends_although_a_tool_turns_a_deaf_ear()
    {
        scratch.Replace(
            "ffmpeg",
            "#!/bin/sh\ntrap '' TERM INT\n[ \"$2\" = -filters ] && touch \"$0.started\"\nsleep 600 & wait; wait\n"
        );
        using var stop = new CancellationTokenSource();
        using var watch = new FileSystemWatcher(scratch.Path, "ffmpeg.started");
        watch.Created += (_, _) => stop.Cancel();
        watch.EnableRaisingEvents = true;
        var clock = Stopwatch.StartNew();

        await Should.ThrowAsync<OperationCanceledException>(() =>
            Locator().LocateAsync(stop.Token)
        );

        clock.Elapsed.ShouldBeLessThan(answerLimit);
    }

    private string Package(string script)
    {
        var tools = Directory.CreateDirectory(scratch.File("repository/tools")).FullName;
        File.WriteAllText(Path.Combine(tools, "package.json"), "{}");
        var name = $"repository/tools/node_modules/@ffprobe-installer/{ToolPlaces.PlatformName()}";
        Directory.CreateDirectory(scratch.File(name));
        return scratch.Program($"{name}/ffprobe", script);
    }

    private Task<ToolSet> Locate(bool remember = false) => Locator(remember).LocateAsync();

    private ToolLocator Locator(bool remember = false) =>
        new(
            new ToolRunner { OnCommand = _ => Interlocked.Increment(ref started) },
            new ToolLocatorOptions
            {
                SearchDirectories = [scratch.Path],
                ApplicationDirectory = Directory
                    .CreateDirectory(scratch.File("repository/artifacts/bin"))
                    .FullName,
                Variable = name => variables.GetValueOrDefault(name),
                CacheDirectory = remember ? scratch.Path : null,
                AnswerLimit = answerLimit,
            }
        );
}
