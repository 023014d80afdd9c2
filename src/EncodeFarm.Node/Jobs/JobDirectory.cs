using System.Globalization;
using EncodeFarm.Cluster.Artifacts;

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
/// the sizes of the delivered files in order (none where the job failed).
/// </summary>
public sealed record JobDirectory(string Path)
{
    private string Mark => System.IO.Path.Combine(Path, "finished");

    /// <summary>When the job ended; null where it has not.</summary>
    public DateTimeOffset? FinishedAt => File.Exists(Mark) ? File.GetLastWriteTimeUtc(Mark) : null;

    public JobTrace Trace(IReadOnlyList<string> destinations)
    {
        if (!Directory.Exists(Path))
        {
            return JobTrace.None;
        }
        if (!File.Exists(Mark))
        {
            return JobTrace.Begun;
        }
        var sizes = File.ReadAllLines(Mark);
        if (sizes.Length == 0)
        {
            return JobTrace.Begun;
        }
        return
            sizes.Length == destinations.Count
            && sizes
                .Zip(destinations)
                .All(pair => S3Address.Is(pair.Second) || pair.First == SizeOf(pair.Second))
            ? JobTrace.Delivered
            : JobTrace.Stale;
    }

    /// <param name="delivered">Bytes of each output, null where there is none; nothing for a job that failed.</param>
    public void MarkFinished(IEnumerable<long?> delivered) =>
        File.WriteAllLines(Mark, delivered.Select(Text));

    /// <summary>What lies in buckets is looked at by whoever can ask them: its length, or null where it is gone.</summary>
    /// <param name="index">Of the destination.</param>
    public void Compare(int index, long? bytes)
    {
        var sizes = File.Exists(Mark) ? File.ReadAllLines(Mark) : [];
        if (index < sizes.Length && sizes[index] != Text(bytes))
        {
            // One line more than there are outputs fits nothing.
            File.WriteAllLines(Mark, [.. sizes, Gone]);
        }
    }

    private const string Gone = "gone";

    private static string SizeOf(string path)
    {
        var file = new FileInfo(path);
        return Text(file.Exists ? file.Length : null);
    }

    private static string Text(long? bytes) =>
        bytes?.ToString(CultureInfo.InvariantCulture) ?? Gone;
}
