namespace EncodeFarm.Node.Embedded;

/// <summary>What an <c>encode</c> is asked for, beside the configuration.</summary>
/// <param name="Sources">Paths as given.</param>
/// <param name="Output"><c>-o</c> as given, or null.</param>
public sealed record EncodeRequest(IReadOnlyList<string> Sources, string? Output)
{
    /// <summary>The sources as reports name them.</summary>
    public IEnumerable<string> Paths(string currentDirectory) =>
        Sources.Select(source =>
            Path.TrimEndingDirectorySeparator(Path.GetFullPath(source, currentDirectory))
        );

    /// <summary>Leave the encoded segments in the job's directory.</summary>
    public bool Keep { get; init; }

    /// <summary>Replace an existing file at the destination.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Print the report as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Show no progress.</summary>
    public bool Quiet { get; init; }

    /// <summary>Show what is otherwise only in the job's log.</summary>
    public bool Verbose { get; init; }
}
