namespace EncodeFarm.Contracts.Control;

/// <summary>What a word that is being typed may become.</summary>
/// <param name="Word">What is there of it.</param>
/// <param name="Candidates">Known here, all beginning with the word.</param>
/// <param name="Values">A kind of values that the node knows, to be offered too.</param>
public sealed record Completion(string Word, IReadOnlyList<string> Candidates, string? Values)
{
    /// <summary>The candidates with those that the node offers.</summary>
    public IReadOnlyList<string> With(IEnumerable<string> values) =>
        [
            .. Candidates
                .Concat(values.Where(value => value.StartsWith(Word, StringComparison.Ordinal)))
                .Distinct(),
        ];

    /// <summary>What all candidates begin with.</summary>
    public static string Common(IReadOnlyList<string> candidates)
    {
        if (candidates.Count == 0)
        {
            return "";
        }
        var length = candidates[0].Length;
        foreach (var candidate in candidates)
        {
            var same = 0;
            while (
                same < Math.Min(length, candidate.Length) && candidate[same] == candidates[0][same]
            )
            {
                same++;
            }
            length = same;
        }
        return candidates[0][..length];
    }
}

/// <summary>Completes palettes, commands, switches and values, and hints at what comes next.</summary>
public static class Completer
{
    /// <param name="text">Up to the cursor.</param>
    /// <param name="own">The client's own commands.</param>
    public static Completion Complete(
        IReadOnlyList<PaletteDefinition> palettes,
        string text,
        IReadOnlyList<string> own
    )
    {
        var (words, word) = Split(text);
        if (words.Count == 0)
        {
            return Of(word, palettes.Select(palette => palette.Name).Concat(own));
        }
        if (words[0] == "help" && own.Contains("help"))
        {
            return words.Count switch
            {
                1 => Of(word, palettes.Select(palette => palette.Name)),
                2 => Of(word, CommandsOf(palettes, words[1])),
                _ => Of(word, []),
            };
        }
        if (words.Count == 1)
        {
            return Of(word, CommandsOf(palettes, words[0]));
        }
        return Find(palettes, words) is { } command
            ? Argument(command, [.. words.Skip(2)], word)
            : Of(word, []);
    }

    /// <summary>The form of what is still to come, for a line that ends with a blank; null where there is nothing to say.</summary>
    public static string? Hint(IReadOnlyList<PaletteDefinition> palettes, string text)
    {
        var (words, word) = Split(text);
        if (word.Length > 0 || words.Count < 2 || Find(palettes, words) is not { } command)
        {
            return null;
        }
        var given = words.Skip(2).ToList();
        if (Awaiting(command, given) is { } switched)
        {
            return $"<{switched.Name}>";
        }
        var places = PlacesLeft(command, given);
        var switches = command.Arguments.Where(argument =>
            !argument.Positional && (argument.Repeats || !given.Any(argument.Switches!.Contains))
        );
        var forms = places.Concat(switches).Select(Usage.Form).ToList();
        return forms.Count == 0 ? null : string.Join(' ', forms);
    }

    private static Completion Argument(CommandDefinition command, List<string> given, string word)
    {
        if (Awaiting(command, given) is { } switched)
        {
            return Of(word, switched.Offers ?? [], switched.Values);
        }
        var switches = command
            .Arguments.Where(argument =>
                !argument.Positional
                && (argument.Repeats || !given.Any(argument.Switches!.Contains))
            )
            .SelectMany(argument => argument.Switches!)
            .ToList();
        if (word.StartsWith('-'))
        {
            return Of(word, switches);
        }
        return PlacesLeft(command, given).FirstOrDefault() is { } place
            ? Of(word, place.Offers ?? [], place.Values)
            : Of(word, switches);
    }

    /// <summary>The switch whose value comes next.</summary>
    private static ArgumentDefinition? Awaiting(CommandDefinition command, List<string> given) =>
        given.Count == 0
            ? null
            : command.Arguments.FirstOrDefault(argument =>
                !argument.Flag && argument.Switches?.Contains(given[^1]) == true
            );

    private static IEnumerable<ArgumentDefinition> PlacesLeft(
        CommandDefinition command,
        List<string> given
    )
    {
        var taken = 0;
        for (var at = 0; at < given.Count; at++)
        {
            if (!CommandParser.IsSwitch(given[at]))
            {
                taken++;
            }
            else if (
                command.Arguments.Any(argument =>
                    !argument.Flag && argument.Switches?.Contains(given[at]) == true
                )
            )
            {
                at++;
            }
        }
        var places = command.Arguments.Where(argument => argument.Positional).ToList();
        return places.Where((place, index) => index >= taken || place.Repeats);
    }

    private static CommandDefinition? Find(
        IReadOnlyList<PaletteDefinition> palettes,
        IReadOnlyList<string> words
    ) =>
        palettes
            .FirstOrDefault(palette => palette.Name == words[0])
            ?.Commands.FirstOrDefault(command => command.Name == words[1]);

    private static IEnumerable<string> CommandsOf(
        IReadOnlyList<PaletteDefinition> palettes,
        string palette
    ) =>
        palettes
            .FirstOrDefault(known => known.Name == palette)
            ?.Commands.Select(command => command.Name)
        ?? [];

    private static Completion Of(string word, IEnumerable<string> all, string? values = null) =>
        new(
            word,
            [.. all.Where(known => known.StartsWith(word, StringComparison.Ordinal))],
            values
        );

    /// <summary>The words that are complete, and the one at the cursor.</summary>
    private static (IReadOnlyList<string> Words, string Word) Split(string text)
    {
        var words = CommandText.Parse(text).Words;
        return text.Length == 0 || char.IsWhiteSpace(text[^1]) || words.Count == 0
            ? (words, "")
            : (words.SkipLast(1).ToList(), words[^1]);
    }
}
