namespace EncodeFarm.Pbm;

/// <summary>What a word may become, in rows that break between words.</summary>
public static class Candidates
{
    private const string Gap = "  ";

    public static IEnumerable<string> Rows(IReadOnlyList<string> words, int columns)
    {
        var row = "";
        foreach (var word in words)
        {
            if (row.Length > 0 && Cells.Of(row) + Gap.Length + Cells.Of(word) > columns)
            {
                yield return row;
                row = "";
            }
            row = row.Length == 0 ? word : row + Gap + word;
        }
        yield return row;
    }
}
