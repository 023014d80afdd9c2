namespace EncodeFarm.Pbm;

/// <summary>How a line that is being typed looks: always one row, of which a long line shows the part at the cursor.</summary>
public static class LineScreen
{
    /// <summary>A narrower terminal gets a short prompt.</summary>
    private const int LeastRoom = 24;

    /// <param name="hint">What could come next; shown where there is room, dimmed or else in parentheses.</param>
    /// <returns>What to send to the terminal.</returns>
    public static string Draw(string prompt, EditedLine line, string? hint, int width, bool color)
    {
        if (width < prompt.Length + LeastRoom)
        {
            prompt = "> ";
        }
        var room = Math.Max(1, width - prompt.Length - 1);
        var from = 0;
        while (Cells.Of(line.Text.AsSpan(from, line.Cursor - from)) > room)
        {
            from = Cells.Behind(line.Text, from);
        }
        var shown = Cells.Cut(line.Text[from..], room);
        var left = room - Cells.Of(shown) - 1;
        var hinted =
            hint is null || line.Cursor < line.Text.Length || left <= 3 ? ""
            : color ? $"\u001b[2m{Cut(hint, left)}\u001b[0m"
            : $"({Cut(hint, left - 2)})";
        var column = prompt.Length + Cells.Of(line.Text.AsSpan(from, line.Cursor - from));
        // Back to the margin, the row anew, the rest of the row erased, and forward to the cursor's column.
        return $"\r{prompt}{shown}{hinted}\u001b[K\r{(column > 0 ? $"\u001b[{column}C" : "")}";
    }

    private static string Cut(string hint, int room) =>
        hint.Length <= room ? hint : hint[..(room - 1)] + "…";
}
