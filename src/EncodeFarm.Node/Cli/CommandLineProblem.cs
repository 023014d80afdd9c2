using System.CommandLine;
using System.CommandLine.Parsing;
using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Cli;

/// <summary>
/// What the parser lets pass but nobody can have meant: an unknown option that it takes for a file's name or for the
/// value of another option, a flag with a value, and empty words (an unset variable of a script).
/// </summary>
public static class CommandLineProblem
{
    /// <param name="arguments">The words that were parsed.</param>
    /// <returns>A sentence; null where there is none.</returns>
    public static string? In(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var words = arguments.TakeWhile(word => word != "--").ToList();
        return words.Select(word => OfFlag(word, parsed)).FirstOrDefault(Found)
            ?? parsed
                .CommandResult.Children.Select(part => Of(part, parsed, words))
                .FirstOrDefault(Found);
    }

    /// <summary>The parser would take the value for an argument.</summary>
    private static string? OfFlag(string word, ParseResult parsed)
    {
        var end = word.IndexOfAny(['=', ':']);
        return
            end > 0
            && Options(parsed)
                .Any(option =>
                    option.Arity.MaximumNumberOfValues == 0 && NamesOf(option).Contains(word[..end])
                )
            ? $"{word[..end]} takes no value, but is given '{word[(end + 1)..]}': give it alone, or leave it out."
            : null;
    }

    private static IEnumerable<Option> Options(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.Concat(parsed.RootCommandResult.Command.Options);

    private static IEnumerable<string> NamesOf(Option option) => option.Aliases.Append(option.Name);

    private static string? Of(SymbolResult part, ParseResult parsed, IReadOnlyList<string> words) =>
        part switch
        {
            ArgumentResult argument => argument
                .Tokens.Select(token => OfName(argument.Argument.Name, token, parsed))
                .FirstOrDefault(Found),
            OptionResult option when option.Tokens.Any(token => token.Value.Length == 0) =>
                $"{NameOf(option)} is empty: give it a value, or leave it out.",
            OptionResult option => option
                .Tokens.Select(token => token.Value)
                .Where(value => value.StartsWith("--", StringComparison.Ordinal))
                .Where(words.Contains)
                .Select(value =>
                    $"{NameOf(option)} needs a value, and {value} looks like an option; if it is the value, give {option.Option.Name}={value}."
                )
                .FirstOrDefault(),
            _ => null,
        };

    private static string NameOf(OptionResult option) =>
        option.IdentifierToken?.Value ?? option.Option.Name;

    private static string? OfName(string argument, Token token, ParseResult parsed)
    {
        var name = token.Value;
        if (name.Length == 0)
        {
            return $"The name of the {argument} is empty.";
        }
        if (name[0] != '-' || IsBehindDashes(token, parsed))
        {
            return null;
        }
        if (name == "-")
        {
            return $"Standard input can't be the {argument}, because it can be read only once; give a file.";
        }
        var meant = NearestOption(name, parsed.CommandResult.Command);
        return $"{parsed.CommandResult.Command.Name} has no option {name}{(meant is null ? "" : $" (did you mean {meant}?)")}; "
            + $"a file of that name is given as ./{name}, or behind --.";
    }

    /// <summary>Of the long ones; single letters are all alike.</summary>
    private static string? NearestOption(string name, Command command)
    {
        const string dashes = "--";
        var names = command.Options.SelectMany(NamesOf);
        return
            name.StartsWith(dashes, StringComparison.Ordinal)
            && NearestName.Of(
                name[dashes.Length..].Split('=')[0],
                names
                    .Where(each => each.StartsWith(dashes, StringComparison.Ordinal))
                    .Select(each => each[dashes.Length..])
            )
                is { } nearest
            ? dashes + nearest
            : null;
    }

    /// <summary>Everything behind <c>--</c> is a name.</summary>
    private static bool IsBehindDashes(Token token, ParseResult parsed) =>
        parsed
            .Tokens.SkipWhile(each => each.Type != TokenType.DoubleDash)
            .Any(each => ReferenceEquals(each, token));

    private static bool Found(string? sentence) => sentence is not null;
}
