namespace EncodeFarm.Pbm;

/// <summary>A line that is being typed.</summary>
/// <param name="Cursor">0..length.</param>
/// <param name="Back">How far back in the history it was taken from; 0 for a line of its own.</param>
/// <param name="Draft">What was typed before going back.</param>
public sealed record EditedLine(string Text, int Cursor, int Back = 0, string Draft = "")
{
    public static readonly EditedLine Empty = new("", 0);

    public EditedLine Insert(string text) =>
        this with
        {
            Text = Text.Insert(Cursor, text),
            Cursor = Cursor + text.Length,
        };
}

/// <summary>What a key leads to beside the changed line.</summary>
public enum EditAction
{
    None,

    /// <summary>The line is to be run.</summary>
    Accept,

    /// <summary>The line is thrown away.</summary>
    Abandon,
    Complete,
    Clear,

    /// <summary>The conversation ends.</summary>
    End,
}

/// <summary>What a key does to a line, as shells do it. It knows no terminal.</summary>
public static class LineEditor
{
    /// <param name="history">Oldest first.</param>
    public static (EditedLine Line, EditAction Action) Press(
        EditedLine line,
        ConsoleKeyInfo key,
        IReadOnlyList<string> history
    )
    {
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        return key.Key switch
        {
            ConsoleKey.Enter => (line, EditAction.Accept),
            ConsoleKey.Tab => (line, EditAction.Complete),
            ConsoleKey.C when control => (line, EditAction.Abandon),
            ConsoleKey.D when control && line.Text.Length == 0 => (line, EditAction.End),
            ConsoleKey.L when control => (line, EditAction.Clear),
            ConsoleKey.W when control => (DeleteWord(line), EditAction.None),
            ConsoleKey.Backspace or ConsoleKey.H when control || key.Key == ConsoleKey.Backspace =>
                (line.Cursor == 0 ? line : Delete(line, Left(line), line.Cursor), EditAction.None),
            ConsoleKey.Delete or ConsoleKey.D when control || key.Key == ConsoleKey.Delete => (
                line.Cursor == line.Text.Length ? line : Delete(line, line.Cursor, Right(line)),
                EditAction.None
            ),
            ConsoleKey.LeftArrow when control => (To(line, WordBefore(line)), EditAction.None),
            ConsoleKey.RightArrow when control => (To(line, WordBehind(line)), EditAction.None),
            ConsoleKey.LeftArrow => (To(line, Left(line)), EditAction.None),
            ConsoleKey.RightArrow => (To(line, Right(line)), EditAction.None),
            ConsoleKey.B when control => (To(line, Left(line)), EditAction.None),
            ConsoleKey.F when control => (To(line, Right(line)), EditAction.None),
            ConsoleKey.Home => (To(line, 0), EditAction.None),
            ConsoleKey.A when control => (To(line, 0), EditAction.None),
            ConsoleKey.End => (To(line, line.Text.Length), EditAction.None),
            ConsoleKey.E when control => (To(line, line.Text.Length), EditAction.None),
            ConsoleKey.U when control => (Delete(line, 0, line.Cursor), EditAction.None),
            ConsoleKey.K when control => (
                Delete(line, line.Cursor, line.Text.Length),
                EditAction.None
            ),
            ConsoleKey.UpArrow => (Recall(line, line.Back + 1, history), EditAction.None),
            ConsoleKey.DownArrow => (Recall(line, line.Back - 1, history), EditAction.None),
            ConsoleKey.P when control => (Recall(line, line.Back + 1, history), EditAction.None),
            ConsoleKey.N when control => (Recall(line, line.Back - 1, history), EditAction.None),
            _ when !char.IsControl(key.KeyChar) => (
                line.Insert(key.KeyChar.ToString()),
                EditAction.None
            ),
            _ => (line, EditAction.None),
        };
    }

    private static int Left(EditedLine line) => Cells.Before(line.Text, line.Cursor);

    private static int Right(EditedLine line) => Cells.Behind(line.Text, line.Cursor);

    private static EditedLine To(EditedLine line, int cursor) =>
        line with
        {
            Cursor = Math.Clamp(cursor, 0, line.Text.Length),
        };

    private static EditedLine Delete(EditedLine line, int from, int to) =>
        line with
        {
            Text = line.Text.Remove(from, to - from),
            Cursor = from,
        };

    private static EditedLine DeleteWord(EditedLine line) =>
        Delete(line, WordBefore(line), line.Cursor);

    private static int WordBefore(EditedLine line)
    {
        var at = line.Cursor;
        while (at > 0 && line.Text[at - 1] == ' ')
        {
            at--;
        }
        while (at > 0 && line.Text[at - 1] != ' ')
        {
            at--;
        }
        return at;
    }

    private static int WordBehind(EditedLine line)
    {
        var at = line.Cursor;
        while (at < line.Text.Length && line.Text[at] == ' ')
        {
            at++;
        }
        while (at < line.Text.Length && line.Text[at] != ' ')
        {
            at++;
        }
        return at;
    }

    private static EditedLine Recall(EditedLine line, int back, IReadOnlyList<string> history)
    {
        if (back < 0 || back > history.Count)
        {
            return line;
        }
        var draft = line.Back == 0 ? line.Text : line.Draft;
        var text = back == 0 ? draft : history[^back];
        return new EditedLine(text, text.Length, back, draft);
    }
}
