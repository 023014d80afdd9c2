using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ToolRunnerTests
{
    private readonly ToolRunner runner = new();

    [Fact]
    public async Task Returns_the_output_and_the_end_of_standard_error()
    {
        var result = await runner.RunAsync(Shell.Command("echo out; echo err >&2"), default);

        result.Output.ShouldBe("out\n");
        result.ErrorTail.ShouldBe("err\n");
        result.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Counts_the_cpu_time_of_the_program_and_its_children()
    {
        const string burn = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";

        var result = await runner.RunAsync(Shell.Command($"{burn}; ({burn})"), default);
        var idle = await runner.RunAsync(Shell.Command("sleep 0.3"), default);

        var cpu = result.CpuSeconds.ShouldNotBeNull();
        cpu.ShouldBeInRange(0.02, result.Wall.TotalSeconds);
        idle.CpuSeconds.ShouldNotBeNull().ShouldBeLessThan(cpu);
        idle.Wall.TotalSeconds.ShouldBeGreaterThan(0.3);
    }

    [Fact]
    public async Task Knows_the_peak_memory_of_an_encode()
    {
        var result = await runner.RunAsync(
            Shell.Ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=1280x720:duration=0.5",
                "-f",
                "null",
                "-"
            ) with
            {
                OnProgress = _ => { },
            },
            default
        );

        result.PeakMemoryBytes.ShouldNotBeNull().ShouldBeInRange(20_000_000, 500_000_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("it's \"quoted\"")]
    [InlineData("-dash --and %d $HOME `id` \\")]
    [InlineData("line\nbreak")]
    [InlineData("Ünïcödé 動画 🎬")]
    public async Task Passes_each_argument_as_it_is(string argument)
    {
        var result = await runner.RunAsync(
            new ToolCommand("/usr/bin/printf", ["%s|", argument, "end"], WorkKind.Analyze),
            default
        );

        result.Output.ShouldBe($"{argument}|end|");
    }

    [Fact]
    public async Task Runs_in_the_directory_with_the_variables_and_the_priority_asked_for()
    {
        using var scratch = new TestDirectory();
        var directory = Directory.CreateDirectory(scratch.File("it's a %d dir")).FullName;
        var own = int.Parse((await Output(Shell.Command("nice") with { Nice = false })).Trim());

        var output = await Output(
            Shell.Command("pwd; echo $COLOUR; nice") with
            {
                Directory = directory,
                Environment = new Dictionary<string, string> { ["COLOUR"] = "a=b c" },
            }
        );

        output.ShouldBe($"{directory}\na=b c\n{Math.Min(own + 10, 19)}\n");
    }

    [Fact]
    public async Task The_program_gets_no_input_and_none_of_our_files()
    {
        using var scratch = new TestDirectory();
        using var open = File.Create(scratch.File("open in the farm"));

        var output = await Output(Shell.Command("cat; ls -l /proc/self/fd"));

        output.ShouldNotContain("open in the farm");
        output.ShouldContain("0 -> /dev/null");
    }

    [Fact]
    public async Task The_program_has_every_signal_at_its_default()
    {
        // .NET ignores SIGPIPE. The C library keeps two signals beyond 31 to itself.
        const long standard = 0x7fffffff;

        var output = await Output(Shell.Command("grep -E 'Sig(Blk|Ign)' /proc/self/status"));

        var masks = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        masks.Select(mask => Convert.ToInt64(mask.Split('\t')[1], 16) & standard).ShouldBe([0, 0]);
    }

    [Fact]
    public async Task Hands_out_lines()
    {
        var lines = new List<string>();

        var result = await runner.RunAsync(
            Shell.Command("printf 'one\\n\\nthree'") with
            {
                OnOutputLine = lines.Add,
            },
            default
        );

        lines.ShouldBe(["one", "", "three"]);
        result.Output.ShouldBe("");
    }

    [Fact]
    public async Task Ten_megabytes_of_messages_neither_block_nor_stay()
    {
        var result = await runner.RunAsync(
            Shell.Command(
                "i=0; head -c 10000000 /dev/zero | tr '\\0' 'x' >&2; printf '\\nlast ü\\n' >&2"
            ),
            default
        );

        result.ErrorTail.ShouldBe("last ü\n");
    }

    [Fact]
    public async Task What_the_program_leaves_behind_in_its_group_ends_with_it()
    {
        using var scratch = new TestDirectory();
        var fifo = scratch.File("alive");
        Fifo.Create(fifo);

        var run = runner.RunAsync(
            Shell.Command("sleep 100 > \"$1\" & echo started > \"$1\"", fifo),
            default
        );
        await using var pipe = File.OpenRead(fifo);
        await run;

        await Shell.AllWritersGoneAsync(pipe, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_exit_code_can_be_declared_good()
    {
        var result = await runner.RunAsync(
            Shell.Command("echo warned; exit 1") with
            {
                GoodExitCodes = [0, 1],
            },
            default
        );

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBe("warned\n");
    }

    [Fact]
    public async Task Every_run_is_recorded()
    {
        var records = new List<CommandRecord>();
        var recording = new ToolRunner { OnCommand = records.Add, JobMarker = "job 7" };
        var good = Shell.Command("echo $ENCODEFARM_JOB");
        var bad = Shell.Command("echo broken >&2; exit 4");
        var missing = new ToolCommand("/no/such/tool", [], WorkKind.Mux);

        var result = await recording.RunAsync(good, default);
        await Should.ThrowAsync<ToolFailedException>(() => recording.RunAsync(bad, default));
        await Should.ThrowAsync<ToolFailedException>(() => recording.RunAsync(missing, default));

        result.Output.ShouldBe("job 7\n");
        records.Select(record => record.Command).ShouldBe([good, bad, missing]);
        records.Select(record => record.ExitCode).ShouldBe([0, 4, null]);
        records
            .Select(record => record.Failure)
            .ShouldBe([null, ToolFailureKind.ExitCode, ToolFailureKind.NotStarted]);
        records[1].ErrorTail.ShouldBe("broken\n");
        records[1].CpuSeconds.ShouldNotBeNull();
    }

    [Fact]
    public async Task Progress_of_a_real_encode_counts_up_to_its_end()
    {
        using var scratch = new TestDirectory();
        var seen = new List<FfmpegProgress>();

        await runner.RunAsync(
            Shell.Ffmpeg(
                "-f",
                "lavfi",
                "-i",
                "testsrc=size=160x90:rate=25:duration=4",
                "-c:v",
                "libx264",
                scratch.File("out.mkv")
            ) with
            {
                OnProgress = seen.Add,
            },
            default
        );

        seen[^1].Ended.ShouldBeTrue();
        seen[^1].Frame.ShouldBe(100);
        seen[^1].OutTime.ShouldNotBeNull().TotalSeconds.ShouldBeInRange(3.8, 4.0);
        seen.SkipLast(1).ShouldAllBe(progress => !progress.Ended);
    }

    [Fact]
    public void A_zero_byte_or_two_receivers_are_refused()
    {
        Should.Throw<ArgumentException>(() => runner.RunAsync(Shell.Command("a\0b"), default));
        Should.Throw<ArgumentException>(() =>
            runner.RunAsync(
                Shell.Command("true") with
                {
                    OnProgress = _ => { },
                    OnOutputLine = _ => { },
                },
                default
            )
        );
    }

    private async Task<string> Output(ToolCommand command) =>
        (await runner.RunAsync(command, default)).Output;
}
