using System.Text;

namespace EncodeFarm.Node.Display;

/// <summary>Some lines at the end of a terminal that are drawn over and over, with messages passing above them.</summary>
public sealed class LiveRegion(TextWriter terminal)
{
    private readonly Lock _gate = new();
    private string _drawn = "";

    /// <param name="text">Whole lines, none wider than the terminal; empty takes the region away.</param>
    public void Draw(string text) => Write("", text);

    public void WriteAbove(string line)
    {
        lock (_gate)
        {
            Write(line + "\n", _drawn);
        }
    }

    private void Write(string above, string text)
    {
        lock (_gate)
        {
            if (above.Length == 0 && text == _drawn)
            {
                return;
            }
            var output = new StringBuilder();
            var lines = _drawn.Count(letter => letter == '\n');
            if (lines > 0)
            {
                // Cursor up to the region's first line, and erase from there to the end of the screen.
                output.Append($"\u001b[{lines}A\r\u001b[J");
            }
            terminal.Write(output.Append(above).Append(text));
            terminal.Flush();
            _drawn = text;
        }
    }
}
