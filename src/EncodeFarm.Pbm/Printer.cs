using System.Text;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Pbm;

/// <summary>Shows the lines of a reply: text for people, or the JSON values alone.</summary>
/// <param name="color">Marks on <paramref name="output"/> may be coloured.</param>
/// <param name="errorColor">Those on <paramref name="error"/>, which may be another terminal or a file.</param>
/// <param name="screen">Columns and rows of the terminal <paramref name="output"/>, now; null where it is none, and nothing can be drawn over.</param>
public sealed class Printer(
    TextWriter output,
    TextWriter error,
    bool json,
    bool color,
    bool errorColor,
    Func<(int Columns, int Rows)>? screen
)
{
    /// <summary>As it stands on the screen, fitted to it.</summary>
    private string _live = "";

    public bool Color => color;

    public bool ShowsBars => screen is not null;

    public void Print(ControlLine line)
    {
        if (line.Problem is { } problem)
        {
            Print(problem);
            return;
        }
        if (json)
        {
            if (line.Json is { } value)
            {
                output.WriteLine(value.GetRawText());
            }
            return;
        }
        if (line.Text is { } text)
        {
            WriteAbove(Painted(Safe.Line(text), color) + "\n");
        }
        if (line.Live is { } live && screen is not null)
        {
            var (columns, rows) = screen();
            Draw(LiveBlock.Fit(Safe.Block(live), columns, rows));
        }
    }

    /// <summary>Where errors go: a sentence, or in JSON one value.</summary>
    public void Print(Problem problem)
    {
        EndLive();
        error.WriteLine(
            json
                ? ContractsJson.Write(problem)
                : Painted($"✗ {Safe.Line(Safe.Short(problem.Sentence()))}", errorColor)
        );
    }

    /// <summary>What was drawn stays on the screen; later lines come below it.</summary>
    public void EndLive() => _live = "";

    private void WriteAbove(string text)
    {
        var live = _live;
        Erase();
        output.Write(text);
        Draw(live);
    }

    private void Draw(string block)
    {
        if (block == _live)
        {
            return;
        }
        Erase();
        output.Write(block);
        _live = block;
    }

    /// <summary>Cursor up to the block's first line, and erase from there to the end of the screen.</summary>
    private void Erase()
    {
        var lines = _live.Length == 0 ? 0 : LiveBlock.Rows(_live, screen!().Columns);
        if (lines > 0)
        {
            output.Write($"\u001b[{lines}A\r\u001b[J");
        }
        _live = "";
    }

    private static string Painted(string line, bool color)
    {
        var paint = line.AsSpan().TrimStart() switch
        {
            ['✓', ..] => 32,
            ['⚠', ..] => 33,
            ['✗', ..] => 31,
            _ => 0,
        };
        var mark = paint == 0 ? 0 : line.Length - line.TrimStart().Length;
        return color && paint != 0
            ? $"{line[..mark]}\u001b[{paint}m{line[mark]}\u001b[0m{line[(mark + 1)..]}"
            : line;
    }
}

/// <summary>What comes from the network must not drive the terminal.</summary>
public static class Safe
{
    /// <summary>Longer than most paths.</summary>
    private const int LongestWord = 400;

    /// <summary>Control characters become visible marks.</summary>
    public static string Line(string text) => Keep(text, (_, _) => 0);

    /// <summary>A sentence repeats what was typed: words that nobody could read are cut.</summary>
    public static string Short(string sentence) =>
        string.Join(
            ' ',
            sentence
                .Split(' ')
                .Select(word => word.Length <= LongestWord ? word : $"{word[..LongestWord]}…")
        );

    /// <summary>Line ends and colours stay.</summary>
    public static string Block(string text) =>
        Keep(text, (all, at) => all[at] == '\n' ? 1 : ColorAt(all, at));

    /// <param name="keeps">How many characters from here on are kept as they are, where the first is a control character.</param>
    private static string Keep(string text, Func<string, int, int> keeps)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }
        var safe = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (!char.IsControl(text[at]))
            {
                safe.Append(text[at]);
                continue;
            }
            var kept = keeps(text, at);
            if (kept > 0)
            {
                safe.Append(text, at, kept);
                at += kept - 1;
            }
            else
            {
                // U+2400 is the picture of NUL; the pictures of the other control characters follow in their order.
                safe.Append(
                    text[at] == '\t' ? ' '
                    : text[at] < ' ' ? (char)('\u2400' + text[at])
                    : '\ufffd'
                );
            }
        }
        return safe.ToString();
    }

    /// <summary>Length of a colour sequence, ESC [ digits and semicolons m; 0 where there is none.</summary>
    private static int ColorAt(string text, int at)
    {
        if (text[at] != '\u001b' || at + 1 >= text.Length || text[at + 1] != '[')
        {
            return 0;
        }
        var end = at + 2;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == ';'))
        {
            end++;
        }
        return end < text.Length && text[end] == 'm' ? end - at + 1 : 0;
    }
}
