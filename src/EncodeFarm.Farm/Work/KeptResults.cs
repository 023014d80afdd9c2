using System.Text;
using System.Text.Json;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Work;

/// <summary>
/// Finished results on the worker's disk, record and encoded file, until the coordinator has journaled them: a result
/// outlives the worker, the broker, the store and the coordinator.
/// </summary>
/// <param name="root">Directory with a folder for each video.</param>
public sealed class KeptResults(string root)
{
    /// <summary>Where the encoded file of an attempt waits for the store.</summary>
    public string FileOf(string video, string attempt) =>
        Path.Combine(root, video, "results", $"{attempt}.encoded");

    /// <summary>Takes an encoded file over. Durable when it returns.</summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public string KeepFile(string video, string attempt, string encoded)
    {
        var path = FileOf(video, attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Publish(encoded, path);
        return path;
    }

    public void Keep(AttemptResult result)
    {
        var path = RecordOf(result.Video, result.Attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var data = FarmCodecs.Wire.Write(new ResultMessage(result));
        DurableFile.Write(path, Encoding.UTF8.GetBytes($"{data.Type}\n{data.Json}"));
    }

    public void Forget(string video, string attempt)
    {
        if (Directory.Exists(Path.Combine(root, video, "results")))
        {
            File.Delete(RecordOf(video, attempt));
            File.Delete(FileOf(video, attempt));
        }
    }

    /// <summary>What an earlier process has left for these videos (null: for all). Files that can't be read are skipped: their segments run again.</summary>
    public IReadOnlyList<AttemptResult> Load(IReadOnlyList<string>? videos)
    {
        if (!Directory.Exists(root))
        {
            return [];
        }
        var folders = videos is null
            ? Directory.EnumerateDirectories(root)
            : videos.Select(video => Path.Combine(root, video));
        return
        [
            .. folders
                .Select(folder => Path.Combine(folder, "results"))
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.json"))
                .Order(StringComparer.Ordinal)
                .Select(Read)
                .OfType<AttemptResult>(),
        ];
    }

    /// <summary>Encoded files in a video's folder whose record never came to be: their attempts count as lost.</summary>
    public IReadOnlyList<string> Unrecorded(string folder)
    {
        var results = Path.Combine(folder, "results");
        return Directory.Exists(results)
            ?
            [
                .. Directory
                    .EnumerateFiles(results, "*.encoded")
                    .Where(file => !File.Exists(Path.ChangeExtension(file, ".json"))),
            ]
            : [];
    }

    static AttemptResult? Read(string path)
    {
        try
        {
            var parts = File.ReadAllText(path).Split('\n', 2);
            return FarmCodecs.Wire.Read(new EventData(parts[0], parts[1])) is ResultMessage message
                ? message.Result
                : null;
        }
        catch (Exception error)
            when (error
                    is IOException
                        or UnauthorizedAccessException
                        or JsonException
                        or IndexOutOfRangeException
            )
        {
            return null;
        }
    }

    string RecordOf(string video, string attempt) =>
        Path.Combine(root, video, "results", $"{attempt}.json");
}
