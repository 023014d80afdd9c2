namespace EncodeFarm.Pbm;

/// <summary>How a line that is being typed looks: always one row, of which a long line shows the part at the cursor.</summary>
public static class LineScreen
{
    /// <param name="hint">What could come next; shown dimmed where there is room.</param>
    /// <returns>What to send to the terminal.</returns>
    public static string Draw(string prompt, EditedLine line, string? hint, int width, bool color)
    {
        var room = Math.Max(1, width - prompt.Length - 1);
        var from = Math.Max(0, line.Cursor - room);
        var shown = line.Text[from..Math.Min(line.Text.Length, from + room)];
        var left = room - shown.Length - 1;
        var dimmed =
            color && hint is not null && line.Cursor == line.Text.Length && left > 3
                ? $"\u001b[2m{(hint.Length <= left ? hint : hint[..(left - 1)] + "…")}\u001b[0m"
                : "";
        var column = prompt.Length + line.Cursor - from;
        // Back to the margin, the row anew, the rest of the row erased, and forward to the cursor's column.
        return $"\r{prompt}{shown}{dimmed}\u001b[K\r{(column > 0 ? $"\u001b[{column}C" : "")}";
    }
}
