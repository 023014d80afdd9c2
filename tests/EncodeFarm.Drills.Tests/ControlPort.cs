using System.Diagnostics;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Drills.Tests;

/// <summary>Commands as <c>pbm</c> sends them, without a process for each, so that times are the node's.</summary>
static class ControlPort
{
    /// <param name="Seconds">From the question to the last line.</param>
    public sealed record Answer(
        string Command,
        double Seconds,
        int Exit,
        string Text,
        string? Problem
    )
    {
        /// <summary>The coordinator was too busy for it, as with a disk that stands still: who asks again is answered.</summary>
        public bool IsMissing => Exit == ControlExit.Timeout || IsUnanswered(Problem);
    }

    static readonly string[] Unanswered =
    [
        "does not answer",
        "did not answer in time",
        "was not carried out",
        "could not be recorded",
    ];

    /// <summary>Whether these are the words for a coordinator of which nothing came, or not in time.</summary>
    public static bool IsUnanswered(string? problem) =>
        problem is not null
        && Unanswered.Any(words => problem.Contains(words, StringComparison.Ordinal));

    /// <param name="lines">Of a stream: so many are waited for, and not the end.</param>
    public static async Task<Answer> AskAsync(FarmNode node, string command, int? lines = null)
    {
        var clock = Stopwatch.StartNew();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (text, problem, exit, count) = ("", (string?)null, -1, 0);
        await foreach (var line in node.Client.RunAsync(Request(command), limit.Token))
        {
            text += line.Text is null ? "" : $"{line.Text}\n";
            problem ??= line.Problem?.Sentence();
            exit = line.Exit ?? exit;
            if (line.Exit is not null || ++count == lines)
            {
                break;
            }
        }
        return new Answer(command, clock.Elapsed.TotalSeconds, exit, text, problem);
    }

    /// <summary>Reads a stream until it is told to end.</summary>
    public static async Task<long> FollowAsync(FarmNode node, string command, CancellationToken end)
    {
        using var client = new FarmClient(node.Client.Node, null, TimeSpan.FromSeconds(10));
        var count = 0L;
        try
        {
            await foreach (var _ in client.RunAsync(Request(command), end))
            {
                count++;
            }
        }
        catch (OperationCanceledException)
        {
            // As told.
        }
        return count;
    }

    static ControlRequest Request(string command) => new(CommandText.Parse(command).Words);
}
