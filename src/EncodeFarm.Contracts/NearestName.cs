namespace EncodeFarm.Contracts;

/// <summary>Finds what somebody who mistyped a name probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate that differs least; null where none is near. A dotted candidate is also known by its last part.</summary>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var wanted = Fold(name);
        return candidates
            .Select(candidate => (Name: candidate, Distance: Distance(wanted, Fold(candidate))))
            .Where(pair => pair.Distance is not null)
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Name, StringComparer.Ordinal)
            .FirstOrDefault()
            .Name;
    }

    /// <summary>Null where the names have too little in common.</summary>
    private static int? Distance(string wanted, string candidate)
    {
        if (Near(wanted, candidate) is { } whole)
        {
            return whole;
        }
        return Near(LastPart(wanted), LastPart(candidate)) is { } part ? part + 1 : null;
    }

    /// <summary>
    /// The edits between them, of which one is a slip in 3 letters or 4, two in up to 8, and so on: with more, short names
    /// are near to everything (foo and log).
    /// </summary>
    private static int? Near(string a, string b)
    {
        var longest = Math.Max(a.Length, b.Length);
        var slips = longest < 3 ? 0 : (longest + 3) / 4;
        var edits = Edits(a, b);
        return edits <= slips ? edits : null;
    }

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static string Fold(string name) => name.ToLowerInvariant().Replace('-', '_');

    /// <summary>Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).</summary>
    private static int Edits(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            table[i, 0] = i;
        }
        for (var j = 0; j <= b.Length; j++)
        {
            table[0, j] = j;
        }
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = table[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                table[i, j] = Math.Min(replace, Math.Min(table[i - 1, j], table[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
                }
            }
        }
        return table[a.Length, b.Length];
    }
}
