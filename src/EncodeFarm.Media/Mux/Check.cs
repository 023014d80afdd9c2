namespace EncodeFarm.Media.Mux;

/// <summary>Makes single findings.</summary>
internal static class Check
{
    public static ValidationCheck Equal<T>(string name, T expected, T found)
        where T : notnull =>
        new(
            name,
            Convert.ToString(expected)!,
            Convert.ToString(found)!,
            EqualityComparer<T>.Default.Equals(expected, found)
        );

    /// <summary>Seconds or a ratio, within a tolerance.</summary>
    public static ValidationCheck Near(
        string name,
        double expected,
        double found,
        double tolerance
    ) =>
        new(
            name,
            $"{expected:0.000} (within {tolerance:0.000})",
            $"{found:0.000}",
            Math.Abs(expected - found) <= tolerance
        );
}
