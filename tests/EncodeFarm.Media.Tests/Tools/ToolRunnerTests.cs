using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ToolRunnerTests
{
    private readonly ToolRunner runner = new();

    [Fact]
    public async Task Returns_output_error_tail_and_what_the_run_cost()
    {
        var result = await runner.RunAsync(
            Shell("echo out; echo err >&2; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"),
            CancellationToken.None
        );

        result.Output.ShouldBe("out\n");
        result.ErrorTail.ShouldBe("err\n");
        result.CpuSeconds.ShouldNotBeNull().ShouldBeInRange(0.01, result.Wall.TotalSeconds + 0.1);
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
            CancellationToken.None
        );

        result.Output.ShouldBe($"{argument}|end|");
    }

    [Fact]
    public async Task A_failure_says_which_tool_and_its_last_words()
    {
        var failure = await Should.ThrowAsync<ToolFailedException>(() =>
            runner.RunAsync(Shell("echo first >&2; echo last words >&2; exit 3"), default)
        );

        failure.Kind.ShouldBe(ToolFailureKind.ExitCode);
        failure.ExitCode.ShouldBe(3);
        failure.Message.ShouldBe("sh failed (exit code 3): last words");
        failure.ErrorTail.ShouldBe("first\nlast words\n");
        failure.CpuSeconds.ShouldNotBeNull();
    }

    [Fact]
    public async Task Cancelling_ends_the_process()
    {
        using var cancellation = new CancellationTokenSource();
        int? id = null;
        var command = Shell("echo $$; exec sleep 100") with
        {
            OnOutputLine = line =>
            {
                id = int.Parse(line);
                cancellation.Cancel();
            },
        };

        await Should.ThrowAsync<OperationCanceledException>(() =>
            runner.RunAsync(command, cancellation.Token)
        );

        Directory.Exists($"/proc/{id.ShouldNotBeNull()}").ShouldBeFalse();
    }

    private static ToolCommand Shell(string script) =>
        new("/bin/sh", ["-c", script], WorkKind.Analyze);
}
