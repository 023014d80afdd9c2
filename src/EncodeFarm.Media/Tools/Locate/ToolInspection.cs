namespace EncodeFarm.Media.Tools.Locate;

/// <summary>What the tools of one machine are and can do.</summary>
/// <param name="Tools">Null when a required tool is missing or unfit.</param>
/// <param name="Files">The files that the tool set depends on, besides the tools themselves.</param>
internal sealed record ToolInspection(
    ToolSet? Tools,
    IReadOnlyList<ToolFinding> Findings,
    IReadOnlyList<string> Files
)
{
    /// <summary>False where a tool did not say in time what it is.</summary>
    public bool AllAnswered { get; init; } = true;
}
