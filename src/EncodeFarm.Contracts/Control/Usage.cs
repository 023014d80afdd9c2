using System.Text;

namespace EncodeFarm.Contracts.Control;

/// <summary>The accepted form of a command, and help.</summary>
public static class Usage
{
    /// <summary><c>encode submit &lt;source…&gt; [-p &lt;profile&gt;] [--watch]</c></summary>
    public static string Of(string palette, CommandDefinition command) =>
        string.Join(' ', [palette, command.Name, .. command.Arguments.Select(Form)]);

    public static string Form(ArgumentDefinition argument)
    {
        var more = argument.Repeats ? "…" : "";
        var form = argument switch
        {
            { Positional: true } => $"<{argument.Name}{more}>",
            { Flag: true } => argument.Switches![0],
            _ => $"{argument.Switches![0]} <{argument.Name}>{more}",
        };
        return argument.Mandatory ? form : $"[{form}]";
    }

    /// <summary>Help on everything, on a palette, or on a command.</summary>
    public static (IReadOnlyList<string> Lines, Problem? Error) Help(
        IReadOnlyList<PaletteDefinition> palettes,
        IReadOnlyList<string> words
    )
    {
        if (words.Count == 0)
        {
            return (
                Table(palettes.Select(palette => (palette.Name, palette.Description)))
                    .Append("")
                    .Append("help <palette>, help <palette> <command> tell more.")
                    .ToList(),
                null
            );
        }
        if (palettes.FirstOrDefault(palette => palette.Name == words[0]) is not { } found)
        {
            return ([], CommandParser.Parse(palettes, [words[0]]).Error);
        }
        if (words.Count == 1)
        {
            return (
                [
                    $"{found.Name}: {found.Description}",
                    "",
                    .. Table(
                        found.Commands.Select(command =>
                            (Of(found.Name, command), command.Description)
                        )
                    ),
                ],
                null
            );
        }
        return found.Commands.FirstOrDefault(command => command.Name == words[1]) is { } one
            ? (Of(found, one), null)
            : ([], CommandParser.Parse(palettes, [words[0], words[1]]).Error);
    }

    private static IReadOnlyList<string> Of(PaletteDefinition palette, CommandDefinition command)
    {
        var lines = new List<string> { Of(palette.Name, command), "", command.Description };
        if (command.Arguments.Count > 0)
        {
            lines.Add("");
            lines.AddRange(
                Table(command.Arguments.Select(argument => (Named(argument), Meaning(argument))))
            );
        }
        return lines;
    }

    private static string Named(ArgumentDefinition argument) =>
        argument.Positional ? $"<{argument.Name}>"
        : argument.Flag ? string.Join(", ", argument.Switches!)
        : $"{string.Join(", ", argument.Switches!)} <{argument.Name}>";

    private static string Meaning(ArgumentDefinition argument)
    {
        var text = new StringBuilder(argument.Description);
        if (argument.Offers is { Count: > 0 })
        {
            text.Append($" One of {string.Join(", ", argument.Offers)}.");
        }
        if (argument.Default is not null)
        {
            text.Append($" Otherwise {argument.Default}.");
        }
        return text.ToString();
    }

    /// <summary>Long names have their meaning on the next line.</summary>
    private static IEnumerable<string> Table(IEnumerable<(string Name, string Meaning)> rows)
    {
        const int Widest = 36;
        var all = rows.ToList();
        var width = all.Select(row => row.Name.Length).Where(length => length <= Widest).Max(0);
        foreach (var (name, meaning) in all)
        {
            if (name.Length > width)
            {
                yield return $"  {name}";
                yield return $"  {new string(' ', width)}  {meaning}";
            }
            else
            {
                yield return $"  {name.PadRight(width)}  {meaning}";
            }
        }
    }

    private static int Max(this IEnumerable<int> numbers, int least) =>
        numbers.Aggregate(least, Math.Max);
}
