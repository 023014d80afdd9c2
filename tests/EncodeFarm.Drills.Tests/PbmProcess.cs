using System.Diagnostics;
using System.Text.Json;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Drills.Tests;

/// <summary>The operator's command line, as a process of its own.</summary>
static class PbmProcess
{
    /// <summary>What a command says by its exit code and its lines of JSON.</summary>
    /// <param name="Again">It was asked more than once: what an earlier one wanted may be done already.</param>
    public sealed record Answer(int Exit, string Out, string Error, bool Again = false)
    {
        /// <summary>The coordinator, or the node, was too busy for it, as with a disk that stands still: who asks again is answered.</summary>
        public bool IsMissing =>
            Exit is ControlExit.Timeout or ControlExit.CannotConnect
            || ControlPort.IsUnanswered(Error);

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

    /// <summary>A command whose answer counts: it is asked again, for a minute, until there is one.</summary>
    public static async Task<Answer> AnsweredAsync(FarmNode node, params string[] words)
    {
        var clock = Stopwatch.StartNew();
        var answer = await RunAsync(node, words);
        while (answer.IsMissing && clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            answer = await RunAsync(node, words) with { Again = true };
        }
        return answer;
    }

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
