using System.Text.RegularExpressions;

namespace EncodeFarm.Pbm;

/// <summary>
/// Lines that are drawn over again and again. The node knew the terminal's width when it was asked; it may be another now,
/// and what is higher than the screen could not be taken back.
/// </summary>
public static partial class LiveBlock
{
    /// <param name="block">Whole lines, maybe with colours.</param>
    /// <returns>No line that is wrapped, and at most <paramref name="rows"/> - 1 of them.</returns>
    public static string Fit(string block, int columns, int rows)
    {
        var lines = block.Split('\n')[..^1];
        var room = Math.Max(1, rows - 1);
        var shown = lines.Length <= room ? lines : lines[..(room - 1)];
        var fitted = shown.Select(line => Cells.Cut(TrailingBlanks().Replace(line, "$1"), columns));
        return string.Concat(
            (
                lines.Length <= room
                    ? fitted
                    : fitted.Append(
                        Cells.Cut(
                            $"… {lines.Length - shown.Length} more lines: the screen is too low.",
                            columns
                        )
                    )
            ).Select(line => line + "\n")
        );
    }

    /// <summary>How many rows a block takes that was drawn when the terminal had another width.</summary>
    public static int Rows(string block, int columns) =>
        block
            .Split('\n')[..^1]
            .Sum(line =>
                Math.Max(1, (Cells.Of(Color().Replace(line, "")) + columns - 1) / columns)
            );

    /// <summary>A narrower terminal would wrap them.</summary>
    [GeneratedRegex(@" +((?:\e\[[0-9;]*m)*)$")]
    private static partial Regex TrailingBlanks();

    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Color();
}
