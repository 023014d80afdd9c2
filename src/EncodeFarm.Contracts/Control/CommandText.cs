using System.Text;

namespace EncodeFarm.Contracts.Control;

/// <summary>A line that somebody typed, in its parts.</summary>
/// <param name="Redirect">The file behind &gt; or &gt;&gt;; null where the output stays here.</param>
/// <param name="Append">It was &gt;&gt;.</param>
/// <param name="Error">Why the line can't be understood.</param>
public sealed record CommandText(
    IReadOnlyList<string> Words,
    string? Redirect = null,
    bool Append = false,
    string? Error = null
)
{
    /// <summary>Splits at blanks; quotes of both kinds and backslashes work as in a shell. Nothing is ever expanded.</summary>
    public static CommandText Parse(string line)
    {
        var (tokens, error) = Split(line);
        if (error is not null)
        {
            return new CommandText([], Error: error);
        }
        var sign = tokens.FindIndex(token => token is { Quoted: false, Text: ">" or ">>" });
        if (sign < 0)
        {
            return new CommandText([.. tokens.Select(token => token.Text)]);
        }
        return sign == tokens.Count - 2
            ? new CommandText(
                [.. tokens.Take(sign).Select(token => token.Text)],
                tokens[^1].Text,
                tokens[sign].Text == ">>"
            )
            : new CommandText([], Error: "Behind > stands the name of one file, and nothing else.");
    }

    private static (List<(string Text, bool Quoted)> Tokens, string? Error) Split(string line)
    {
        var tokens = new List<(string, bool)>();
        var word = new StringBuilder();
        var (begun, quoted) = (false, false);
        char? quote = null;

        void End()
        {
            if (begun)
            {
                tokens.Add((word.ToString(), quoted));
            }
            word.Clear();
            (begun, quoted) = (false, false);
        }

        for (var at = 0; at < line.Length; at++)
        {
            var letter = line[at];
            if (quote is not null)
            {
                if (letter == quote)
                {
                    quote = null;
                }
                else if (letter == '\\' && quote == '"' && at + 1 < line.Length)
                {
                    word.Append(line[++at]);
                }
                else
                {
                    word.Append(letter);
                }
            }
            else if (letter is '"' or '\'')
            {
                (quote, begun, quoted) = (letter, true, true);
            }
            else if (letter == '\\' && at + 1 < line.Length)
            {
                word.Append(line[++at]);
                (begun, quoted) = (true, true);
            }
            else if (char.IsWhiteSpace(letter))
            {
                End();
            }
            else if (letter == '>' && !begun)
            {
                var two = at + 1 < line.Length && line[at + 1] == '>';
                tokens.Add((two ? ">>" : ">", false));
                at += two ? 1 : 0;
            }
            else
            {
                word.Append(letter);
                begun = true;
            }
        }
        if (quote is not null)
        {
            return ([], $"There is a {quote} without an end.");
        }
        End();
        return (tokens, null);
    }
}
