namespace EncodeFarm.Node.Tests.Cli;

/// <summary><c>./farm</c> of a clone, with a program that prints the variable that it is asked for.</summary>
public sealed class FarmScriptTests : IDisposable
{
    private const string Variable = "ENCODEFARM_CONFIG";

    private readonly Farm _farm = new();
    private readonly TestDirectory _clone = new("encodefarm-clone");
    private readonly string _script;

    public FarmScriptTests()
    {
        _script = _clone.Write("farm", File.ReadAllText(Path.Combine(Repository.Root, "farm")));
        _clone.Write("tools/setup.sh", "set_up() { :; }\n");
        _clone.Write(
            "tools/build.sh",
            "build_when_changed() { :; }\nencodefarm=/usr/bin/printenv\n"
        );
    }

    public void Dispose()
    {
        _farm.Dispose();
        _clone.Dispose();
    }

    [Fact]
    public async Task The_settings_of_the_clone_hold_in_other_directories() =>
        (await ConfigurationAsync()).ShouldBe($"{_clone.Path}/cluster-config\n");

    [Fact]
    public async Task Settings_in_the_current_directory_are_found_there()
    {
        _farm.Write("cluster-config/farm.yaml", "schema: 1\n");

        (await ConfigurationAsync()).ShouldBe("");
    }

    [Fact]
    public async Task Who_has_named_others_gets_them()
    {
        _farm.Environment[Variable] = "/srv/settings";

        (await ConfigurationAsync()).ShouldBe("/srv/settings\n");
    }

    private async Task<string> ConfigurationAsync()
    {
        using var process = _farm.StartIn("sh", [_script, Variable]);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return await output;
    }
}
