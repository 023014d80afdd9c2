using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Configuration;

/// <summary>Layers of the configuration; a later one wins.</summary>
public enum Layer
{
    Default,
    Profile,
    File,
    Environment,
    Flag,
}

/// <param name="Where">For people: "in cluster-config/farm.yaml, line 12", "given with -s".</param>
public sealed record Origin(Layer Layer, string Where)
{
    public static readonly Origin Default = new(Layer.Default, "default");
    public static readonly Origin Settings = new(Layer.Flag, "given with -s");

    public static Origin Flag(string name) => new(Layer.Flag, $"given with {name}");
}

/// <summary>A setting as somebody wrote it, not judged yet.</summary>
public sealed record SettingEntry(string Key, string Text, Origin Origin);

/// <summary>One thing wrong with the configuration, as a whole sentence.</summary>
public sealed record Problem(string Sentence)
{
    /// <exception cref="FarmException">There are problems; the message tells all of them, one a line.</exception>
    public static void ThrowIfAny(IReadOnlyList<Problem> problems)
    {
        if (problems.Count > 0)
        {
            throw new FarmException(
                FarmError.BadConfiguration,
                string.Join('\n', problems.Select(problem => problem.Sentence))
            );
        }
    }
}
