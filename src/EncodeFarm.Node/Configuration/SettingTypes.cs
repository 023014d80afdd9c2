using System.Globalization;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;

namespace EncodeFarm.Node.Configuration;

/// <summary>The kinds of values that the schema is made of.</summary>
public static class SettingTypes
{
    /// <summary>Presets of x264 and x265, fastest first.</summary>
    private static readonly string[] PresetWords =
    [
        "ultrafast",
        "superfast",
        "veryfast",
        "faster",
        "fast",
        "medium",
        "slow",
        "slower",
        "veryslow",
        "placebo",
    ];

    public static SettingType<bool> Switch { get; } =
        new(
            "true or false",
            (text, out value) =>
            {
                value = text is "true" or "yes" or "on";
                return value || text is "false" or "no" or "off";
            }
        );

    public static SettingType<string> Text(string allowed) =>
        new(
            allowed,
            (text, out value) =>
            {
                value = text;
                return true;
            }
        );

    /// <summary>Absolute directories, separated by commas or, in files, as a YAML list; none is an empty list.</summary>
    public static SettingType<IReadOnlyList<string>> Paths { get; } =
        new(
            "a list of directories",
            (text, out value) =>
            {
                value = Split(text);
                return value.All(Path.IsPathFullyQualified);
            }
        );

    /// <summary>The same, and buckets or folders in them.</summary>
    public static SettingType<IReadOnlyList<string>> Places { get; } =
        new(
            "a list of directories and buckets (s3://bucket/folder)",
            (text, out value) =>
            {
                value = Split(text);
                return value.All(place => S3Address.Is(place) || Path.IsPathFullyQualified(place));
            }
        );

    /// <summary>An HTTP server, or auto for null.</summary>
    public static SettingType<Uri?> Server { get; } =
        new(
            "auto or http(s)://host:port",
            (text, out value) =>
                text == "auto"
                    ? (value = null) is null
                    : Uri.TryCreate(text, UriKind.Absolute, out value)
                        && value.Scheme is "http" or "https"
        );

    /// <summary>An encoder's own word: a number for SVT-AV1 and libvpx, a name for x264 and x265.</summary>
    public static SettingType<string> Preset { get; } =
        new(
            $"0..13 (AV1), 0..8 (VP9) or {PresetWords[0]}..{PresetWords[^1]} (H.264, H.265)",
            (text, out value) =>
            {
                value = text;
                return PresetWords.Contains(text) || IsWholeNumber(text, 0, 13);
            }
        );

    public static SettingType<CropSetting> Crop { get; } =
        new("auto, off or width:height:x:y with even numbers", TryParseCrop);

    /// <summary>bit/s, also as "128k" or "2M" (thousands, as ffmpeg counts them).</summary>
    public static SettingType<long> BitRate(long minimum, long maximum) =>
        new(
            $"{ShortRate(minimum)}..{ShortRate(maximum)}",
            (text, out value) =>
                TryParseScaled(text, [("k", 1e3), ("M", 1e6), ("", 1)], out value)
                && value >= minimum
                && value <= maximum
        );

    /// <summary>Bytes, also as "8GiB", "8G", "512MiB" (powers of 1024).</summary>
    public static SettingType<long> Bytes(long minimum) =>
        new(
            $"a size of at least {minimum >> 20} MiB, such as 8GiB",
            (text, out value) =>
                TryParseScaled(
                    text,
                    [
                        ("GiB", 1L << 30),
                        ("MiB", 1L << 20),
                        ("GB", 1L << 30),
                        ("MB", 1L << 20),
                        ("G", 1L << 30),
                        ("M", 1L << 20),
                        ("", 1),
                    ],
                    out value
                )
                && value >= minimum
        );

    public static SettingType<int> Whole(int minimum, int maximum) =>
        new(
            Range(minimum, maximum),
            (text, out value) =>
                int.TryParse(text, NumberStyles.AllowLeadingSign, null, out value)
                && value >= minimum
                && value <= maximum
        );

    public static SettingType<double> Number(double minimum, double maximum) =>
        new(
            Range(minimum, maximum),
            (text, out value) =>
                double.TryParse(
                    text,
                    NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                    null,
                    out value
                )
                && value >= minimum
                && value <= maximum
        );

