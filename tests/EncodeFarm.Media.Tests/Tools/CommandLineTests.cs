using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class CommandLineTests
{
    [Fact]
    public async Task The_shown_command_is_the_command_for_a_shell()
    {
        string[] arguments = ["-n", "it's", "a b", "$HOME", "", "x\ny", "ü", "a=b,c:d"];
        var command = new ToolCommand("/usr/bin/printf", ["<%s>", .. arguments], WorkKind.Mux);

        var shown = CommandLine.Describe(command);
        var result = await new ToolRunner().RunAsync(Shell.Command(shown), default);

        shown.ShouldStartWith("/usr/bin/printf '<%s>' -n 'it'\\''s' 'a b' '$HOME' '' ");
        result.Output.ShouldBe(string.Concat(arguments.Select(argument => $"<{argument}>")));
    }
}
