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

    public static async Task<Answer> RunAsync(FarmNode node, params string[] words)
    {
        var start = new ProcessStartInfo(
            Path.Combine(Repository.Root, "artifacts/bin/EncodeFarm.Pbm/release/pbm"),
            [node.Client.Node, .. words]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Answer(process.ExitCode, await output, await error);
    }
}
