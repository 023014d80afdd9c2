using System.Globalization;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;
using EncodeFarm.Node.Reports;

namespace EncodeFarm.Node.Control;

/// <summary>What commands look at.</summary>
/// <param name="Call">Of this node: what only the coordinator knows is asked of it.</param>
public sealed record ControlContext(INodeView Node, ApiCall Call, LogRing Log, TimeProvider Time)
{
    public FarmApi Api { get; } = new(Call.Apart());

    /// <summary>Of this node, for <c>system tools</c>.</summary>
    public IReadOnlyList<ToolRow> Tools { get; init; } = [];

    /// <summary>Names to offer.</summary>
    public Func<IReadOnlyList<string>> Profiles { get; init; } = () => [];

    public AnswerLimits Limits { get; init; } = AnswerLimits.Standard;

    /// <summary>How often the coordinator announces the members.</summary>
    public TimeSpan Beat { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>One use of a command.</summary>
public sealed record ControlCall(
    ControlContext Context,
    ParsedCommand Parsed,
    ControlRequest Request
)
{
    public INodeView Node => Context.Node;

    public FarmApi Api => Context.Api;

    public string? Text(string argument) => Parsed.Text(argument);

    /// <summary>A mandatory argument.</summary>
    public string Required(string argument) => Parsed.Text(argument)!;

    public bool Has(string argument) => Parsed.Has(argument);

    public int? Whole(string argument, int least, int most)
    {
        if (Text(argument) is not { } text)
        {
            return null;
        }
        return
            int.TryParse(text, NumberStyles.AllowLeadingSign, null, out var number)
            && number >= least
            && number <= most
            ? number
            : throw Refusal.Usage(
                $"<{argument}> is '{text}', but must be a whole number of {least}..{most}.",
                $"The form is: {Usage.Of(Parsed.Palette, Parsed.Command)}"
            );
    }
}

/// <summary>A command of a palette. It lives in the room that knows the answer, and is entered in <see cref="Palettes"/>.</summary>
public abstract class ControlCommand(CommandDefinition definition)
{
    public CommandDefinition Definition => definition;

    public abstract IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        CancellationToken cancellation
    );
}

/// <summary>A command that answers with lines it has all at once.</summary>
public abstract class AnswerCommand(CommandDefinition definition) : ControlCommand(definition)
{
    public abstract Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    );

    public sealed override async IAsyncEnumerable<ControlLine> RunAsync(
        ControlCall call,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation
    )
    {
        foreach (var line in await AnswerAsync(call, cancellation))
        {
            yield return line;
        }
    }
}

public static class Line
{
    /// <summary>A table: its head is for people only.</summary>
    public static IEnumerable<ControlLine> Table<T>(TextTable table, IEnumerable<T> rows) =>
        table
            .Lines()
            .Zip(rows.Select(Of<T>).Prepend(Text("")), (text, line) => line with { Text = text });

    private static ControlLine Of<T>(T value) => Of("", value);

    /// <summary>A tail says what it leaves out.</summary>
    /// <param name="what">In the singular.</param>
    public static ControlLine Dropped(long count, string what)
    {
        var text = $"{Words.Count((int)Math.Min(count, int.MaxValue), what)}";
        return Of(
            $"… {text} {(count == 1 ? "was" : "were")} dropped: this reader is too slow.",
            new DroppedRow(count)
        );
    }

    public static ControlLine Text(string text) => new(text);

    public static ControlLine Of(Done done) => Of(done.Message, done);

    /// <summary>For people and for programs.</summary>
    public static ControlLine Of<T>(string text, T value) =>
        new(text, ContractsJson.Element(value));
}

/// <summary>Arguments that several commands have.</summary>
public static class Argument
{
    public static readonly ArgumentDefinition Job = new(
        "job",
        "Id of the job, or the first letters of it, at least 4.",
        Mandatory: true,
        Values: "job"
    );

    public static readonly ArgumentDefinition Node = new(
        "address",
        "Name, address or host:port of a member.",
        ["-a", "--address"],
        Values: "node",
        Default: "this node"
    );
}
