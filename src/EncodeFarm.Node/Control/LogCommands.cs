using System.Runtime.CompilerServices;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Control;

public sealed class LogTail()
    : ControlCommand(
        new CommandDefinition(
            "tail",
            "The log of this node, as it is written.",
            [
                new ArgumentDefinition(
                    "level",
                    "The least important lines to show.",
                    ["-l", "--level"],
                    Offers: LogText.Levels,
                    Default: "debug"
                ),
            ],
            Streams: true
        )
    )
{
    public override async IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var least = LogText.Level(call.Text("level") ?? "debug");
        await foreach (var (line, lost) in call.Context.Log.TailAsync(cancellation))
        {
            if (lost > 0)
            {
                yield return Line.Dropped(lost, "line");
            }
            if (line.Level >= least)
            {
                yield return LogText.Of(line);
            }
        }
    }
}

public sealed class LogPeek()
    : AnswerCommand(
        new CommandDefinition(
            "peek",
            "The newest lines of this node's log.",
            [
                new ArgumentDefinition(
                    "lines",
                    "How many, 1..1000.",
                    ["-n", "--lines"],
                    Default: "20"
                ),
            ]
        )
    )
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    ) =>
        Task.FromResult(
            call.Context.Log.Last(call.Whole("lines", 1, 1000) ?? 20).Select(LogText.Of)
        );
}

public static class LogText
{
    public static readonly IReadOnlyList<string> Levels =
    [
        .. Enum.GetNames<LogLevel>().Select(name => name.ToLowerInvariant()),
    ];

    /// <exception cref="Refusal">There is no such level.</exception>
    public static LogLevel Level(string name) =>
        Levels.Contains(name) && Enum.TryParse<LogLevel>(name, true, out var level)
            ? level
            : throw Refusal.Usage(
                $"'{name}' is no level.",
                $"There are {string.Join(", ", Levels)}."
            );

    public static ControlLine Of(LogLine line)
    {
        var level = line.Level.ToString().ToLowerInvariant();
        return Line.Of(
            $"{Times.Of(line.At)} {level, -7} {line.Text}",
            new LogRow(line.At, level, line.Text)
        );
    }
}
