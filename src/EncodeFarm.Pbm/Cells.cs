using System.Globalization;
using System.Text;

namespace EncodeFarm.Pbm;

/// <summary>Letters as people see them, and how many columns of a terminal they take.</summary>
public static class Cells
{
    /// <summary>Ranges of Unicode's EastAsianWidth.txt with W or F, drawn together where nothing else lies between.</summary>
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115f),
        (0x231a, 0x231b),
        (0x23e9, 0x23ec),
        (0x2614, 0x2615),
        (0x2648, 0x2653),
        (0x26a1, 0x26a1),
        (0x2705, 0x2705),
        (0x274c, 0x274c),
        (0x2e80, 0x303e),
        (0x3041, 0xa4cf),
        (0xa960, 0xa97f),
        (0xac00, 0xd7a3),
        (0xf900, 0xfaff),
        (0xfe30, 0xfe6f),
        (0xff00, 0xff60),
        (0xffe0, 0xffe6),
        (0x1f300, 0x1f64f),
        (0x1f680, 0x1f6ff),
        (0x1f900, 0x1f9ff),
        (0x1fa70, 0x1faff),
        (0x20000, 0x3fffd),
    ];

    /// <summary>Columns of a text without control characters.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        var cells = 0;
        while (text.Length > 0)
        {
            var length = StringInfo.GetNextTextElementLength(text);
            cells += OfLetter(text[..length]);
            text = text[length..];
        }
        return cells;
    }

    /// <summary>Where the letter begins that ends at <paramref name="at"/>; 0 at the beginning.</summary>
    public static int Before(string text, int at)
    {
        var begin = 0;
        while (Behind(text, begin) is var end && end < at)
        {
            begin = end;
        }
        return begin;
    }

    /// <summary>Where the letter ends that begins at <paramref name="at"/>; the length at the end.</summary>
    public static int Behind(string text, int at) =>
        at >= text.Length ? text.Length : at + StringInfo.GetNextTextElementLength(text.AsSpan(at));

    /// <summary>The first letters of a text that fit into so many columns. Colours (ESC [ … m) take none, and all of them stay.</summary>
    public static string Cut(string text, int columns)
    {
        var kept = new StringBuilder();
        for (int at = 0, end; at < text.Length; at = end)
        {
            if (text[at] == '\u001b')
            {
                end = text.IndexOf('m', at) is var close and >= 0 ? close + 1 : text.Length;
                kept.Append(text, at, end - at);
                continue;
            }
            end = Behind(text, at);
            columns -= OfLetter(text.AsSpan(at, end - at));
            if (columns >= 0)
            {
                kept.Append(text, at, end - at);
            }
        }
        return kept.ToString();
    }

    private static int OfLetter(ReadOnlySpan<char> letter)
    {
        // What follows the first rune only changes it: accents, variants, joined emoji.
        _ = Rune.DecodeFromUtf16(letter, out var rune, out _);
        return Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.NonSpacingMark
                    or UnicodeCategory.EnclosingMark
                    or UnicodeCategory.Format
                ? 0
            : Wide.Any(range => rune.Value >= range.First && rune.Value <= range.Last) ? 2
            : 1;
    }
}
