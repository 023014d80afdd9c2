using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ToolFailureTests
{
    private readonly ToolRunner runner = new();

    [Fact]
    public async Task A_failure_says_which_tool_and_its_last_words()
    {
        var failure = await Fail(Shell.Command("echo first >&2; echo last words >&2; exit 3"));

        failure.Kind.ShouldBe(ToolFailureKind.ExitCode);
        failure.ExitCode.ShouldBe(3);
        failure.Message.ShouldBe("sh failed (exit code 3): last words");
        failure.ErrorTail.ShouldBe("first\nlast words\n");
        failure.CpuSeconds.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_tool_that_complains_on_standard_output_is_quoted_from_there()
    {
        const string complain = "echo '#GUI#progress 3%'; echo 'Error: it is broken'; exit 2";

        var asText = await Fail(Shell.Command(complain));
        var asLines = await Fail(Shell.Command(complain) with { OnOutputLine = _ => { } });

        asText.Message.ShouldBe("sh failed (exit code 2): Error: it is broken");
        asLines.Message.ShouldBe(asText.Message);
    }

    [Theory]
    [InlineData("cat /etc/passwd > /dev/full", ToolFailureKind.DiskFull)]
    [InlineData("echo 'malloc: Cannot allocate memory' >&2; exit 1", ToolFailureKind.OutOfMemory)]
    [InlineData("kill -KILL $$", ToolFailureKind.OutOfMemory)]
    [InlineData("exit 137", ToolFailureKind.OutOfMemory)]
    [InlineData("kill -PIPE $$", ToolFailureKind.Signal)]
    [InlineData("kill -SEGV $$", ToolFailureKind.Signal)]
    [InlineData("kill -TERM $$", ToolFailureKind.Signal)]
    [InlineData("exit 127", ToolFailureKind.ExitCode)]
    public async Task The_kind_of_failure_follows_from_the_end(string script, ToolFailureKind kind)
    {
        (await Fail(Shell.Command(script))).Kind.ShouldBe(kind);
    }

    [Fact]
    public async Task A_full_disk_is_recognised_in_what_ffmpeg_says()
    {
        var failure = await Fail(
            Shell.Ffmpeg(
                "-y",
                "-f",
                "lavfi",
                "-i",
                "testsrc=duration=1",
                "-f",
                "rawvideo",
                "/dev/full"
            )
        );

        failure.Kind.ShouldBe(ToolFailureKind.DiskFull);
    }

    [Theory]
    [InlineData("/no/such/tool")]
    [InlineData("/etc/passwd")]
    [InlineData("/etc")]
    public async Task A_program_that_cannot_be_started_is_named(string program)
    {
        var failure = await Fail(new ToolCommand(program, [], WorkKind.Mux));

        failure.Kind.ShouldBe(ToolFailureKind.NotStarted);
        failure.Message.ShouldContain(program);
        failure.ExitCode.ShouldBeNull();
    }

    [Fact]
    public async Task A_program_whose_interpreter_is_missing_is_not_started()
    {
        using var scratch = new TestDirectory();
        var path = scratch.Program("tool", "#!/no/such/interpreter\n");

        (await Fail(new ToolCommand(path, [], WorkKind.Mux))).Kind.ShouldBe(
            ToolFailureKind.NotStarted
        );
    }

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var failure = await Fail(Shell.Command("true") with { Directory = "/no/such/directory" });

        failure.Kind.ShouldBe(ToolFailureKind.NotStarted);
        failure.Message.ShouldContain("/no/such/directory");
    }

    [Fact]
    public async Task What_a_receiver_throws_stops_the_program_and_comes_out()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();

        var lines = Shell.Command("echo one; exec sleep 100") with
        {
            OnOutputLine = _ => throw new InvalidDataException("not a number"),
        };

        await Should.ThrowAsync<InvalidDataException>(() => runner.RunAsync(lines, default));
        clock.Elapsed.TotalSeconds.ShouldBeLessThan(80);
    }

    private Task<ToolFailedException> Fail(ToolCommand command) =>
        Should.ThrowAsync<ToolFailedException>(() => runner.RunAsync(command, default));
}
