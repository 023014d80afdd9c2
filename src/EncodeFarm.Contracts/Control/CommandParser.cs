namespace EncodeFarm.Contracts.Control;

/// <summary>A command with its arguments, by the names of their definitions.</summary>
public sealed record ParsedCommand(
    string Palette,
    CommandDefinition Command,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Values
)
{
    /// <summary>It goes on until somebody ends it.</summary>
    public bool Streams => Command.Streams || Command.Arguments.Any(a => a.Streams && Has(a.Name));

    public bool Has(string argument) => Values.ContainsKey(argument);

    /// <summary>The value, the last one where there are several, or null.</summary>
    public string? Text(string argument) =>
        Values.TryGetValue(argument, out var values) ? values[^1] : null;

    public IReadOnlyList<string> All(string argument) => Values.GetValueOrDefault(argument) ?? [];
}

/// <param name="Error">Why not; null where it could be understood.</param>
public sealed record ParsedLine(ParsedCommand? Command, Problem? Error);

/// <summary>Makes a command of words, by the palettes of a node. The client and the node use the same one.</summary>
public static class CommandParser
{
    public static ParsedLine Parse(
        IReadOnlyList<PaletteDefinition> palettes,
        IReadOnlyList<string> words
    )
    {
        if (words.Count == 0)
        {
            return Wrong("No command is given.", "Type help to see what there is.");
        }
        var palette = palettes.FirstOrDefault(palette => palette.Name == words[0]);
        if (palette is null)
        {
            return Wrong(
                $"There is no palette '{words[0]}'.",
                Nearest(words[0], palettes.Select(known => known.Name))
            );
        }
        if (words.Count == 1)
        {
            return Wrong(
                $"'{palette.Name}' needs a command.",
                $"There are {string.Join(", ", palette.Commands.Select(known => known.Name))}."
            );
        }
        var command = palette.Commands.FirstOrDefault(command => command.Name == words[1]);
        return command is null
            ? Wrong(
                $"There is no command '{palette.Name} {words[1]}'.",
                Nearest(words[1], palette.Commands.Select(known => known.Name), $"{palette.Name} ")
            )
            : Arguments(palette.Name, command, [.. words.Skip(2)]);
    }

    private static ParsedLine Arguments(
        string palette,
        CommandDefinition command,
        IReadOnlyList<string> words
    )
    {
        var values = new Dictionary<string, List<string>>();
        var places = new Queue<ArgumentDefinition>(command.Arguments.Where(a => a.Positional));
        var onlyPlaces = false;

        ParsedLine Refuse(string error) =>
            Wrong(error, $"The form is: {Usage.Of(palette, command)}");

        for (var at = 0; at < words.Count; at++)
        {
            var word = words[at];
            if (word == "--" && !onlyPlaces)
            {
                onlyPlaces = true;
                continue;
            }
            if (!onlyPlaces && IsSwitch(word))
            {
                var equals = word.StartsWith("--", StringComparison.Ordinal)
                    ? word.IndexOf('=')
                    : -1;
                var name = equals < 0 ? word : word[..equals];
                var found = command.Arguments.FirstOrDefault(a =>
                    a.Switches?.Contains(name) == true
                );
                if (found is null)
                {
                    return Refuse($"'{palette} {command.Name}' has no switch {name}.");
                }
                if (found.Flag && equals >= 0)
                {
                    return Refuse($"{name} takes no value.");
                }
                if (!found.Flag && equals < 0 && at + 1 == words.Count)
                {
                    return Refuse($"{name} needs a value: {Lower(found.Description)}");
                }
                if (!found.Repeats && values.ContainsKey(found.Name))
                {
                    return Refuse($"{name} is given twice.");
                }
                var value =
                    found.Flag ? "true"
                    : equals >= 0 ? word[(equals + 1)..]
                    : words[++at];
                if (value.Length == 0)
                {
                    return Refuse($"{name} has an empty value: {Lower(found.Description)}");
                }
                Add(found, value);
                continue;
            }
            if (!places.TryPeek(out var place))
            {
                return Refuse($"'{word}' is too much.");
            }
            if (word.Length == 0)
            {
                // A script's variable that was never set: nothing that it could mean is wanted.
                return Refuse($"<{place.Name}> is empty: {Lower(place.Description)}");
            }
            Add(place, word);
            if (!place.Repeats)
            {
                places.Dequeue();
            }
        }
        var missing = command.Arguments.FirstOrDefault(a =>
            a.Mandatory && !values.ContainsKey(a.Name)
        );
        return missing is null
            ? new ParsedLine(
                new ParsedCommand(
                    palette,
                    command,
                    values.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)pair.Value)
                ),
                null
            )
            : Refuse(
                missing.Positional
                    ? $"<{missing.Name}> is missing: {Lower(missing.Description)}"
                    : $"{missing.Switches![0]} is missing: {Lower(missing.Description)}"
            );

        void Add(ArgumentDefinition argument, string value)
        {
            if (!values.TryGetValue(argument.Name, out var list))
            {
                values[argument.Name] = list = [];
            }
            list.Add(value);
        }
    }

    /// <summary>A negative number is a value.</summary>
    internal static bool IsSwitch(string word) =>
        word.Length > 1 && word[0] == '-' && !char.IsAsciiDigit(word[1]);

    private static string Nearest(string name, IEnumerable<string> known, string before = "")
    {
        var names = known.ToList();
        var begun = names.Where(n => n.StartsWith(name, StringComparison.Ordinal)).ToList();
        var near =
            begun.Count is > 0 and < 4 ? begun
            : NearestName.Of(name, names) is { } nearest ? [nearest]
            : [];
        return near.Count == 0
            ? $"There are {string.Join(", ", names)}."
            : $"Did you mean {string.Join(" or ", near.Select(n => $"'{before}{n}'"))}?";
    }

    private static string Lower(string description) =>
        description.Length > 1 && char.IsLower(description[1])
            ? char.ToLowerInvariant(description[0]) + description[1..]
            : description;

    private static ParsedLine Wrong(string error, string advice) =>
        new(null, new Problem(error, advice, ProblemKind.Usage));
}
