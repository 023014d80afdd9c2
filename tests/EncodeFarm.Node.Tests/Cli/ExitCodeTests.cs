using System.Diagnostics;
using System.Text.Json;

namespace EncodeFarm.Node.Tests.Cli;

public sealed class ExitCodeTests : IDisposable
{
    private readonly Farm _farm = new();

    public void Dispose() => _farm.Dispose();

    [Fact]
    public async Task Help_is_no_error()
    {
        var (code, output, _) = await _farm.RunAsync("--help");

        code.ShouldBe(0);
        foreach (
            var verb in new[] { "encode", "plan", "vmaf", "doctor", "config", "clean", "demo" }
        )
        {
            output.ShouldContain($"  {verb} ");
        }
    }

    [Fact]
    public async Task Without_a_verb_help_is_the_answer_to_a_mistake()
    {
        var (code, output, error) = await _farm.RunAsync();

        (code, output).ShouldBe((2, ""));
        error.ShouldContain("  encode <source> ");
        error.ShouldNotContain("not provided");
    }

    [Theory]
    [InlineData(
        "✗ encode has no option --frob; a file of that name is given as ./--frob, or behind --.",
        "encode",
        "--frob",
        "in.mkv"
    )]
    [InlineData(
        "✗ encode has no option -y.mkv; a file of that name is given as ./-y.mkv, or behind --.",
        "encode",
        "-y.mkv"
    )]
    [InlineData(
        "✗ encode has no option --slot=2 (did you mean --slots?);",
        "encode",
        "x.mkv",
        "--slot=2"
    )]
    [InlineData("✗ vmaf has no option --frob;", "vmaf", "--frob", "a", "b")]
    [InlineData("✗ plan has no option -x;", "plan", "-x")]
    [InlineData("✗ check has no option --frob;", "config", "check", "--frob")]
    [InlineData("✗ --frob is not known here.", "config", "show", "--frob")]
    [InlineData("✗ --frob is not known here.", "config", "--frob")]
    [InlineData("✗ --frob is not known here.", "doctor", "--frob")]
    [InlineData("✗ --frob is not known here.", "clean", "--frob")]
    [InlineData("✗ --frob is not known here.", "demo", "--frob")]
    [InlineData("✗ --frob is not known here.", "node", "--frob")]
    [InlineData("✗ --frob is not known here.", "--frob")]
    [InlineData("✗ --frob is not known here.", "--frob", "encode", "x.mkv")]
    [InlineData(
        "✗ -o needs a value, and --frob looks like an option; if it is the value, give --output=--frob.",
        "encode",
        "x.mkv",
        "-o",
        "--frob"
    )]
    [InlineData(
        "✗ --overwrite takes no value, but is given 'maybe': give it alone, or leave it out.",
        "encode",
        "x.mkv",
        "--overwrite=maybe"
    )]
    [InlineData("✗ --overwrite takes no value,", "encode", "x.mkv", "--overwrite=true")]
    [InlineData("✗ --keep takes no value,", "encode", "--keep:no", "x.mkv")]
    [InlineData("✗ -q takes no value,", "encode", "x.mkv", "-q=1")]
    [InlineData("✗ --json takes no value,", "plan", "x.mkv", "--json=")]
    [InlineData("✗ --json takes no value,", "vmaf", "a", "b", "--json=1")]
    [InlineData("✗ --json takes no value,", "doctor", "--json=1")]
    [InlineData("✗ --verbose takes no value,", "demo", "--verbose=1")]
    [InlineData("✗ --help takes no value,", "node", "--help=1")]
    [InlineData("✗ --version takes no value,", "--version=1")]
    [InlineData("✗ Standard input can't be the source,", "encode", "-")]
    [InlineData("✗ The name of the source is empty.", "encode", "")]
    [InlineData("✗ The name of the distorted is empty.", "vmaf", "a", "")]
    [InlineData("✗ -o is empty: give it a value,", "encode", "x.mkv", "-o", "")]
    [InlineData("✗ --work is empty: give it a value,", "encode", "x.mkv", "--work", "")]
    [InlineData("✗ -o is -, but the output is a file", "encode", "x.mkv", "-o", "-")]
    [InlineData(
        "✗ segment.seconds is empty, but must be 1..300 (given with -s).",
        "encode",
        "x.mkv",
        "-s",
        "segment.seconds="
    )]
    [InlineData("✗ frob is not known here.", "frob")]
    [InlineData("✗ Required argument missing for command: 'encode'.", "encode")]
    [InlineData(
        "✗ There is no setting slot (given with -s). Did you mean slots?",
        "encode",
        "x.mkv",
        "-s",
        "slot=2"
    )]
    [InlineData("✗ -s expects key=value, but got slots.", "encode", "x.mkv", "-s", "slots")]
    [InlineData(
        "✗ slots is 0, but must be auto or 1..256 (given with --slots).",
        "encode",
        "x.mkv",
        "--slots",
        "0"
    )]
    [InlineData(
        "✗ There is no profile av1-vmf. Did you mean av1-vmaf?",
        "encode",
        "x.mkv",
        "-p",
        "av1-vmf"
    )]
    [InlineData("✗ --subsample must be 1..16.", "vmaf", "a", "b", "--subsample", "17")]
    [InlineData(
        "✗ --older is 3w, but must be a number with d or h, such as 30d.",
        "clean",
        "--older",
        "3w"
    )]
    [InlineData(
        "✗ The configuration /no/such does not exist.",
        "config",
        "show",
        "--config",
        "/no/such"
    )]
    public async Task Wrong_usage_is_2(string sentence, params string[] arguments)
    {
        var (code, output, error) = await _farm.RunAsync(arguments);

        error.ShouldStartWith(sentence);
        error.ShouldNotContain("   at ");
        (code, output).ShouldBe((2, ""));
    }

