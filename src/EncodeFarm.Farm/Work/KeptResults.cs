using System.Text;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Work;

/// <summary>
/// Finished results on the worker's disk, until the coordinator has journaled them: a result outlives the worker, the
/// broker and the coordinator.
/// </summary>
/// <param name="root">Directory with a folder for each video.</param>
public sealed class KeptResults(string root)
{
    public void Keep(AttemptResult result)
    {
        var path = PathOf(result.Video, result.Attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var data = FarmCodecs.Wire.Write(new ResultMessage(result));
        DurableFile.Write(path, Encoding.UTF8.GetBytes($"{data.Type}\n{data.Json}"));
    }

    public void Forget(string video, string attempt) => File.Delete(PathOf(video, attempt));

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
            when (error is IOException or System.Text.Json.JsonException or IndexOutOfRangeException
            )
        {
            return null;
        }
    }

    string PathOf(string video, string attempt) =>
        Path.Combine(root, video, "results", $"{attempt}.json");
}
