using System.Text.Json;
using System.Text.Json.Serialization;

namespace EncodeFarm.Media.Tools.Locate;

/// <summary>
/// Remembers a tool set for as long as no file that it was made from changes, so that a start asks no program.
/// </summary>
internal static class ToolCache
{
    private const string FileName = "tools.json";

    /// <summary>Raised when a tool set holds something that an older cache has not.</summary>
    private const int Format = 1;

    /// <summary>The remembered tool set; null when there is none, or a file has changed.</summary>
    internal static ToolSet? Read(string? directory, ToolPlaces places)
    {
        try
        {
            if (directory is null)
                return null;
            var bytes = File.ReadAllBytes(Path.Combine(directory, FileName));
            var content = JsonSerializer.Deserialize(bytes, ToolCacheJson.Default.ToolCacheContent);
            return
                content is { Format: Format }
                && content.Places.SequenceEqual(Describe(places))
                && content.Files.All(file => Stamp(file.Key) == file.Value)
                ? content.Tools
                : null;
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Remembers; where that is not possible the next start only takes longer.</summary>
    internal static void Write(
        string? directory,
        ToolPlaces places,
        IEnumerable<string> files,
        ToolSet tools
    )
    {
        if (directory is null)
            return;
        var stamps = places
            .All.Where(place => place.Usable)
            .Select(place => place.Path!)
            .Concat(files)
            .Distinct()
            .ToDictionary(file => file, Stamp);
        var content = new ToolCacheContent(Format, Describe(places), stamps, tools);
        try
        {
            Directory.CreateDirectory(directory);
            var target = Path.Combine(directory, FileName);
            var temporary = $"{target}.{Environment.ProcessId}";
            File.WriteAllBytes(
                temporary,
                JsonSerializer.SerializeToUtf8Bytes(content, ToolCacheJson.Default.ToolCacheContent)
            );
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        { }
    }

    // A tool that was missing may be there now, so missing ones are part of it.
    private static string[] Describe(ToolPlaces places) =>
        [
            .. places.All.Select(place => $"{place.Name}={place.Path}|{place.Problem}"),
            $"LD_LIBRARY_PATH={Environment.GetEnvironmentVariable("LD_LIBRARY_PATH")}",
        ];

    private static string Stamp(string path)
    {
        var link = new FileInfo(path);
        var file = (FileInfo)(link.ResolveLinkTarget(returnFinalTarget: true) ?? link);
        return file.Exists
            ? $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"
            : "missing";
    }
}

/// <param name="Files">The files that the tool set depends on, and their stamps.</param>
internal sealed record ToolCacheContent(
    int Format,
    string[] Places,
    Dictionary<string, string> Files,
    ToolSet Tools
);

[JsonSerializable(typeof(ToolCacheContent))]
internal sealed partial class ToolCacheJson : JsonSerializerContext;