    [Theory]
    [InlineData("x.mkv", "'x.mkv' does not exist. Check the name.")]
    [InlineData(
        "-x 'y'\n日本: 100%.mkv",
        "'-x 'y'\n日本: 100%.mkv' does not exist. Check the name."
    )]
    [InlineData("@x.mkv", "'@x.mkv' does not exist. Check the name.")]
    [InlineData(".", "'.' is a directory. Give the video files in it.")]
    [InlineData(
        "\ufffd.mkv",
        "'\ufffd.mkv' can't be found, because its name is not valid UTF-8. Rename it, or make a link to it with another name."
    )]
    public async Task A_source_that_is_none_is_3(string source, string sentence)
    {
        var (code, _, error) = await _farm.RunAsync("encode", "--", source);

        var shown = source == "." ? _farm.Directory : $"{_farm.Directory}/{source}";
        error.ShouldBe($"✗ {sentence.Replace($"'{source}'", $"'{shown}'")}\n");
        code.ShouldBe(3);
    }

    [Theory]
    [InlineData("nowhere/x.mkv", "there is no directory")]
    [InlineData(
        "there.mkv",
        "exists already. Choose another name with -o, or replace it with --overwrite."
    )]
    [InlineData("x.mkv", "would be replaced by its own output.")]
    [InlineData("link.mkv", "would be replaced by its own output.")]
    [InlineData("hard.mkv", "would be replaced by its own output.")]
    [InlineData("nowhere.mkv", "exists already.")]
    [InlineData("/proc/x.mkv", "✗ '/proc' can't be written: ")]
    public async Task A_destination_that_can_not_be_is_3(string output, string words)
    {
        _farm.Write("x.mkv", "not a video");
        _farm.Write("there.mkv", "precious");
        File.CreateSymbolicLink(Path.Combine(_farm.Directory, "link.mkv"), "x.mkv");
        File.CreateSymbolicLink(Path.Combine(_farm.Directory, "nowhere.mkv"), "gone");
        using (
            var link = Process.Start(
                new ProcessStartInfo("ln", ["x.mkv", "hard.mkv"])
                {
                    WorkingDirectory = _farm.Directory,
                }
            )!
        )
        {
            await link.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var (code, _, error) = await _farm.RunAsync("encode", "x.mkv", "-o", output);

        error.ShouldContain(words);
        code.ShouldBe(3);
        File.ReadAllText(Path.Combine(_farm.Directory, "there.mkv")).ShouldBe("precious");
    }

    [Theory]
    [InlineData(252, "its name has 256 bytes, and 255 is the most.")]
    [InlineData(5000, "its name has 5004 bytes, and 255 is the most.")]
    public async Task A_name_that_is_too_long_is_3_before_any_work(int length, string words)
    {
        _farm.Write("x.mkv", "not a video");

        var (code, _, error) = await _farm.RunAsync(
            "encode",
            "x.mkv",
            "-o",
            $"{new string('x', length)}.mkv"
        );

        error.ShouldEndWith($"can't be written: {words} Choose a shorter one with -o.\n");
        code.ShouldBe(3);
    }

    [Fact]
    public async Task A_work_directory_that_is_a_file_is_3()
    {
        _farm.Write("x.mkv", "not a video");

        foreach (var work in new[] { "x.mkv", "x.mkv/deeper" })
        {
            var (code, _, error) = await _farm.RunAsync("encode", "x.mkv", "--work", work);

            error.ShouldBe(
                $"✗ The work directory '{_farm.Directory}/{work}' can't be used: '{_farm.Directory}/x.mkv' is a file, not a directory. Choose another one with --work.\n"
            );
            code.ShouldBe(3);
        }
    }

    [Fact]
    public async Task A_job_directory_that_is_a_file_is_3()
    {
        await _farm.KnowToolsAsync();
        _farm.Write("x.mkv", "not a video");
        string[] command = ["encode", "x.mkv", "-p", "av1-crf"];
        var (_, _, said) = await _farm.RunAsync([.. command, "--log-format", "json"]);
        var key = JsonDocument.Parse(said).RootElement.GetProperty("job").GetString()!;
        var jobs = Path.Combine(_farm.State, "encodefarm", "jobs");
        File.WriteAllText(Path.Combine(jobs, key), "");

        var (code, _, error) = await _farm.RunAsync(command);

        error.ShouldBe(
            $"✗ The job's directory '{jobs}/{key}' can't be used: it is a file. Remove it, or choose another work directory with --work.\n"
        );
        code.ShouldBe(3);
    }

    [Fact]
    public async Task A_work_directory_that_can_not_be_is_3()
    {
        _farm.Write("x.mkv", "not a video");

        var (code, _, error) = await _farm.RunAsync("encode", "x.mkv", "--work", "/proc/nowhere");

        error.ShouldStartWith("✗ The work directory '/proc/nowhere' can't be used: ");
        error.ShouldEndWith("Choose another one with --work.\n");
        code.ShouldBe(3);
    }

    [Fact]
    public async Task A_file_that_is_no_video_is_3_and_leaves_nothing_behind()
    {
        await _farm.KnowToolsAsync();
        _farm.Write("x.mkv", "not a video");

        var (code, output, error) = await _farm.RunAsync("encode", "x.mkv", "-p", "av1-crf");

        error.ShouldBe(
            $"✗ '{_farm.Directory}/x.mkv' is a text file, not a video. Give a video file.\n"
        );
        (code, output).ShouldBe((3, ""));
        Directory.GetDirectories(Path.Combine(_farm.State, "encodefarm", "jobs")).ShouldBeEmpty();
        Directory.GetFiles(_farm.Directory).ShouldBe([Path.Combine(_farm.Directory, "x.mkv")]);
    }

    [Fact]
    public async Task Roots_are_kept()
    {
        _farm.Write("x.mkv", "not a video");

        var (code, _, error) = await _farm.RunAsync(
            "encode",
            "x.mkv",
            "-s",
            "roots.sources=/srv/media"
        );

        error.ShouldContain("lies outside the directories that roots.sources allows.");
        code.ShouldBe(3);
    }

    [Fact]
    public async Task Config_check_tells_every_problem()
    {
        _farm.Write("good.yaml", "schema: 1\nslots: 2\n");
        _farm.Write("bad.yaml", "schema: 1\nslots: 0\nguard:\n  hihg: 50\n");

        var (code, _, error) = await _farm.RunAsync("config", "check", "bad.yaml");
        code.ShouldBe(2);
        error.ShouldBe(
            """
            ✗ slots is 0, but must be auto or 1..256 (in bad.yaml, line 2).
            ✗ There is no setting guard.hihg (in bad.yaml, line 4). Did you mean guard.high?

            """
        );

        var (good, output, _) = await _farm.RunAsync("config", "check", "good.yaml");
        (good, output).ShouldBe((0, $"✓ {_farm.Directory}/good.yaml is fine.\n"));
    }

    [Theory]
    [InlineData(
        "encoding: { crf_min: 40, crf_max: 39 }",
        "Profile av1-vmaf: encoding.crf_min is 40, but must not be above encoding.crf_max, 39."
    )]
    [InlineData(
        "encoding: { film_grain: 8, preset: 9 }",
        "Profile av1-vmaf: encoding.film_grain is 8 together with encoding.preset 9; film grain needs preset 8 or below."
    )]
    [InlineData(
        "encoding: { crf: 30, vmaf_target: 96 }",
        "Profile av1-vmaf: encoding.crf is 30 together with encoding.vmaf_target 96; a fixed CRF above 20 contradicts a target above 95."
    )]
    [InlineData("profile: av1-vmf", "There is no profile av1-vmf. Did you mean av1-vmaf?")]
    public async Task A_profile_that_can_not_be_had_is_told_by_check_and_by_a_coordinator_that_starts(
        string line,
        string sentence
    )
    {
        _farm.Write("bad.yaml", $"schema: 1\n{line}\n");

        var check = await _farm.RunAsync("config", "check", "bad.yaml");
        check.ShouldBe((2, "", $"✗ {sentence}\n"));

        // The work directory, which would end it too, is looked at later.
        string[] node = ["node", "--config", "bad.yaml", "--work", "/proc/nowhere"];
        (await _farm.RunAsync(node)).ShouldBe((2, "", $"✗ {sentence}\n"));
        // Profiles are the coordinator's affair.
        var worker = await _farm.RunAsync([.. node, "--roles", "worker", "--broker", "amqp://x"]);
        worker.Code.ShouldBe(3);
    }

    [Fact]
    public async Task A_configuration_beside_is_found()
    {
        _farm.Write("cluster-config/farm.yaml", "schema: 1\nslots: 7\n");

        var (code, output, _) = await _farm.RunAsync("config", "show");

        code.ShouldBe(0);
        output.ShouldMatch(@"slots +7 +in cluster-config/farm.yaml, line 2 ");
    }
}
