using System.Text;

namespace EncodeFarm.Node.Reports;

/// <summary>Aligned columns of plain text: the same in a terminal, a pipe and a log.</summary>
/// <param name="headers">A header that begins with '&gt;' makes its column flush right.</param>
public sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows =
    [
        [.. headers.Select(header => header.TrimStart('>'))],
    ];

    public void Add(params string[] cells) => _rows.Add(cells);

    public IEnumerable<string> Lines(string indent = "")
    {
        var widths = headers.Select((_, column) => _rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in _rows)
        {
            var line = new StringBuilder(indent);
            for (var column = 0; column < headers.Length; column++)
            {
                var cell = row[column];
                var right = headers[column].StartsWith('>');
                line.Append(right ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
                line.Append("  ");
            }
            yield return line.ToString().TrimEnd();
        }
    }
}
