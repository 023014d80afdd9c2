using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Node.Control;

/// <summary>A palette: its name, what it is for, and its commands.</summary>
public sealed record Palette(
    string Name,
    string Description,
    IReadOnlyList<ControlCommand> Commands
)
{
    public PaletteDefinition Definition { get; } =
        new(Name, Description, [.. Commands.Select(command => command.Definition)]);
}

/// <summary>All commands that a node knows.</summary>
public static class Palettes
{
    public static readonly IReadOnlyList<Palette> All =
    [
        new("cluster", "Members of the cluster.", [new ClusterShow()]),
    ];
}
