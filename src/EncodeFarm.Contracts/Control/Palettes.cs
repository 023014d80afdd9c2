using System.Text.Json;

namespace EncodeFarm.Contracts.Control;

/// <summary>What a node can be asked; a client downloads it and offers it.</summary>
/// <param name="Node">The node's address.</param>
public sealed record PaletteList(
    string Node,
    string Version,
    IReadOnlyList<PaletteDefinition> Palettes
);

public sealed record PaletteDefinition(
    string Name,
    string Description,
    IReadOnlyList<CommandDefinition> Commands
);

/// <param name="Streams">Goes on until somebody ends it.</param>
public sealed record CommandDefinition(
    string Name,
    string Description,
    IReadOnlyList<ArgumentDefinition> Arguments,
    bool Streams = false
);

/// <summary>An argument of a command: in its place, or behind a switch.</summary>
/// <param name="Name">By which the command asks for it; also its name in help.</param>
/// <param name="Switches">"-a", "--address"; empty for one that stands in its place.</param>
/// <param name="Flag">A switch without a value.</param>
/// <param name="Repeats">May be given more than once.</param>
/// <param name="Offers">Values to complete; others are allowed too.</param>
/// <param name="Values">The node can be asked for values of this kind: "job", "node", "profile".</param>
/// <param name="Streams">With this flag the command goes on until somebody ends it.</param>
/// <param name="Default">What it is where it is not given, for help.</param>
public sealed record ArgumentDefinition(
    string Name,
    string Description,
    IReadOnlyList<string>? Switches = null,
    bool Mandatory = false,
    bool Flag = false,
    bool Repeats = false,
    IReadOnlyList<string>? Offers = null,
    string? Values = null,
    string? Default = null,
    bool Streams = false
)
{
    /// <summary>It stands in its place, without a switch.</summary>
    public bool Positional => Switches is null or { Count: 0 };
}

/// <param name="Words">Palette, command and arguments, split as a shell does.</param>
/// <param name="Width">Columns of the client's terminal; null where it has none.</param>
/// <param name="Color">Colours are welcome.</param>
/// <param name="Directory">The client's current directory, for paths that are relative.</param>
public sealed record ControlRequest(
    IReadOnlyList<string> Words,
    int? Width = null,
    bool Color = false,
    string? Directory = null
);

/// <summary>A line of a reply.</summary>
/// <param name="Text">For people.</param>
/// <param name="Json">The same for programs; a line that has only one of both is not for the others.</param>
/// <param name="Live">Several lines that stand in the place of the last such lines, for terminals; others take <paramref name="Text"/>.</param>
/// <param name="Problem">Why the command has failed; goes where errors go.</param>
/// <param name="Exit">The end of the reply: the exit code of a client that ran just this.</param>
public sealed record ControlLine(
    string? Text = null,
    JsonElement? Json = null,
    string? Live = null,
    Problem? Problem = null,
    int? Exit = null
);

/// <param name="Values">What fits an argument of that kind now.</param>
public sealed record OfferedValues(IReadOnlyList<string> Values);

/// <summary>Exit codes of <c>pbm</c>.</summary>
public static class ControlExit
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int CannotConnect = 3;
    public const int Timeout = 4;
    public const int NotAllowed = 5;
    public const int NotFound = 6;

    /// <summary>128 + SIGINT.</summary>
    public const int Interrupted = 130;

    public static int Of(Problem problem) =>
        problem.Kind switch
        {
            ProblemKind.Usage => Usage,
            ProblemKind.Timeout => Timeout,
            ProblemKind.NotAllowed => NotAllowed,
            ProblemKind.NotFound => NotFound,
            _ => Failed,
        };
}
