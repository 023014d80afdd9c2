using System.Diagnostics;
using EncodeFarm.Media.Tools.Locate;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Cli;

/// <summary>The built program, run as people run it, with a state directory of its own.</summary>
public sealed class Farm : IDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "encodefarm");
    private static readonly Lazy<Task<byte[]>> FoundTools = new(FindToolsAsync);
    private readonly TestDirectory _directory = new();

    public string Directory => _directory.Path;

    public string State => Path.Combine(Directory, "state");

    /// <summary>Variables that the program gets beside those of the tests.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string Write(string name, string text) => _directory.Write(name, text);

    /// <summary>Spares the program its search for tools, which takes a second.</summary>
    public async Task KnowToolsAsync()
    {
        var cache = System.IO.Directory.CreateDirectory(Path.Combine(State, "encodefarm")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(cache, "tools.json"), await FoundTools.Value);
    }

    /// <summary>Runs it to its end in <see cref="Directory"/>.</summary>
    public async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    public Process Start(params string[] arguments) => StartIn(Program, arguments);

    /// <summary>Starts something else that will start the program.</summary>
    public Process StartIn(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
        {
            start.Environment.Remove(name);
        }
        start.Environment["XDG_STATE_HOME"] = State;
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<byte[]> FindToolsAsync()
    {
        using var directory = new TestDirectory();
        var options = new ToolLocatorOptions { CacheDirectory = directory.Path };
        await new ToolLocator(TestTools.Runner, options).LocateAsync();
        return await File.ReadAllBytesAsync(Path.Combine(directory.Path, "tools.json"));
    }

    /// <summary>Settings of whoever runs the tests; where tools are found stays.</summary>
    private static bool IsOurs(string name) =>
        name.StartsWith("ENCODEFARM__", StringComparison.Ordinal) || name == "ENCODEFARM_CONFIG";
}
