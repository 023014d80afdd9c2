using System.Security.Cryptography;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Node.Jobs;

/// <summary>What is known of a job before its journal is opened.</summary>
public enum JobTrace
{
    /// <summary>It has never begun.</summary>
    None,

    /// <summary>It can go on.</summary>
    Begun,

    /// <summary>It was delivered, and what it delivered is still there.</summary>
    Delivered,

    /// <summary>It was delivered, but the outputs are gone or have become others.</summary>
    Stale,
}

/// <summary>
/// The folder of one job. Beside the journal lies a mark when the job has ended: its time says when, and its lines are
/// the sizes and SHA-256 of the delivered files in order, as the journal has them (none where the job failed; older ones
/// have the sizes alone).
/// </summary>
public sealed record JobDirectory(string Path)
{
    private const string Nothing = "gone";

    private string Mark => System.IO.Path.Combine(Path, "finished");

    /// <summary>When the job ended; null where it has not.</summary>
    public DateTimeOffset? FinishedAt => File.Exists(Mark) ? File.GetLastWriteTimeUtc(Mark) : null;

    /// <summary>What lies in buckets counts as it stands in the mark: see <see cref="BucketDestinations"/>.</summary>
    /// <param name="contents">Whether delivered files are read where their sizes are right: seconds for a large one.</param>
    public JobTrace Trace(IReadOnlyList<string> destinations, bool contents)
    {
        if (!Directory.Exists(Path))
        {
            return JobTrace.None;
        }
        if (!File.Exists(Mark))
        {
            return JobTrace.Begun;
        }
        var marks = File.ReadAllLines(Mark);
        if (marks.Length == 0)
        {
            return JobTrace.Begun;
        }
        return
            marks.Length == destinations.Count
            && marks.Zip(destinations).All(pair => IsAs(pair.First, pair.Second, contents))
            ? JobTrace.Delivered
            : JobTrace.Stale;
    }

    /// <param name="delivered">Null for a rendition that was left out.</param>
    public void MarkFinished(IEnumerable<Delivering?> delivered) =>
        File.WriteAllLines(
            Mark,
            delivered.Select(file => file is null ? Nothing : $"{file.SizeBytes} {file.Sha256}")
        );

    /// <summary>What the mark says of each output that was delivered, where it says the content.</summary>
    public IEnumerable<(string Destination, long Size, string Sha256)> Delivered(
        IReadOnlyList<string> destinations
    ) =>
        File.Exists(Mark)
            ? File.ReadAllLines(Mark)
                .Zip(destinations)
                .Select(pair => (pair.Second, Parts: pair.First.Split(' ')))
                .Where(pair => pair.Parts.Length == 2)
                .Select(pair => (pair.Second, long.Parse(pair.Parts[0]), pair.Parts[1]))
                .ToList()
            : [];

    /// <summary>The outputs are no longer what was delivered, as somebody has found who can ask the bucket.</summary>
    public void MarkStale() =>
        // One line more than there are outputs fits nothing.
        File.AppendAllLines(Mark, [Nothing]);

    private static bool IsAs(string mark, string path, bool contents)
    {
        if (S3Address.Is(path))
        {
            return true;
        }
        var file = new FileInfo(path);
        var (size, sha256) = mark.Split(' ') is [var first, var second]
            ? (first, second)
            : (mark, null);
        return size == Nothing
            || file.Exists
                && size == file.Length.ToString()
                && (!contents || sha256 is null || sha256 == HashOf(path));
    }

    /// <summary>Null where it can't be read, and nobody knows what is in it.</summary>
    private static string? HashOf(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
