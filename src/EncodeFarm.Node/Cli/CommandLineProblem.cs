using System.CommandLine;
using System.CommandLine.Parsing;
using EncodeFarm.Contracts;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Cli;

/// <summary>
/// What the parser lets pass but nobody can have meant: an unknown option that it takes for a file's name, and empty
/// words (an unset variable of a script).
/// </summary>
public static class CommandLineProblem
{
    /// <returns>A sentence; null where there is none.</returns>
    public static string? In(ParseResult parsed) =>
        parsed.CommandResult.Children.Select(part => Of(part, parsed)).FirstOrDefault(Found);

    private static string? Of(SymbolResult part, ParseResult parsed) =>
        part switch
        {
            ArgumentResult argument => argument
                .Tokens.Select(token => OfName(argument.Argument.Name, token, parsed))
                .FirstOrDefault(Found),
            OptionResult option when option.Tokens.Any(token => token.Value.Length == 0) =>
                $"{option.IdentifierToken?.Value ?? option.Option.Name} is empty: give it a value, or leave it out.",
            _ => null,
        };

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
        var names = command.Options.SelectMany(option => option.Aliases.Append(option.Name));
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
