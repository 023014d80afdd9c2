using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Reads what ffprobe, mediainfo and mkvmerge print: numbers as strings, fields that may be missing.</summary>
internal static class ProbeJson
{
    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json.Length == 0 ? "{}" : json);
        return document.RootElement.Clone();
    }

    public static JsonElement? Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
            ? value
            : null;

    /// <summary>The items of an array member; none where it is missing.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } array
            ? array.EnumerateArray()
            : [];

    /// <summary>Null where the member is missing, empty, or says that it is unknown.</summary>
    public static string? Text(this JsonElement element, string name)
    {
        var text = element.Member(name)?.ToString();
        return text is null or "" or "N/A" or "unknown" or "unspecified" or "reserved"
            ? null
            : text;
    }

    public static long? Integer(this JsonElement element, string name) =>
        long.TryParse(element.Text(name), out var value) ? value : null;

    public static double? Number(this JsonElement element, string name) =>
        double.TryParse(element.Text(name), out var value) ? value : null;

    /// <summary>A fraction above zero ("24000/1001", "16:11"); null for "0/0" and the like.</summary>
    public static Rational? Ratio(this JsonElement element, string name) =>
        Rational.TryParse(element.Text(name), out var value)
        && value is { Numerator: > 0, Denominator: > 0 }
            ? value
            : null;

    /// <summary>A tag of a stream, chapter or file; containers disagree about upper and lower case.</summary>
    public static string? Tag(this JsonElement element, string name)
    {
        if (element.Member("tags") is not { ValueKind: JsonValueKind.Object } tags)
        {
            return null;
        }
        foreach (var tag in tags.EnumerateObject())
        {
            if (tag.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return tag.Value.ToString() is { Length: > 0 } value ? value : null;
            }
        }
        return null;
    }

    public static IReadOnlyList<string> Dispositions(this JsonElement stream) =>
        stream.Member("disposition") is { ValueKind: JsonValueKind.Object } flags
            ? [.. flags.EnumerateObject().Where(f => f.Value.ToString() == "1").Select(f => f.Name)]
            : [];

    /// <summary>The first side data entry whose type contains <paramref name="type"/>.</summary>
    public static JsonElement? SideData(this JsonElement element, string type)
    {
        foreach (var entry in element.Items("side_data_list"))
        {
            if (
                entry.Text("side_data_type")?.Contains(type, StringComparison.OrdinalIgnoreCase)
                == true
            )
            {
                return entry;
            }
        }
        return null;
    }
}
