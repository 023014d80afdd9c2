using System.Globalization;

namespace EncodeFarm.Contracts;

/// <summary>Durations as people write them: 500ms, 5s, 5m, 1h, 1d.</summary>
public static class Durations
{
    private static readonly (string Unit, double Seconds)[] Units =
    [
        ("ms", 0.001),
        ("s", 1),
        ("m", 60),
        ("h", 3600),
        ("d", 86_400),
    ];

    /// <returns>Null where it is none, or is not positive, or is longer than 1000 days.</returns>
    public static TimeSpan? Parse(string text)
    {
        var (unit, seconds) = Units.FirstOrDefault(known =>
            text.EndsWith(known.Unit, StringComparison.Ordinal)
        );
        if (
            unit is null
            || !double.TryParse(
                text[..^unit.Length],
                NumberStyles.AllowDecimalPoint,
                null,
                out var number
            )
        )
        {
            return null;
        }
        var total = number * seconds;
        return total is > 0 and <= 1000 * 86_400d ? TimeSpan.FromSeconds(total) : null;
    }
}
