using System.Diagnostics;
using System.Text.Json;

namespace EncodeFarm.Drills.Tests;

/// <summary>The operator's command line, as a process of its own.</summary>
static class PbmProcess
{
    /// <summary>What a command says by its exit code and its lines of JSON.</summary>
    public sealed record Answer(int Exit, string Out, string Error)
    {
        public IReadOnlyList<JsonElement> Json() =>
            [
                .. Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(line => JsonDocument.Parse(line).RootElement),
            ];
    }

    public static readonly string Program = Path.Combine(
        Repository.Root,
        "artifacts/bin/EncodeFarm.Pbm/release/pbm"
    );

    public static Task<Answer> RunAsync(FarmNode node, params string[] words) =>
        RunAsync(null, node, words);

    /// <param name="host">Where it runs; null for this machine itself.</param>
    public static async Task<Answer> RunAsync(TestHost? host, FarmNode node, params string[] words)
    {
        string[] command = [.. host?.Enter ?? [], Program, node.Client.Node, .. words];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ENCODEFARM_TOKEN"] = node.Token;
        start.Environment["ENCODEFARM_AUTHORITY"] = node.Authority;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Answer(process.ExitCode, await output, await error);
    }
}
