using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>What an operator says of a worker, or what a job asks of one: <c>gpu=yes,rack=2</c>, each key once.</summary>
[JsonConverter(typeof(LabelsJson))]
public sealed record Labels
{
    /// <summary>Of a key and of a value: they stand in tables, logs and command lines.</summary>
    public const int LongestWord = 63;

    /// <summary>They travel in every heartbeat.</summary>
    public const int Most = 64;

    public const string Allowed =
        "key=value pairs, separated by commas, of letters, digits, dots, dashes and underscores";

    public static readonly Labels None = new(ImmutableSortedDictionary<string, string>.Empty);

    readonly ImmutableSortedDictionary<string, string> _pairs;

    Labels(ImmutableSortedDictionary<string, string> pairs) =>
        _pairs = pairs.WithComparers(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Pairs => _pairs;

    public bool IsEmpty => _pairs.IsEmpty;

    /// <summary>Whether each of the others is among these, with the same value.</summary>
    public bool Have(Labels needed) =>
        needed._pairs.All(pair => _pairs.GetValueOrDefault(pair.Key) == pair.Value);

    /// <summary>Those that are not among the others.</summary>
    public Labels Except(Labels others) =>
        new(
            _pairs.RemoveRange(
                _pairs
                    .Where(pair => others._pairs.GetValueOrDefault(pair.Key) == pair.Value)
                    .Select(pair => pair.Key)
            )
        );

    /// <summary>A key that is both removed and set is set.</summary>
    public Labels With(LabelChange change) =>
        new(_pairs.RemoveRange(change.Remove).SetItems(change.Set._pairs));

    /// <param name="text">Pairs, separated by commas or line ends; empty is none.</param>
    /// <returns>False where it is not <see cref="Allowed"/>, or a key comes twice.</returns>
    public static bool TryParse(string text, out Labels labels)
    {
        labels = None;
        var pairs = text.Split(
                [',', '\n'],
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            )
            .Select(pair => pair.Split('='))
            .ToList();
        var fits =
            pairs.Count <= Most
            && pairs.All(pair => pair.Length == 2 && pair.All(IsWord))
            && pairs.DistinctBy(pair => pair[0]).Count() == pairs.Count;
        if (fits)
        {
            labels = new Labels(
                pairs.ToImmutableSortedDictionary(
                    pair => pair[0],
                    pair => pair[1],
                    StringComparer.Ordinal
                )
            );
        }
        return fits;
    }

    /// <exception cref="FormatException">It is not <see cref="Allowed"/>.</exception>
    public static Labels Parse(string text) =>
        TryParse(text, out var labels)
            ? labels
            : throw new FormatException($"'{text}' is not of the form {Allowed}.");

    public static bool IsWord(string text) =>
        text.Length is > 0 and <= LongestWord
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    public bool Equals(Labels? other) =>
        other is not null && (_pairs == other._pairs || _pairs.SequenceEqual(other._pairs));

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(ToString());

    /// <summary><c>gpu=yes,rack=2</c>, by key.</summary>
    public override string ToString() =>
        string.Join(',', _pairs.Select(pair => $"{pair.Key}={pair.Value}"));
}

/// <summary>Another value for some keys, and others removed.</summary>
public sealed record LabelChange(Labels Set, ImmutableArray<string> Remove);

/// <summary>The labels of a running worker, which change while it runs. Safe from any thread.</summary>
public sealed class LabelBoard(Labels first)
{
    Labels _now = first;

    public Labels Now => Volatile.Read(ref _now);

    public void Change(LabelChange change)
    {
        Labels before;
        do
        {
            before = Now;
        } while (Interlocked.CompareExchange(ref _now, before.With(change), before) != before);
    }
}

/// <summary>As one text.</summary>
sealed class LabelsJson : JsonConverter<Labels>
{
    public override Labels Read(
        ref Utf8JsonReader reader,
        Type type,
        JsonSerializerOptions options
    ) =>
        reader.TokenType == JsonTokenType.String
        && Labels.TryParse(reader.GetString()!, out var labels)
            ? labels
            : throw new JsonException($"Labels are {Labels.Allowed}.");

    public override void Write(
        Utf8JsonWriter writer,
        Labels value,
        JsonSerializerOptions options
    ) => writer.WriteStringValue(value.ToString());
}
