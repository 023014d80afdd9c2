namespace EncodeFarm.Media.Model;

/// <summary>An exact fraction, as ffmpeg writes time bases and frame rates ("1001/24000").</summary>
public readonly record struct Rational(long Numerator, long Denominator)
{
    public double Value => (double)Numerator / Denominator;

    public Rational Inverse => new(Denominator, Numerator);

    /// <summary>Parses "num/den" or "num:den"; false for anything else and for a denominator of 0.</summary>
    public static bool TryParse(string? text, out Rational value)
    {
        value = default;
        var parts = text?.Split('/', ':');
        if (
            parts is not { Length: 2 }
            || !long.TryParse(parts[0], out var numerator)
            || !long.TryParse(parts[1], out var denominator)
            || denominator == 0
        )
        {
            return false;
        }
        value = new Rational(numerator, denominator);
        return true;
    }

    public override string ToString() => $"{Numerator}/{Denominator}";
}
