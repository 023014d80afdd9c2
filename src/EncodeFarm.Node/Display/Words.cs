using System.Text;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Display;

/// <summary>Figures as people read them. What is not known is a dash.</summary>
public static class Words
{
    public const string Unknown = "–";

    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>"24" or "23.976" of "24/1" and "24000/1001".</summary>
    public static string Rate(string fraction) =>
        Rational.TryParse(fraction, out var rate) ? rate.Value.ToString("0.###") : fraction;

    /// <summary>"1h02m03s", "2m03s", "3s".</summary>
    public static string Time(TimeSpan? time)
    {
        if (time is not { } known)
        {
            return Unknown;
        }
        var seconds = (long)Math.Round(Math.Max(0, known.TotalSeconds));
        var (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        return seconds switch
        {
            >= 3600 => $"{hours}h{minutes:00}m{seconds % 60:00}s",
            >= 60 => $"{minutes}m{seconds % 60:00}s",
            _ => $"{seconds}s",
        };
    }

    /// <summary>Powers of 1024 with three digits: "1.50 MiB".</summary>
    public static string Bytes(long? bytes)
    {
        if (bytes is not { } known)
        {
            return Unknown;
        }
        var unit = 0;
        double value = known;
        while (value >= 1000 && unit < ByteUnits.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        var digits =
            unit == 0 || value >= 100 ? 0
            : value >= 10 ? 1
            : 2;
        return $"{value.ToString($"F{digits}")} {ByteUnits[unit]}";
    }

    public static string Percent(double? fraction) =>
        fraction is { } known ? $"{Math.Floor(known * 100):0} %" : Unknown;

    public static string Number(double? value, int digits) =>
        value?.ToString($"F{digits}") ?? Unknown;

    /// <summary>"1 segment", "2 segments".</summary>
    public static string Count(int count, string what) =>
        count == 1 ? $"1 {what}" : $"{count} {what}s";

    /// <summary>A file name on one line: control characters, which a name may hold, become visible marks.</summary>
    public static string Name(string name)
    {
        if (!name.Any(char.IsControl))
        {
            return name;
        }
        var shown = new StringBuilder();
        foreach (var letter in name)
        {
            // U+2400 is the picture of NUL; the pictures of the other control characters follow in their order.
            shown.Append(
                letter < ' ' ? (char)('\u2400' + letter)
                : char.IsControl(letter) ? '\ufffd'
                : letter
            );
        }
        return shown.ToString();
    }
}