    public static SettingType<IReadOnlyList<double>> Numbers(double minimum, double maximum)
    {
        var number = Number(minimum, maximum);
        return new(
            $"a list of numbers, each {number.Allowed}",
            (text, out value) =>
            {
                var parsed = Split(text)
                    .Select(part => number.TryParse(part, out var one) ? one : double.NaN)
                    .ToList();
                value = parsed;
                return !parsed.Exists(double.IsNaN) && parsed.Distinct().Count() == parsed.Count;
            }
        );
    }

    /// <summary>One or more of a node's roles.</summary>
    public static SettingType<NodeRoles> Roles { get; } =
        new(
            "one or more of coordinator, worker, store",
            (text, out value) =>
            {
                value = NodeRoles.None;
                foreach (var word in Split(text))
                {
                    if (!Enum.TryParse<NodeRoles>(word, ignoreCase: true, out var role))
                    {
                        return false;
                    }
                    value |= role;
                }
                return value != NodeRoles.None;
            }
        );

    public static SettingType<Labels> LabelSet { get; } = new(Labels.Allowed, Labels.TryParse);

    public static SettingType<T> OneOf<T>(params (string Word, T Value)[] choices) =>
        new(
            $"one of {string.Join(", ", choices.Select(choice => choice.Word))}",
            (text, out value) =>
            {
                var found = Array.FindIndex(choices, choice => choice.Word == text);
                value = found < 0 ? choices[0].Value : choices[found].Value;
                return found >= 0;
            }
        );

    /// <summary>A value, or <paramref name="word"/> for null ("auto", "none").</summary>
    public static SettingType<T?> Or<T>(this SettingType<T> type, string word)
        where T : struct =>
        new(
            $"{word} or {type.Allowed}",
            (text, out value) =>
            {
                var given = type.TryParse(text, out var parsed);
                value = given ? parsed : null;
                return given || text == word;
            }
        );

    /// <inheritdoc cref="Or{T}(SettingType{T}, string)"/>
    public static SettingType<string?> TextOr(string word, string allowed) =>
        new(
            $"{word} or {allowed}",
            (text, out value) =>
            {
                value = text == word ? null : text;
                return text.Length > 0;
            }
        );

    private static bool TryParseCrop(string text, out CropSetting value)
    {
        value = text == "off" ? CropSetting.Off : CropSetting.Automatic;
        if (text is "auto" or "off")
        {
            return true;
        }
        var numbers = text.Split(':')
            .Select(part => IsWholeNumber(part, 0, 65_536) ? int.Parse(part) : -1)
            .ToArray();
        if (numbers.Length != 4 || numbers.Any(number => number < 0 || number % 2 != 0))
        {
            return false;
        }
        value = new CropSetting(
            false,
            new CropRectangle(numbers[0], numbers[1], numbers[2], numbers[3])
        );
        return numbers[0] > 0 && numbers[1] > 0;
    }

    private static bool TryParseScaled(
        string text,
        (string Unit, double Factor)[] units,
        out long value
    )
    {
        value = 0;
        var (unit, factor) = units.First(candidate =>
            text.EndsWith(candidate.Unit, StringComparison.Ordinal)
        );
        var digits = text[..^unit.Length].TrimEnd();
        if (
            !double.TryParse(digits, NumberStyles.AllowDecimalPoint, null, out var number)
            || number * factor > long.MaxValue / 2
        )
        {
            return false;
        }
        value = (long)Math.Round(number * factor);
        return true;
    }

    private static bool IsWholeNumber(string text, int minimum, int maximum) =>
        Whole(minimum, maximum).TryParse(text, out _);

    /// <summary>Lists of YAML files come in lines, so that their entries may hold commas.</summary>
    private static IReadOnlyList<string> Split(string text) =>
        text.Split(
            text.Contains('\n') ? '\n' : ',',
            StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
        );

    private static string Range(double minimum, double maximum) => $"{minimum}..{maximum}";

    private static string ShortRate(long bitsPerSecond) =>
        bitsPerSecond % 1_000_000 == 0
            ? $"{bitsPerSecond / 1_000_000}M"
            : $"{bitsPerSecond / 1000}k";
}
